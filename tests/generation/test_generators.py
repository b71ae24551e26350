"""What users rely on of every transformer that generates features."""

import numpy as np
import pandas as pd
import pytest
from linear_world import draw_classes, linear_world
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import MinMaxScaler

from skcada import GZSLClassifier, SoftmaxClassifier
from skcada.exceptions import CollapseWarning
from skcada.generation import CLSWGANTransformer, CVAETransformer, SEZSLTransformer
from skcada.model_selection import GZSLShuffleSplit

SMALL_VAE = {"latent_size": 4, "encoder_layers": 32, "decoder_layers": 32}
GENERATORS = {
    "CVAE": CVAETransformer(**SMALL_VAE),
    "SE": SEZSLTransformer(**SMALL_VAE, regressor_layers=32),
    "f-CLSWGAN": CLSWGANTransformer(generator_layers=32, critic_size=32),
}


@pytest.fixture(params=GENERATORS.values(), ids=GENERATORS)
def generator(request):
    return clone(request.param).set_params(max_iter=5, random_state=0)


@pytest.fixture
def fitted(generator, problem, Xy):
    return generator.fit(*Xy, class_embeddings=problem.class_embeddings)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("cls", "accuracy", "error"),
    [
        (CVAETransformer, 0.95, 0.15),
        (SEZSLTransformer, 0.95, 0.15),
        # Its two networks move on and on, and with them the means.
        (CLSWGANTransformer, 0.9, 0.2),
    ],
)
def test_features_of_unseen_classes_are_generated_where_they_lie(cls, accuracy, error, seed):
    X, y, embeddings = linear_world(seed)
    _, means = draw_classes(np.random.default_rng(seed))
    is_seen = y < 30
    model = GZSLClassifier(
        cls(), class_embeddings=embeddings, label_space="unseen", random_state=seed
    )
    model.fit(X[is_seen], y[is_seen])
    assert (model.predict(X[~is_seen]) == y[~is_seen]).mean() >= accuracy
    generator = model.transformer_
    table = pd.DataFrame(embeddings).iloc[30:]
    drawn = generator.sample(class_embeddings=table, n_samples=200, random_state=0)
    found = generator.inverse_transform(drawn).reshape(6, 200, -1).mean(axis=1)
    errors = np.linalg.norm(found - means[30:], axis=1) / np.linalg.norm(means[30:], axis=1)
    assert errors.mean() <= error


def test_real_rows_stay_where_they_are_but_for_their_scale(fitted, problem):
    rows = problem.data[:7].astype(np.float32)
    scaled = fitted.transform(rows)
    expected = (rows - fitted.input_means_["features"]) / fitted.input_scales_["features"]
    assert_array_equal(scaled, expected)
    assert_allclose(fitted.inverse_transform(scaled), rows, atol=1e-5)
    assert_array_equal(fitted.get_feature_names_out(), [f"x{i}" for i in range(20)])
    repeated = fitted.sample(problem.data[:3], n_samples=np.array([2, 0, 1]), random_state=0)
    assert_array_equal(repeated, scaled[[0, 0, 2]])


def test_raw_features_are_returned_as_they_are(generator, problem, Xy):
    generator.set_params(feature_scaling="raw", embedding_scaling="raw")
    generator.fit(*Xy, class_embeddings=problem.class_embeddings)
    rows = problem.data[:7].astype(np.float32)
    assert_array_equal(generator.transform(rows), rows)
    assert_array_equal(generator.inverse_transform(rows), rows)


def test_what_generates_them_can_be_swapped_in_a_search(problem, Xy):
    model = GZSLClassifier(
        class_embeddings=problem.class_embeddings,
        classifier=SoftmaxClassifier(max_iter=1),
        samples_per_class=(10, 20),
        random_state=0,
    )
    candidates = [clone(each).set_params(max_iter=2) for each in GENERATORS.values()]
    search = GridSearchCV(
        model,
        {"transformer": candidates, "transformer__learning_rate": [1e-3, 1e-4]},
        cv=GZSLShuffleSplit(1, random_state=0),
        error_score="raise",
    )
    search.fit(*Xy)
    assert len(search.cv_results_["mean_test_score"]) == 6
    assert_array_equal(search.best_estimator_.classes_, problem.class_embeddings.index)


