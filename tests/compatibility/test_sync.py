import numpy as np
import pandas as pd
import pytest
from linear_world import linear_world
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from skcada.compatibility import SynCClassifier
from skcada.compatibility._synthesis import compare, invert, median_distance
from skcada.exceptions import CollapseWarning
from skcada.metrics import gzsl_scorer

RAW = {"feature_scaling": "raw", "embedding_scaling": "raw"}
PAIR = {"regularization": 1e-4, "similarity_scale": 2.0}
LOSSES = ["one-versus-other", "crammer-singer", "structured"]


@pytest.fixture(scope="module")
def world():
    X, y, embeddings = linear_world(0)
    return X[y < 30], y[y < 30], embeddings


def test_similarities_are_a_softmax_of_squared_distances():
    similarities = compare(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0], [3.0]]), 0.5)
    expected = np.exp([[0, -0.5, -4.5], [-0.5, 0, -2]])
    assert_allclose(similarities, expected / expected.sum(axis=1, keepdims=True))
    far = compare(np.array([[1e4]]), np.array([[0.0], [1.0]]), 32.0)
    assert_allclose(far, [[0, 1]], atol=1e-12)


def test_the_unit_of_distance_is_the_median_of_distances_that_are_not_zero():
    assert median_distance(np.array([[0.0], [0.0], [1.0], [4.0]])) == 3.0
    assert median_distance(np.zeros((3, 2))) == 1.0


def test_similarities_of_coinciding_phantoms_are_inverted_without_their_rounding():
    phantoms = np.array([[0.0], [1e-12], [1.0]])
    similarities = compare(phantoms, phantoms, 1.0)
    inverse = invert(similarities)
    assert np.abs(inverse).max() < 10
    assert_allclose(similarities @ inverse @ similarities, similarities, atol=1e-10)


@pytest.mark.parametrize("regularization", [1e-5, 1e-3])
def test_one_versus_other_is_the_svm_with_squared_hinges(world, regularization):
    X, y, embeddings = world
    model = SynCClassifier(
        embeddings, regularization=regularization, similarity_scale=4.0, tol=1e-9, **RAW
    ).fit(X, y)
    svm = LinearSVC(
        C=1 / (regularization * len(X) * 30), dual=False, fit_intercept=False, tol=1e-8
    ).fit(X, y)
    assert_allclose(model.coef_[:30], svm.coef_, atol=1e-3 * np.abs(svm.coef_).max())
    assert_array_equal(model.intercept_, np.zeros(36))


@pytest.mark.parametrize("loss", LOSSES)
def test_the_minimum_is_below_its_surroundings(world, loss):
    X, y, embeddings = world
    # One phantom per class and far apart, so that phantoms are the classifiers themselves.
    model = SynCClassifier(
        embeddings, loss=loss, regularization=0.05, similarity_scale=4.0, **RAW
    ).fit(X, y)
    S = embeddings[:30].astype(np.float32).astype(float)
    margins = cdist(S, S) / model.distance_unit_ if loss == "structured" else 1 - np.eye(30)

    def objective(weights):
        scores = X @ weights.T
        if loss == "one-versus-other":
            signs = np.where(y[:, np.newaxis] == np.arange(30), 1, -1)
            total = np.square(np.maximum(0, 1 - signs * scores)).sum() / 30
        else:
            own = scores[np.arange(len(y)), y][:, np.newaxis]
            total = (margins[y] + scores - own).max(axis=1).sum()
        return total / len(y) + 0.025 * np.square(weights).sum()

    weights = model.coef_[:30]
    rng = np.random.default_rng(0)
    moves = [0.05 * weights, -0.05 * weights, *(0.05 * rng.normal(size=(5, *weights.shape)))]
    assert all(objective(weights + move) > objective(weights) for move in moves)
    assert objective(weights) < 0.99 * objective(np.zeros_like(weights))


@pytest.mark.parametrize("scale", [1.0, 32.0])
def test_classifiers_of_classes_with_rows_do_not_depend_on_the_similarities(world, scale):
    X, y, embeddings = world
    setting = {"regularization": 1e-4}
    expected = SynCClassifier(embeddings, similarity_scale=4.0, **setting).fit(X, y)
    model = SynCClassifier(embeddings, similarity_scale=scale, **setting).fit(X, y)
    assert_allclose(model.coef_[:30], expected.coef_[:30], atol=1e-10)
    assert_allclose(model.intercept_[:30], expected.intercept_[:30], atol=1e-10)
    assert np.abs(model.coef_[30:] - expected.coef_[30:]).max() > 0.01


def test_a_twin_of_a_class_gets_its_classifier(world):
    X, y, embeddings = world
    twins = embeddings.copy()
    twins[33] = twins[4]
    with pytest.warns(UserWarning, match="describes another class"):
        model = SynCClassifier(twins, **PAIR).fit(X, y)
    assert_allclose(model.coef_[33], model.coef_[4], atol=1e-12)


