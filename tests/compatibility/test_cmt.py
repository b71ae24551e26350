import copy

import numpy as np
import pandas as pd
import pytest
import torch
from linear_world import linear_world
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from silent_callback import SilentCallback
from sklearn.base import clone

from skcada._nn.cmt import objective
from skcada.compatibility import CMTClassifier
from skcada.compatibility._novelty import fit_variances, log_density
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit, few_shot_split

RAW = {"feature_scaling": "raw", "embedding_scaling": "raw"}


@pytest.fixture(scope="module")
def world():
    X, y, embeddings = linear_world(0)
    return X[y < 30], y[y < 30], embeddings


@pytest.fixture(scope="module")
def novelty(world):
    """Return a fitted classifier that detects novelty, and rows of all classes."""
    X, y, embeddings = world
    model = CMTClassifier(embeddings, max_iter=20, novelty="gaussian", random_state=0)
    return model.fit(X, y), linear_world(0)[0]


def draw_weights(rng, n_features=3, hidden_size=4, n_dimensions=2):
    shapes = (n_features, hidden_size), (hidden_size,), (hidden_size, n_dimensions), (n_dimensions,)
    return tuple(torch.from_numpy(rng.normal(size=shape)) for shape in shapes)


def test_the_objective_is_that_of_the_paper():
    rng = np.random.default_rng(0)
    rows, targets = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    weights = draw_weights(rng)
    V, b, W, c = (weight.numpy() for weight in weights)
    distances = [
        np.sum((np.tanh(x @ V + b) @ W + c - a) ** 2) for x, a in zip(rows, targets, strict=True)
    ]
    decay = sum(np.sum(weight**2) for weight in (V, b, W, c))
    found = objective(torch.from_numpy(rows), torch.from_numpy(targets), weights, 0.3)
    assert_allclose(found.item(), np.mean(distances) / 2 + 0.15 * decay)


def test_the_gradient_of_the_objective_is_that_of_finite_differences():
    rng = np.random.default_rng(1)
    rows, targets = (torch.from_numpy(rng.normal(size=(5, n))) for n in (3, 2))
    weights = tuple(weight.requires_grad_() for weight in draw_weights(rng))

    def evaluate(*weights):
        return objective(rows, targets, weights, 0.1)

    assert torch.autograd.gradcheck(evaluate, weights, eps=1e-6, atol=1e-6)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("seed", range(3))
def test_unseen_classes_of_a_linear_world_are_told_apart(seed, solver):
    X, y, embeddings = linear_world(seed)
    model = CMTClassifier(embeddings, solver=solver, max_iter=30, random_state=0)
    model.fit(X[y < 30], y[y < 30])
    assert gzsl_scorer(model, X, y)["T1"] >= 0.95
    assert len(model.loss_curve_) == 30
    assert model.loss_curve_["objective"].iloc[-1] < 0.2 * model.loss_curve_["objective"].iloc[0]


def test_more_hidden_units_than_rows_fit_all_of_them():
    rng = np.random.default_rng(0)
    X, embeddings = rng.normal(size=(15, 4)), rng.normal(size=(15, 3))
    model = CMTClassifier(
        embeddings, hidden_size=60, alpha=0.0, solver="lbfgs", max_iter=300, random_state=0, **RAW
    ).fit(X, np.arange(15), {"embeddings": embeddings})
    assert model.loss_curve_["objective"].iloc[-1] < 1e-6
    assert_array_equal(model.predict(X), np.arange(15))