class Recorder(ClassifierMixin, BaseEstimator):
    """Keep the rows that it is trained on."""

    def fit(self, X, y):
        self.X_, self.y_ = X, y
        self.model_ = LogisticRegression(max_iter=20, tol=1.0).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def decision_function(self, X):
        return self.model_.decision_function(X)


def test_each_real_row_trains_the_classifier_once_if_that_is_asked_for(generator, problem, Xy):
    model = GZSLClassifier(
        generator,
        classifier=Recorder(),
        class_embeddings=problem.class_embeddings,
        samples_per_class=(None, 7),
    )
    model.fit(*Xy)
    n_rows = len(Xy[1])
    assert_array_equal(model.classifier_.X_[:n_rows], model.transformer_.transform(Xy[0]))
    assert_array_equal(model.classifier_.y_[:n_rows], Xy[1])
    assert_array_equal(model.classifier_.y_[n_rows:], np.repeat(problem.unseen_classes, 7))


def test_several_kinds_of_description_are_put_side_by_side(generator, problem, Xy):
    table = problem.class_embeddings
    kinds = {"first": table.iloc[:, :2], "second": table.iloc[:, 2:]}
    raw = {"embedding_scaling": "raw", "feature_scaling": "raw"}
    one = clone(generator).set_params(**raw).fit(*Xy, class_embeddings=table)
    two = clone(generator).set_params(**raw).fit(*Xy, class_embeddings=kinds)
    draws = [
        model.sample(class_embeddings=given, n_samples=2, random_state=0)
        for model, given in ((one, table), (two, kinds))
    ]
    assert_array_equal(*draws)


def test_classes_without_one_of_the_descriptions_are_refused_by_name(generator, problem, Xy):
    table = problem.class_embeddings
    kinds = {"first": table.iloc[:, :2], "second": table.iloc[1:, 2:]}
    with pytest.raises(ValueError, match=r"\['second'\] lacks 1 classes: 'class 00'"):
        generator.fit(*Xy, class_embeddings=kinds)
    whole = {"first": table.iloc[:, :2], "second": table.iloc[:, 2:]}
    generator.fit(*Xy, class_embeddings=whole)
    with pytest.raises(ValueError, match=r"\['second'\] lacks 1 classes: 'class 00'"):
        generator.sample(class_embeddings=kinds)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs X or class_embeddings, got neither"),
        ({"X": np.zeros((2, 20)), "class_embeddings": np.zeros((2, 6))}, "got both"),
        ({"class_embeddings": np.zeros((2, 6)), "n_samples": -1}, "must not be negative"),
        ({"class_embeddings": np.zeros((2, 6)), "n_samples": [1, 2, 3]}, "one per row"),
        ({"class_embeddings": np.zeros((2, 5))}, "5 columns in .* fitted with 6"),
        ({"class_embeddings": np.full((2, 6), 3.3e38)}, "embeddings 0, 1 are not finite"),
    ],
)
def test_draws_that_cannot_be_made_are_refused(fitted, arguments, message):
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match=message),
    ):
        fitted.sample(**arguments)


def test_features_of_another_width_have_no_original_scale(fitted):
    with pytest.raises(ValueError, match=r"X has 3 columns, but .* 20 features"):
        fitted.inverse_transform(np.zeros((2, 3)))


def test_layers_are_checked_before_any_training(generator, problem, Xy):
    name = next(name for name in generator.get_params() if name.endswith("_layers"))
    with pytest.raises(ValueError, match=f"{name} must hold the sizes"):
        generator.set_params(**{name: (32, 0)}).fit(*Xy)
    with pytest.raises(NotFittedError):
        generator.transform(Xy[0])


def test_a_training_that_diverges_says_so_and_keeps_the_earlier_fit(fitted, problem, Xy):
    before = fitted.sample(class_embeddings=problem.class_embeddings, random_state=0)
    fitted.set_params(learning_rate=1e38)
    with pytest.raises(ValueError, match=r"non-finite in epoch \d\. Lower learning_rate"):
        fitted.fit(*Xy, class_embeddings=problem.class_embeddings)
    after = fitted.sample(class_embeddings=problem.class_embeddings, random_state=0)
    assert_array_equal(after, before)