def test_classifiers_are_means_of_phantoms_by_similarity(world):
    X, y, embeddings = world
    model = SynCClassifier(embeddings, **PAIR).fit(X, y)
    assert_allclose(model.phantom_embeddings_ * model.distance_unit_, model.scaled_embeddings_[:30])
    places = model.scaled_embeddings_ / model.distance_unit_
    similarities = np.exp(-2 * cdist(places, model.phantom_embeddings_) ** 2)
    similarities /= similarities.sum(axis=1, keepdims=True)
    assert_allclose(model.coef_, similarities @ model.phantoms_, atol=1e-10)
    rows = X / np.linalg.norm(X, axis=1, keepdims=True) - model.feature_mean_
    expected = rows @ model.coef_.T + similarities @ model.phantom_intercepts_
    assert_allclose(model.decision_function(X), expected / model.mean_lead_, atol=1e-10)


def test_classes_that_join_leave_the_scores_of_the_others_as_they_are(world):
    X, y, embeddings = world
    fewer = SynCClassifier(embeddings[:33], **PAIR).fit(X, y)
    more = fewer.with_class_embeddings(pd.DataFrame(100 * embeddings[33:], index=[33, 34, 35]))
    scores = more.decision_function(X)
    assert scores.shape[1] == len(more.coef_) == 36
    assert_allclose(scores[:, :33], fewer.decision_function(X), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_unseen_classes_of_a_linear_world_are_told_apart(seed):
    X, y, embeddings = linear_world(seed)
    model = SynCClassifier(embeddings, random_state=0).fit(X[y < 30], y[y < 30])
    assert gzsl_scorer(model, X, y)["T1"] >= 0.9


def test_the_order_of_rows_and_of_classes_does_not_matter(world):
    X, y, embeddings = world
    rng = np.random.default_rng(0)
    rows, labels = rng.permutation(len(X)), rng.permutation(36)
    model = SynCClassifier(embeddings, tol=1e-7, **PAIR).fit(X, y)
    shuffled = SynCClassifier(pd.DataFrame(embeddings, index=labels), tol=1e-7, **PAIR)
    scores = shuffled.fit(X[rows], labels[y[rows]]).decision_function(X)
    assert_allclose(scores[:, labels], model.decision_function(X), atol=1e-4)


@pytest.mark.parametrize("scale", [1e-170, 1e160])
def test_the_scale_of_unit_features_does_not_matter(world, scale):
    X, y, embeddings = world
    expected = SynCClassifier(embeddings, **PAIR).fit(X, y).decision_function(X)
    scaled = SynCClassifier(embeddings, **PAIR).fit(X * scale, y)
    assert_allclose(scaled.decision_function(X * scale), expected, atol=1e-3)


def test_automatic_regularization_follows_the_scale_of_raw_features(world):
    X, y, embeddings = world
    one, other = (
        SynCClassifier(embeddings, similarity_scale=1.0, random_state=0, **RAW).fit(X * scale, y)
        for scale in (1, 1000)
    )
    assert_allclose(other.regularization_, 1e6 * one.regularization_)
    assert_array_equal(other.predict(X * 1000), one.predict(X))


def test_auto_takes_the_best_pair_of_its_results(problem, Xy):
    model = SynCClassifier(problem.class_embeddings, random_state=0).fit(*Xy)
    results = pd.DataFrame(model.cv_results_)
    assert results["mean_test_score"].min() < results["mean_test_score"].max()
    assert (results.nunique()[["regularization", "similarity_scale"]] == [7, 11]).all()
    best = results.set_index(["regularization", "similarity_scale"])["mean_test_score"]
    chosen = best[model.regularization_, model.similarity_scale_]
    assert chosen == pytest.approx(best.max(), abs=1e-9)


def test_a_chosen_pair_gives_the_same_model_as_the_same_numbers(problem, Xy):
    chosen = SynCClassifier(problem.class_embeddings, random_state=0).fit(*Xy)
    given = SynCClassifier(
        problem.class_embeddings,
        regularization=chosen.regularization_,
        similarity_scale=chosen.similarity_scale_,
    ).fit(*Xy)
    assert_array_equal(given.coef_, chosen.coef_)
    assert np.isnan(given.cv_results_["mean_test_score"]).all()


def test_the_middle_of_the_grid_is_taken_without_class_embeddings(Xy):
    X, y = Xy
    model = SynCClassifier().fit(X, y)
    assert model.similarity_scale_ == 1.0
    assert model.regularization_ == np.unique(model.cv_results_["regularization"])[3]
    assert model.score(X, y) > 0.7


def test_one_class_with_rows_ties_with_all_others(world):
    X, y, embeddings = world
    with pytest.warns(CollapseWarning, match="scores of all classes tie"):
        SynCClassifier(embeddings).fit(X[y == 3], y[y == 3])


def test_too_few_iterations_are_warned_of(world):
    X, y, embeddings = world
    with pytest.warns(ConvergenceWarning, match="after max_iter=2 iterations"):
        model = SynCClassifier(embeddings, max_iter=2, **PAIR).fit(X, y)
    assert model.n_iter_ == 2


def test_raw_features_whose_squares_overflow_are_refused(world):
    X, y, embeddings = world
    with pytest.raises(ValueError, match=r"squares of X overflow\. Scale X"):
        SynCClassifier(embeddings, feature_scaling="raw").fit(X * 1e160, y)