def test_scores_are_minus_the_squared_distance_to_scaled_embeddings(world):
    X, y, embeddings = world
    model = CMTClassifier(embeddings, hidden_size=7, max_iter=5, random_state=0).fit(X, y)
    assert [coef.shape for coef in model.coefs_] == [(40, 7), (7, 8)]
    assert [intercept.shape for intercept in model.intercepts_] == [(7,), (8,)]
    rows = X / np.linalg.norm(X, axis=1, keepdims=True) - model.feature_mean_
    hidden = np.tanh(rows @ model.coefs_[0] + model.intercepts_[0])
    mapped = hidden @ model.coefs_[1] + model.intercepts_[1]
    expected = -(cdist(mapped, model.scaled_embeddings_) ** 2)
    scores = model.decision_function(X)
    assert_allclose(scores, expected / model.mean_lead_, rtol=1e-3, atol=1e-4)
    leads = scores[np.arange(len(X)), y] - scores[:, :30].mean(axis=1)
    assert_allclose(leads.mean(), 1, rtol=1e-5)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_scale_of_raw_features_does_not_matter(world, solver):
    X, y, embeddings = world
    model = CMTClassifier(
        embeddings, solver=solver, max_iter=3, feature_scaling="raw", random_state=0
    )
    expected = clone(model).fit(X, y).decision_function(X)
    # A power of two, after which no number is rounded otherwise.
    scaled = model.fit(X * 1024, y).decision_function(X * 1024)
    assert_allclose(scaled, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_decay_makes_weights_small(world, solver):
    X, y, embeddings = world
    weak, strong = (
        CMTClassifier(embeddings, alpha=alpha, solver=solver, max_iter=40, random_state=0)
        .fit(X, y)
        .coefs_
        for alpha in (0.0, 0.01)
    )
    for one, other in zip(weak, strong, strict=True):
        assert np.linalg.norm(other) < 0.9 * np.linalg.norm(one)


@pytest.mark.parametrize("novelty", [None, "gaussian"])
def test_the_same_seed_gives_the_same_results(world, novelty):
    X, y, embeddings = world
    one, same, other = (
        CMTClassifier(embeddings, max_iter=2, novelty=novelty, random_state=seed)
        .fit(X, y)
        .decision_function(X)
        for seed in (0, 0, 1)
    )
    assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_the_number_of_epochs_is_the_best_on_held_out_classes(problem, Xy):
    cv = GZSLShuffleSplit(2, random_state=0)
    model = CMTClassifier(problem.class_embeddings, cv=cv, random_state=0).fit(*Xy)
    results = pd.DataFrame(model.cv_results_)
    assert results.filter(regex=r"^split\d_test_score$").shape[1] == 2
    assert results["mean_test_score"].min() < results["mean_test_score"].max()
    chosen = results[results["max_iter"] == model.n_iter_]
    assert chosen["mean_test_score"].item() == results["mean_test_score"].max()
    assert len(model.loss_curve_) == model.n_iter_
    given = CMTClassifier(problem.class_embeddings, max_iter=model.n_iter_, random_state=0)
    assert_array_equal(given.fit(*Xy).coefs_[0], model.coefs_[0])


class StopAfter(SilentCallback):
    """Stop the training after some epochs."""

    def __init__(self, n_epochs):
        self.n_epochs = n_epochs

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name == "epoch":
            self.scores = fitted_estimator.decision_function(self.X)
            return context.task_id + 1 == self.n_epochs
        return False


@pytest.mark.parametrize("novelty", [None, "gaussian"])
@pytest.mark.usefixtures("callbacks")
def test_a_callback_can_try_the_classifier_and_stop_the_training(world, novelty):
    X, y, embeddings = world
    model = CMTClassifier(embeddings, max_iter=9, novelty=novelty, random_state=0)
    callback = StopAfter(2)
    callback.X = X
    model.set_callbacks(callback).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 2
    assert_array_equal(callback.scores, model.decision_function(X))


def test_weights_that_diverge_are_refused(world):
    X, y, embeddings = world
    with pytest.raises(ValueError, match=r"'objective' became non-finite .*Lower learning_rate"):
        CMTClassifier(embeddings, learning_rate=1e30, max_iter=3).fit(X, y)


@pytest.mark.parametrize("value", [{"alpha": -1.0}, {"hidden_size": 0}, {"novelty": "loop"}])
def test_parameters_out_of_range_are_refused(world, value):
    X, y, embeddings = world
    with pytest.raises(ValueError, match=f"'{next(iter(value))}' parameter"):
        CMTClassifier(embeddings, **value).fit(X, y)


def test_further_classes_leave_the_scores_of_the_others_as_they_are(world):
    X, y, embeddings = world
    model = CMTClassifier(embeddings[:33], max_iter=3, random_state=0).fit(X, y)
    joined = model.with_class_embeddings({33: embeddings[33], 34: embeddings[34]})
    assert_array_equal(joined.classes_, np.arange(35))
    assert_allclose(
        joined.decision_function(X)[:, :33], model.decision_function(X), rtol=1e-6, atol=1e-6
    )


def test_the_density_of_two_gaussians_on_a_line_is_the_one_computed_by_hand():
    means, half = np.array([[-1.0], [1.0]]), np.array([0.5, 0.5])
    found = log_density(np.array([[0.0], [1.0]]), means, np.array([0.25, 0.25]), half)
    assert_allclose(found, [-2.226, -0.919], atol=5e-4)
    assert_array_equal(found < -1.5, [True, False])


def test_the_density_is_that_of_a_mixture():
    rng = np.random.default_rng(0)
    points, means = rng.normal(size=(20, 3)), rng.normal(size=(4, 3))
    variances, priors = rng.random(4) + 0.1, np.array([0.1, 0.2, 0.3, 0.4])
    parts = [
        np.log(prior) + multivariate_normal(mean, variance).logpdf(points)
        for mean, variance, prior in zip(means, variances, priors, strict=True)
    ]
    found = log_density(points, means, variances, priors)
    assert_allclose(found, logsumexp(parts, axis=0))


def test_variances_are_means_over_the_rows_and_dimensions_of_each_class():
    points = np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 1.0]])
    found = fit_variances(points, np.array([0, 0, 1]), np.array([[1.0, 0.0], [0.0, 2.0]]))
    assert_allclose(found, [(0 + 4) / 2 / 2, 1 / 2])