def test_more_epochs_continue_what_fewer_began(fitted, problem, Xy):
    # The terms of an epoch do not depend on how many are planned, but for schedules.
    longer = clone(fitted).set_params(max_iter=8, class_embeddings=problem.class_embeddings)
    if isinstance(fitted, SEZSLTransformer):
        longer.set_params(regressor_feedback=0.0)
        fitted.set_params(regressor_feedback=0.0)
        fitted.fit(*Xy, class_embeddings=problem.class_embeddings)
    longer.fit(*Xy)
    assert longer.n_iter_ == longer.max_iter_ == len(longer.loss_curve_) == 8
    pd.testing.assert_frame_equal(longer.loss_curve_.iloc[:5], fitted.loss_curve_)


def test_rectified_features_are_never_negative(problem, Xy):
    X = MinMaxScaler().fit_transform(Xy[0])
    wgan = CLSWGANTransformer(generator_layers=32, critic_size=32, max_iter=2, random_state=0)
    for scaling, is_negative in (("raw", False), ("auto", True)):
        wgan.set_params(feature_scaling=scaling)
        wgan.fit(X, Xy[1], class_embeddings=problem.class_embeddings)
        drawn = wgan.sample(class_embeddings=problem.class_embeddings, n_samples=9)
        assert (drawn < 0).any() == is_negative


def test_feedback_of_all_classes_learns_from_unseen_ones(problem, Xy):
    drawn = []
    for classes in ("seen", "all"):
        se = clone(GENERATORS["SE"])
        se.set_params(feedback=1.0, feedback_classes=classes, max_iter=3, random_state=0)
        se.fit(*Xy, class_embeddings=problem.class_embeddings)
        drawn.append(se.sample(class_embeddings=problem.class_embeddings, random_state=0))
    assert not np.allclose(*drawn)


def test_noise_has_the_size_that_is_asked_for(problem, Xy):
    for size, expected in (("auto", 6), (3, 3)):
        wgan = CLSWGANTransformer(size, generator_layers=8, critic_size=8, max_iter=1)
        wgan.fit(*Xy, class_embeddings=problem.class_embeddings)
        assert wgan.network_.noise_size == expected


@pytest.fixture
def show_collapse_warnings():
    with pytest.warns(CollapseWarning) as record:
        yield record


def test_latents_that_say_nothing_are_reported(problem, Xy, show_collapse_warnings):
    cvae = clone(GENERATORS["CVAE"]).set_params(reconstruction="mean", max_iter=30, random_state=0)
    cvae.fit(*Xy, class_embeddings=problem.class_embeddings)
    messages = [str(each.message) for each in show_collapse_warnings]
    assert any("hardly vary: the KL divergence is" in message for message in messages)


def test_embeddings_that_are_ignored_are_reported(generator, problem, Xy, show_collapse_warnings):
    tiny = problem.class_embeddings * 1e-9
    generator.set_params(embedding_scaling="raw").fit(*Xy, class_embeddings=tiny)
    messages = [str(each.message) for each in show_collapse_warnings]
    assert any("hardly depend on the class embedding" in message for message in messages)


def test_a_critic_without_penalty_is_reported(problem, Xy, show_collapse_warnings):
    wgan = CLSWGANTransformer(
        generator_layers=32, critic_size=32, penalty_weight=0.0, max_iter=40, random_state=0
    )
    wgan.fit(*Xy, class_embeddings=problem.class_embeddings)
    messages = [str(each.message) for each in show_collapse_warnings]
    assert any("The critic gives the generator no steady" in message for message in messages)


def test_a_good_training_warns_of_nothing(recwarn):
    X, y, embeddings = linear_world(0)
    for generator in GENERATORS.values():
        clone(generator).set_params(random_state=0).fit(X, y, class_embeddings=embeddings)
    assert not [w for w in recwarn if issubclass(w.category, CollapseWarning)]
