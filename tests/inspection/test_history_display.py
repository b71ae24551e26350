"""The display of the training."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skcada import CADAVAETransformer, SoftmaxClassifier
from skcada._training import AlignedVAEObjective
from skcada.alignment import ReViSETransformer
from skcada.generation import CLSWGANTransformer
from skcada.inspection import TrainingHistoryDisplay


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_lines_are_the_loss_terms_over_the_epochs(model):
    display = TrainingHistoryDisplay.from_estimator(model)
    losses = model.transformer_.loss_curve_
    assert set(display.loss_lines_) == set(losses.columns)
    for name, line in display.loss_lines_.items():
        assert_array_equal(line.get_xdata(), np.arange(1, 9))
        assert_array_equal(line.get_ydata(), losses[name])
    assert "KL divergence, features" in legend_of(display.axes_[0])
    assert "Wasserstein distance, features and embeddings" in legend_of(display.axes_[0])


def test_weights_are_those_that_the_training_used(transformer, problem, monkeypatch):
    used = []
    weights_at = AlignedVAEObjective.weights_at

    def spy(self, epoch):
        used.append(weights_at(self, epoch))
        return used[-1]

    monkeypatch.setattr(AlignedVAEObjective, "weights_at", spy)
    fitted = clone(transformer).set_params(beta_warmup=(0.2, 0.6), gamma=0.3)
    fitted.fit(problem.data[problem.trainval], problem.target[problem.trainval])
    # What is set afterwards has not been used.
    display = TrainingHistoryDisplay.from_estimator(fitted.set_params(gamma=9.0))
    # The last ones: the whole schedule is made before the first epoch.
    for name, line in display.weight_lines_.items():
        assert_array_equal(line.get_ydata(), [getattr(weights, name) for weights in used[-8:]])
    # What has no weight was not computed either.
    gamma = display.weight_lines_["gamma"].get_ydata()
    term = display.loss_lines_["cross_reconstruction_features"].get_ydata()
    assert_array_equal(np.isnan(term), gamma == 0)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: FrozenEstimator(model),
        lambda model: make_pipeline(FunctionTransformer(), model),
        lambda model: make_pipeline(FrozenEstimator(model.transformer_)),
    ],
)
def test_estimators_are_looked_through(wrap, model):
    display = TrainingHistoryDisplay.from_estimator(wrap(model))
    assert display.loss_curve is model.transformer_.loss_curve_


def test_a_term_that_is_switched_off_is_neither_drawn_nor_in_the_legend(transformer, problem):
    fitted = clone(transformer).set_params(gamma=0, max_iter=1)
    fitted.fit(problem.data[problem.trainval], problem.target[problem.trainval])
    display = TrainingHistoryDisplay.from_estimator(fitted)
    assert not any(name.startswith("cross") for name in display.loss_lines_)
    assert not any("cross" in label for label in legend_of(display.axes_[0]))
    assert "gamma = 0" in legend_of(display.axes_[1])


def test_a_single_epoch_is_visible(transformer, problem):
    fitted = clone(transformer).set_params(max_iter=1)
    fitted.fit(problem.data[problem.trainval], problem.target[problem.trainval])
    display = TrainingHistoryDisplay.from_estimator(fitted)
    assert all(line.get_marker() not in ("", "None") for line in display.loss_lines_.values())
    # Nothing but zeros in the first epoch, which a logarithmic scale cannot show.
    assert display.axes_[1].get_yscale() == "linear"
    display.figure_.canvas.draw()


def test_terms_of_one_kind_share_color_and_marker_with_their_weight(model):
    display = TrainingHistoryDisplay.from_estimator(model)
    for weight, kind in (("beta", "kl"), ("gamma", "cross_reconstruction")):
        weight_line = display.weight_lines_[weight]
        lines = [display.loss_lines_[f"{kind}_{name}"] for name in ("features", "embeddings")]
        for line in lines:
            assert line.get_color() == weight_line.get_color()
            assert line.get_marker() == weight_line.get_marker()
        assert lines[0].get_linestyle() != lines[1].get_linestyle()


def test_scales_are_logarithmic_and_axes_have_labels(model):
    terms, weights = TrainingHistoryDisplay.from_estimator(model).axes_
    assert terms.get_yscale() == weights.get_yscale() == "log"
    assert terms.get_ylabel() == "loss, mean over samples"
    assert weights.get_ylabel() == "weight"
    assert terms.get_xlabel() == weights.get_xlabel() == "epoch"


def test_given_axes_and_styles_are_used(model):
    figure, axes = plt.subplots(2)
    display = TrainingHistoryDisplay.from_estimator(model, ax=axes, curve_kwargs={"lw": 0.5})
    assert display.figure_ is figure
    assert list(display.axes_) == list(axes)
    assert {line.get_linewidth() for line in display.loss_lines_.values()} == {0.5}


def test_one_axes_is_too_few(model):
    with pytest.raises(ValueError, match="ax must be two axes"):
        TrainingHistoryDisplay.from_estimator(model, ax=plt.subplots()[1])


def test_an_unfitted_estimator_is_named():
    with pytest.raises(NotFittedError, match="This CADAVAETransformer instance is not fitted"):
        TrainingHistoryDisplay.from_estimator(CADAVAETransformer())


def test_an_estimator_without_autoencoders_is_a_type_error(model):
    message = "needs a fitted CADAVAETransformer.* SoftmaxClassifier has no transform"
    with pytest.raises(TypeError, match=message):
        TrainingHistoryDisplay.from_estimator(model.classifier_)
    assert isinstance(model.classifier_, SoftmaxClassifier)


def test_terms_without_weights_have_axes_of_their_own(problem, Xy):
    wgan = CLSWGANTransformer(generator_layers=64, critic_size=64, max_iter=12, random_state=0)
    wgan.fit(*Xy, class_embeddings=problem.class_embeddings)
    display = TrainingHistoryDisplay.from_estimator(wgan)
    (ax,) = display.axes_
    # Losses below zero have no logarithm.
    assert (wgan.loss_curve_ < 0).any(axis=None)
    assert ax.get_yscale() == "linear"
    lines = display.loss_lines_
    assert set(lines) == set(wgan.loss_curve_)
    looks = {(line.get_color(), line.get_marker(), line.get_linestyle()) for line in lines.values()}
    assert len(looks) == len(lines)
    assert lines["gradient_penalty"].get_label() == "gradient penalty"
    with pytest.raises(ValueError, match="ax must be one axes"):
        display.plot(display.figure_.subplots(2))


def test_terms_of_unknown_kinds_have_other_colors_than_known_ones(problem, Xy):
    revise = ReViSETransformer(latent_size=16, max_iter=2, random_state=0)
    revise.fit(*Xy, class_embeddings=problem.class_embeddings)
    ax = plt.subplots()[1]
    display = TrainingHistoryDisplay.from_estimator(revise, ax=ax)
    assert list(display.axes_) == [ax]
    assert ax.get_yscale() == "log"
    colors = {name: line.get_color() for name, line in display.loss_lines_.items()}
    shared = colors.pop("reconstruction_embeddings")
    assert shared == colors["reconstruction_features"]
    assert len(set(colors.values())) == len(colors)


def test_many_terms_of_unknown_kinds_all_look_different(model):
    losses = model.transformer_.loss_curve_
    losses = losses.assign(**{f"term_{i}": 1.0 for i in range(4)})
    lines = TrainingHistoryDisplay(loss_curve=losses).plot().loss_lines_.values()
    looks = {(line.get_color(), line.get_marker(), line.get_linestyle()) for line in lines}
    assert len(looks) == losses.shape[1]