@pytest.mark.parametrize("size", [0.0, 1.0])
def test_the_variance_of_rows_on_their_embedding_is_positive(size):
    means = size * np.eye(2)
    variances = fit_variances(means, np.arange(2), means)
    assert (variances > 0).all()
    assert np.isfinite(log_density(means, means, variances, np.array([0.5, 0.5]))).all()


def follow_the_rule(model, X, threshold):
    """Return the classes by density, softmax and nearest embedding, from published attributes."""
    rows = X / np.linalg.norm(X, axis=1, keepdims=True) - model.feature_mean_
    hidden = np.tanh(rows @ model.coefs_[0] + model.intercepts_[0])
    mapped = hidden @ model.coefs_[1] + model.intercepts_[1]
    density = log_density(
        mapped, model.novelty_means_, model.novelty_variances_, model.novelty_priors_
    )
    logits = rows @ model.softmax_coef_.T + model.softmax_intercept_
    is_unseen = np.isin(model.classes_, model.unseen_classes_)
    distances = cdist(mapped, model.scaled_embeddings_[is_unseen])
    return np.where(
        density < threshold,
        model.unseen_classes_[distances.argmin(axis=1)],
        model.seen_classes_[logits.argmax(axis=1)],
    )


@pytest.mark.parametrize("penalty", [0.0, 2.0, -2.0])
def test_the_highest_score_follows_the_rule_and_the_penalty_moves_its_threshold(novelty, penalty):
    model, X = novelty
    expected = follow_the_rule(model, X, model.novelty_threshold_ + penalty)
    found = clone_fitted(model, seen_penalty=penalty).predict(X)
    assert 0 < np.isin(expected, model.unseen_classes_).mean() < 1
    assert (found == expected).mean() > 0.998


def clone_fitted(model, **settings):
    """Return a fitted copy with other parameters."""
    return copy.copy(model).set_params(**settings)


