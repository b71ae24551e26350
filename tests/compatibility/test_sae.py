import numpy as np
import pandas as pd
import pytest
from linear_world import linear_world
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import solve_sylvester

from skcada.compatibility import SAEClassifier
from skcada.metrics import gzsl_scorer

RAW = {"feature_scaling": "raw", "embedding_scaling": "raw"}
SPACES = ["embeddings", "features"]


@pytest.fixture(scope="module")
def world():
    X, y, embeddings = linear_world(0)
    return X[y < 30], y[y < 30], embeddings.astype(np.float32).astype(float)


def test_the_encoder_of_two_classes_is_the_one_computed_by_hand():
    model = SAEClassifier(np.eye(2), regularization=0.5, **RAW)
    model.fit([[2.0, 0.0], [0.0, 1.0], [2.0, 0.0]], [0, 1, 0])
    # B B' = diag(2, 1), X X' = diag(8, 1) and B X' = diag(4, 1).
    assert_allclose(model.encoder_, np.diag([1.5 * 4 / (2 + 0.5 * 8), 1.0]), atol=1e-12)


@pytest.mark.parametrize("regularization", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("scaling", ["raw", "unit"])
def test_the_encoder_solves_the_sylvester_equation(world, scaling, regularization):
    X, y, S = world
    model = SAEClassifier(
        S, regularization=regularization, feature_scaling=scaling, embedding_scaling=scaling
    ).fit(X, y)
    if scaling == "unit":
        X = X / np.linalg.norm(X, axis=1, keepdims=True)
        X = X - X.mean(axis=0)
        S = S - S[:30].mean(axis=0)
        S = S / np.linalg.norm(S, axis=1, keepdims=True)
    B = S[y]
    expected = solve_sylvester(B.T @ B, regularization * X.T @ X, (1 + regularization) * B.T @ X)
    assert_allclose(model.encoder_, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("n_features", [40, 2000], ids=["narrow", "wide"])
def test_no_other_encoder_has_a_smaller_error(n_features):
    X, y, S = linear_world(0, n_features)
    X, y, S = X[y < 30], y[y < 30], S.astype(np.float32).astype(float)
    W = SAEClassifier(S, regularization=0.3, **RAW).fit(X, y).encoder_
    B = S[y]
    gradient = B.T @ (B @ W - X) + 0.3 * (W @ X.T - B.T) @ X
    assert np.abs(gradient).max() <= 1e-9 * np.abs(B.T @ X).max()


def test_scores_are_cosine_similarities_in_the_space_to_compare_in(world):
    X, y, embeddings = world
    for space in SPACES:
        model = SAEClassifier(embeddings, comparison_space=space, regularization=0.1).fit(X, y)
        rows = X / np.linalg.norm(X, axis=1, keepdims=True) - model.feature_mean_
        vectors = model.scaled_embeddings_
        if space == "embeddings":
            rows = rows @ model.encoder_.T
        else:
            vectors = vectors @ model.encoder_
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        expected = rows @ vectors.T / model.mean_lead_
        assert_allclose(model.decision_function(X), expected, atol=1e-10)


@pytest.mark.parametrize("space", SPACES)
def test_a_row_and_a_class_without_direction_have_scores_of_zero(space):
    S = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    model = SAEClassifier(S, comparison_space=space, regularization=1.0, **RAW)
    model.fit(np.eye(2), [0, 1])
    scores = model.decision_function([[0.0, 0.0], [1.0, 0.0]])
    assert_array_equal(scores[0], [0, 0, 0])
    assert scores[1, 2] == 0
    assert scores[1, 0] > 0


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("seed", range(3))
def test_unseen_classes_of_a_linear_world_are_told_apart(seed, space):
    X, y, embeddings = linear_world(seed)
    model = SAEClassifier(embeddings, comparison_space=space, random_state=0)
    assert gzsl_scorer(model.fit(X[y < 30], y[y < 30]), X, y)["T1"] >= 0.95


def test_the_order_of_rows_and_of_classes_does_not_matter(world):
    X, y, embeddings = world
    rng = np.random.default_rng(0)
    rows, labels = rng.permutation(len(X)), rng.permutation(36)
    model = SAEClassifier(embeddings, regularization=0.1).fit(X, y)
    shuffled = SAEClassifier(pd.DataFrame(embeddings, index=labels), regularization=0.1)
    scores = shuffled.fit(X[rows], labels[y[rows]]).decision_function(X)
    assert_allclose(scores[:, labels], model.decision_function(X), atol=1e-10)


def test_classes_that_join_leave_the_scores_of_the_others_as_they_are(world):
    X, y, embeddings = world
    fewer = SAEClassifier(embeddings[:33], random_state=0).fit(X, y)
    more = fewer.with_class_embeddings(pd.DataFrame(embeddings[33:], index=[33, 34, 35]))
    scores = more.decision_function(X)
    assert scores.shape[1] == 36
    assert_allclose(scores[:, :33], fewer.decision_function(X), atol=1e-12)


@pytest.mark.parametrize("scale", [1e-4, 1e4])
@pytest.mark.parametrize("copies", [1, 3])
def test_automatic_regularization_follows_the_scale_and_not_the_number_of_rows(
    world, scale, copies
):
    X, y, embeddings = world
    folds = {"cv": [(np.arange(0, 780), np.arange(720, 900))]}
    model = SAEClassifier(embeddings, **RAW, **folds).fit(X, y)
    scaled = SAEClassifier(embeddings, **RAW, **folds)
    scaled.fit(np.tile(X, (copies, 1)) * scale, np.tile(y, copies))
    assert_allclose(
        scaled.cv_results_["regularization"] * scale**2, model.cv_results_["regularization"]
    )


@pytest.mark.parametrize("scale", [1e-170, 1e160])
def test_the_scale_of_unit_features_does_not_matter(world, scale):
    X, y, embeddings = world
    expected = SAEClassifier(embeddings, random_state=0).fit(X, y).decision_function(X)
    scaled = SAEClassifier(embeddings, random_state=0).fit(X * scale, y)
    assert_allclose(scaled.decision_function(X * scale), expected, atol=1e-6)


def test_auto_takes_the_best_of_its_results(problem, Xy):
    model = SAEClassifier(problem.class_embeddings, random_state=0).fit(*Xy)
    results = pd.DataFrame(model.cv_results_).set_index("regularization")["mean_test_score"]
    assert len(results) == 13
    assert results.min() < results.max() == results[model.regularization_]


def test_a_given_regularization_is_taken_as_it_is(problem, Xy):
    model = SAEClassifier(problem.class_embeddings, regularization=3).fit(*Xy)
    assert model.regularization_ == 3.0
    assert np.isnan(model.cv_results_["mean_test_score"]).all()


def test_raw_features_whose_squares_overflow_are_refused(world):
    X, y, embeddings = world
    with pytest.raises(ValueError, match=r"squares of X overflow\. Scale X"):
        SAEClassifier(embeddings, feature_scaling="raw").fit(X * 1e160, y)


def test_another_space_waits_for_the_next_fit(world):
    X, y, embeddings = world
    model = SAEClassifier(embeddings, regularization=1.0).fit(X, y)
    expected = model.decision_function(X)
    model.set_params(comparison_space="features")
    assert_array_equal(model.decision_function(X), expected)
    assert not np.allclose(model.fit(X, y).decision_function(X), expected)