def test_predictions_of_unseen_classes_grow_with_the_penalty(novelty):
    model, X = novelty
    counts, predictions = [], {}
    for penalty in (-1e6, -10, -3, -1, 0, 1, 3, 10, 1e6):
        predictions[penalty] = clone_fitted(model, seen_penalty=penalty).predict(X)
        counts.append(np.isin(predictions[penalty], model.unseen_classes_).sum())
    assert_array_equal(counts, np.sort(counts))
    assert counts[0] == 0
    assert counts[-1] == len(X)
    assert len(set(counts)) > 4
    assert_array_equal(predictions[-1e6], follow_the_rule(model, X, -np.inf))
    assert_array_equal(predictions[1e6], follow_the_rule(model, X, np.inf))


def test_a_twentieth_of_the_training_rows_lies_below_the_threshold(novelty, world):
    model, _ = novelty
    is_novel = np.isin(model.predict(world[0]), model.unseen_classes_)
    assert_allclose(is_novel.mean(), 0.05, atol=0.002)


def test_novelty_leaves_the_network_and_the_best_unseen_class_as_they_are(world, novelty):
    X, y, embeddings = world
    model, _ = novelty
    plain = CMTClassifier(embeddings, max_iter=20, random_state=0).fit(X, y)
    assert_array_equal(plain.coefs_[0], model.coefs_[0])
    assert model.mean_lead_ == 1
    unseen = linear_world(0)[0][900:]
    assert_array_equal(
        model.decision_function(unseen)[:, 30:].argmax(axis=1),
        plain.decision_function(unseen)[:, 30:].argmax(axis=1),
    )


def test_further_classes_leave_seen_scores_and_the_order_of_unseen_ones(world):
    X, y, embeddings = world
    model = CMTClassifier(embeddings[:33], max_iter=3, novelty="gaussian", random_state=0)
    scores = model.fit(X, y).decision_function(X)
    joined = model.with_class_embeddings({33: embeddings[33], 34: embeddings[34]})
    found = joined.decision_function(X)
    assert_allclose(found[:, :30], scores[:, :30])
    # Relative to the best unseen class, which may be another one.
    assert_allclose(found[:, 30:33] - found[:, 30:31], scores[:, 30:] - scores[:, 30:31], atol=1e-9)
    assert_allclose(found[:, 30:].max(axis=1), 0)


def test_shots_train_the_network_but_have_no_gaussian(problem, Xy):
    shots, _ = few_shot_split(
        problem.target, unseen_classes=problem.unseen_classes, n_shots=5, random_state=0
    )
    rows = np.concatenate([problem.trainval, shots])
    model = CMTClassifier(problem.class_embeddings, max_iter=3, novelty="gaussian", random_state=0)
    alone = clone(model).fit(*Xy)
    model.set_params(unseen_classes=problem.unseen_classes)
    model.fit(problem.data[rows], problem.target[rows])
    assert not np.allclose(model.coefs_[1], alone.coefs_[1])
    assert_array_equal(model.novelty_priors_, alone.novelty_priors_)
    assert_allclose(model.novelty_means_, alone.novelty_means_, atol=1e-6)
    assert model.softmax_coef_.shape == alone.softmax_coef_.shape == (12, 20)


def test_unseen_classes_alone_are_told_apart_by_the_nearest_embedding(world):
    X, y, embeddings = world
    model = CMTClassifier(
        embeddings, max_iter=5, novelty="gaussian", label_space="unseen", random_state=0
    ).fit(X, y)
    plain = clone(model).set_params(novelty=None).fit(X, y)
    assert_array_equal(model.predict(X), plain.predict(X))


def test_nothing_of_a_detector_is_left_after_a_fit_without_one(world):
    X, y, embeddings = world
    model = CMTClassifier(embeddings, max_iter=2, novelty="gaussian", random_state=0).fit(X, y)
    expected = clone(model).set_params(novelty=None).fit(X, y).decision_function(X)
    # Until then it stays in use.
    scores = model.decision_function(X)
    assert_array_equal(model.set_params(novelty=None).decision_function(X), scores)
    assert_array_equal(model.fit(X, y).decision_function(X), expected)
    assert not hasattr(model, "novelty_threshold_")
