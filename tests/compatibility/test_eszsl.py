import numpy as np
import pandas as pd
import pytest
from linear_world import linear_world
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import RidgeClassifier

from skcada.compatibility import ESZSLClassifier
from skcada.exceptions import CollapseWarning
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLKFold, GZSLShuffleSplit

RAW = {"feature_scaling": "raw", "embedding_scaling": "raw"}
ONE = {"feature_regularization": 1.0, "embedding_regularization": 1.0}
PAIR = ["feature_regularization", "embedding_regularization"]


@pytest.fixture(scope="module")
def world():
    X, y, embeddings = linear_world(0)
    return X[y < 30], y[y < 30], embeddings


@pytest.mark.parametrize(
    ("target_coding", "expected"),
    [("01", [[1 / 3, 0], [0, 1 / 4]]), ("pm1", [[1 / 3, -1 / 3], [-1 / 4, 1 / 4]])],
)
def test_the_matrix_of_two_classes_is_the_one_computed_by_hand(target_coding, expected):
    model = ESZSLClassifier(np.eye(2), target_coding=target_coding, **RAW, **ONE)
    model.fit([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 1, 0], {"embeddings": np.eye(2)})
    assert_allclose(model.compatibility_, expected, atol=1e-12)


@pytest.mark.parametrize("target_coding", ["01", "pm1"])
@pytest.mark.parametrize("ridges", [{}, ONE], ids=["chosen", "given"])
@pytest.mark.parametrize("scaling", ["raw", "unit"])
@pytest.mark.parametrize("n_features", [40, 2000], ids=["narrow", "wide"])
def test_the_matrix_solves_the_normal_equations(n_features, scaling, ridges, target_coding):
    X, y, embeddings = linear_world(0, n_features)
    X, y = X[y < 30], y[y < 30]
    model = ESZSLClassifier(
        embeddings,
        feature_scaling=scaling,
        embedding_scaling=scaling,
        target_coding=target_coding,
        random_state=0,
        **ridges,
    ).fit(X, y)
    S = embeddings.astype(np.float32).astype(float)
    if scaling == "unit":
        X = X / np.linalg.norm(X, axis=1, keepdims=True)
        X = X - X.mean(axis=0)
        S = S - S[:30].mean(axis=0)
        S = S / np.linalg.norm(S, axis=1, keepdims=True)
    Y = np.where(y[:, np.newaxis] == np.arange(30), 1, 0 if target_coding == "01" else -1)
    V, S = model.compatibility_, S[:30]
    left = X.T @ (X @ V) + model.feature_regularization_ * V
    right = S.T @ S + model.embedding_regularization_ * np.eye(8)
    wanted = X.T @ Y @ S
    assert np.linalg.norm(left @ right - wanted) <= 1e-8 * np.linalg.norm(wanted)


def test_scores_are_the_bilinear_form_of_scaled_rows_and_scaled_embeddings(world):
    X, y, embeddings = world
    model = ESZSLClassifier(embeddings, **ONE).fit(X, y)
    rows = X / np.linalg.norm(X, axis=1, keepdims=True) - model.feature_mean_
    expected = rows @ model.compatibility_ @ model.scaled_embeddings_.T
    scores = model.decision_function(X)
    assert_allclose(scores, expected / model.mean_lead_, atol=1e-12)
    assert_allclose(scores[np.arange(len(X)), y].mean(), 1)
    assert_allclose(np.linalg.norm(model.scaled_embeddings_, axis=1), 1)
    assert_allclose(model.feature_mean_, (rows + model.feature_mean_).mean(axis=0))


def test_scores_are_in_double_precision_for_single_precision_rows(world):
    X, y, embeddings = world
    model = ESZSLClassifier(embeddings, random_state=0).fit(X.astype(np.float32), y)
    scores = model.decision_function(X.astype(np.float32))
    assert scores.dtype == np.float64
    assert_allclose(scores, model.decision_function(X), atol=1e-6)


@pytest.mark.parametrize("scaling", ["raw", "unit"])
def test_twice_the_rows_with_twice_the_regularization_give_the_same_matrix(world, scaling):
    X, y, embeddings = world
    once, twice = (
        ESZSLClassifier(
            embeddings,
            feature_scaling=scaling,
            feature_regularization=0.3 * n,
            embedding_regularization=0.5,
        ).fit(np.tile(X, (n, 1)), np.tile(y, n))
        for n in (1, 2)
    )
    assert_allclose(twice.compatibility_, once.compatibility_, rtol=1e-9, atol=1e-12)


def test_automatic_regularization_grows_with_the_number_of_rows(world):
    X, y, embeddings = world
    once, twice = (
        ESZSLClassifier(embeddings, random_state=0).fit(np.tile(X, (n, 1)), np.tile(y, n))
        for n in (1, 2)
    )
    assert_allclose(
        twice.cv_results_["feature_regularization"],
        2 * once.cv_results_["feature_regularization"],
    )
    assert_allclose(
        twice.cv_results_["embedding_regularization"], once.cv_results_["embedding_regularization"]
    )


def test_the_order_of_rows_and_of_classes_does_not_matter(world):
    X, y, embeddings = world
    rng = np.random.default_rng(0)
    rows, labels = rng.permutation(len(X)), rng.permutation(36)
    model = ESZSLClassifier(embeddings, **ONE).fit(X, y)
    shuffled = ESZSLClassifier(pd.DataFrame(embeddings, index=labels), **ONE)
    shuffled.fit(X[rows], labels[y[rows]])
    assert_allclose(shuffled.compatibility_, model.compatibility_, atol=1e-12)
    assert_allclose(
        shuffled.decision_function(X)[:, labels], model.decision_function(X), atol=1e-12
    )


def test_a_further_class_leaves_the_scores_of_the_others_as_they_are(world):
    X, y, embeddings = world
    fewer = ESZSLClassifier(embeddings[:33], **ONE).fit(X, y).decision_function(X)
    more = ESZSLClassifier(embeddings, **ONE).fit(X, y).decision_function(X)
    assert_allclose(more[:, :33], fewer, atol=1e-12)


def test_targets_of_minus_one_double_the_matrix_of_centred_features(world):
    X, y, embeddings = world
    zeros, minus = (
        ESZSLClassifier(embeddings, target_coding=coding, random_state=0).fit(X, y)
        for coding in ("01", "pm1")
    )
    assert_allclose(minus.compatibility_, 2 * zeros.compatibility_, atol=1e-10)
    assert_allclose(minus.decision_function(X), zeros.decision_function(X), atol=1e-10)


def test_targets_of_minus_one_add_a_term_of_rank_one_for_raw_features(world):
    X, y, embeddings = world
    zeros, minus = (
        ESZSLClassifier(embeddings, target_coding=coding, **RAW, **ONE).fit(X, y).compatibility_
        for coding in ("01", "pm1")
    )
    S = embeddings.astype(np.float32).astype(float)[:30]
    left = np.linalg.inv(X.T @ X + np.eye(40))
    right = np.linalg.inv(S.T @ S + np.eye(8))
    assert_allclose(
        minus, 2 * zeros - left @ np.outer(X.sum(axis=0), S.sum(axis=0)) @ right, atol=1e-10
    )


@pytest.mark.parametrize("seed", range(3))
def test_unseen_classes_of_a_linear_world_are_told_apart(seed):
    X, y, embeddings = linear_world(seed)
    model = ESZSLClassifier(embeddings, random_state=0).fit(X[y < 30], y[y < 30])
    assert gzsl_scorer(model, X, y)["T1"] >= 0.95
    only_unseen = ESZSLClassifier(embeddings, label_space="unseen", random_state=0)
    assert only_unseen.fit(X[y < 30], y[y < 30]).score(X[y >= 30], y[y >= 30]) >= 0.95


def test_auto_takes_the_best_pair_of_its_results(problem, Xy):
    model = ESZSLClassifier(problem.class_embeddings, random_state=0).fit(*Xy)
    results = pd.DataFrame(model.cv_results_)
    splits = results.filter(regex=r"^split\d_test_score$")
    assert splits.shape == (49, 3)
    assert_allclose(splits.mean(axis=1), results["mean_test_score"])
    assert results["mean_test_score"].min() < results["mean_test_score"].max()
    chosen = results[
        (results["feature_regularization"] == model.feature_regularization_)
        & (results["embedding_regularization"] == model.embedding_regularization_)
    ]
    assert chosen["mean_test_score"].item() == results["mean_test_score"].max()


def test_the_same_seed_gives_the_same_results(problem, Xy):
    one, same, other = (
        ESZSLClassifier(problem.class_embeddings, random_state=seed).fit(*Xy).cv_results_
        for seed in (0, 0, 1)
    )
    assert_array_equal(one["mean_test_score"], same["mean_test_score"])
    assert (one["mean_test_score"] != other["mean_test_score"]).any()


def test_a_given_pair_is_taken_as_it_is(problem, Xy):
    model = ESZSLClassifier(
        problem.class_embeddings, feature_regularization=0.25, embedding_regularization=3
    ).fit(*Xy)
    assert (model.feature_regularization_, model.embedding_regularization_) == (0.25, 3.0)
    (row,) = pd.DataFrame(model.cv_results_).to_dict("records")
    assert [row[name] for name in PAIR] == [0.25, 3.0]
    assert np.isnan(row["mean_test_score"])


@pytest.mark.parametrize("given", PAIR)
def test_only_the_other_regularization_is_chosen_if_one_is_given(problem, Xy, given):
    (other,) = set(PAIR) - {given}
    model = ESZSLClassifier(problem.class_embeddings, random_state=0, **{given: 0.5}).fit(*Xy)
    results = pd.DataFrame(model.cv_results_)
    assert (results[given] == 0.5).all()
    assert results[other].nunique() == len(results) == 7
    assert getattr(model, given + "_") == 0.5


def test_a_chosen_pair_gives_the_same_model_as_the_same_numbers(problem, Xy):
    chosen = ESZSLClassifier(problem.class_embeddings, random_state=0).fit(*Xy)
    pair = {name: getattr(chosen, name + "_") for name in PAIR}
    given = ESZSLClassifier(problem.class_embeddings, **pair).fit(*Xy)
    assert_array_equal(given.compatibility_, chosen.compatibility_)


@pytest.mark.parametrize("scaling", ["raw", "unit"])
def test_a_fold_sees_nothing_of_what_it_holds_out(problem, Xy, scaling):
    X, y = Xy
    held_out, poisoned = problem.seen_classes[:3], problem.seen_classes[3]
    is_test = np.isin(y, held_out) | (np.arange(len(y)) % 5 == 0)
    # The poisoned class is neither trained on nor tested.
    train = np.flatnonzero(~is_test & (y != poisoned))
    test = np.flatnonzero(is_test & (y != poisoned))
    rng = np.random.default_rng(0)
    clean, bad = problem.class_embeddings, problem.class_embeddings.copy()
    # Of the same size, because the grid of regularizations is that of all classes.
    bad.loc[poisoned] = -bad.loc[poisoned].to_numpy()[::-1]
    bad.loc[problem.unseen_classes] += 50
    X_bad, is_poisoned = X.copy(), y == poisoned
    X_bad[is_poisoned] = rng.normal(size=X[is_poisoned].shape)
    X_bad[is_poisoned] *= np.linalg.norm(X[is_poisoned]) / np.linalg.norm(X_bad[is_poisoned])
    results = [
        ESZSLClassifier(
            embeddings,
            feature_regularization=1.0,
            feature_scaling=scaling,
            embedding_scaling=scaling,
            cv=[(train, test)],
        )
        .fit(rows, y)
        .cv_results_
        for embeddings, rows in ((clean, X), (bad, X_bad))
    ]
    assert_allclose(results[1]["split0_test_score"], results[0]["split0_test_score"], atol=0.005)


def test_shots_train_the_matrix_but_do_not_move_the_centre_of_the_embeddings(problem, Xy):
    rows = np.concatenate([problem.trainval, problem.test_unseen[:20]])
    model = ESZSLClassifier(problem.class_embeddings, unseen_classes=problem.unseen_classes, **ONE)
    model.fit(problem.data[rows], problem.target[rows])
    alone = ESZSLClassifier(problem.class_embeddings, **ONE).fit(*Xy)
    assert not np.allclose(model.compatibility_, alone.compatibility_)
    assert_allclose(model.scaled_embeddings_, alone.scaled_embeddings_)


def test_modalities_are_scaled_one_by_one_and_put_side_by_side(world):
    X, y, embeddings = world
    both = {"a": embeddings[:, :4], "b": 100 * embeddings[:, 4:]}
    model = ESZSLClassifier(both, **ONE).fit(X, y)
    for columns, part in ((slice(4), embeddings[:, :4]), (slice(4, None), embeddings[:, 4:])):
        expected = ESZSLClassifier(part, **ONE).fit(X, y).scaled_embeddings_
        assert_allclose(model.scaled_embeddings_[:, columns], expected, atol=1e-5)


def test_a_class_that_lacks_a_modality_is_named(world):
    X, y, embeddings = world
    both = {"a": pd.DataFrame(embeddings), "b": pd.DataFrame(embeddings[:34])}
    with pytest.raises(ValueError, match=r"\['b'\] lacks 2 classes: 34, 35\..*leave out 'b'"):
        ESZSLClassifier(both).fit(X, y)


def test_without_class_embeddings_it_is_an_ordinary_ridge_classifier(Xy):
    X, y = Xy
    model = ESZSLClassifier().fit(X, y)
    rows = X / np.linalg.norm(X, axis=1, keepdims=True)
    ridge = RidgeClassifier(alpha=model.feature_regularization_).fit(rows, y)
    assert_array_equal(model.predict(X), ridge.predict(rows))
    assert np.isnan(model.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("n_classes", [1, 2])
def test_the_middle_of_the_grid_is_taken_where_nothing_can_be_held_out(n_classes):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(n_classes, 5)), np.arange(n_classes)
    model = ESZSLClassifier(rng.normal(size=(4, 3))).fit(X, y, {"embeddings": np.eye(4, 3)})
    results = model.cv_results_
    assert np.isnan(results["mean_test_score"]).all()
    assert model.feature_regularization_ == np.unique(results["feature_regularization"])[3]
    assert model.embedding_regularization_ == np.unique(results["embedding_regularization"])[3]


@pytest.mark.parametrize("cv", [GZSLKFold(3), GZSLShuffleSplit(2, random_state=0)])
def test_any_folds_that_hold_out_whole_classes_serve(problem, Xy, cv):
    model = ESZSLClassifier(problem.class_embeddings, cv=cv).fit(*Xy)
    assert f"split{cv.get_n_splits() - 1}_test_score" in model.cv_results_


def test_folds_that_hold_out_no_class_are_refused(problem, Xy):
    with pytest.raises(ValueError, match="Fold 0 of cv=3 holds out no whole class"):
        ESZSLClassifier(problem.class_embeddings, cv=3).fit(*Xy)


def test_a_class_in_the_centre_of_the_embeddings_is_no_direction(world):
    X, y, _ = world
    same = np.tile(np.random.default_rng(0).normal(size=8), (36, 1))
    model = ESZSLClassifier(same, **ONE)
    with pytest.warns(UserWarning, match="as it describes another class|Nothing could be learnt"):
        model.fit(X, y)
    assert_allclose(model.decision_function(X), 0, atol=1e-5)


@pytest.mark.parametrize("scale", [1e-170, 1e-6, 1e6, 1e160])
def test_the_scale_of_unit_features_does_not_matter(world, scale):
    X, y, embeddings = world
    expected = ESZSLClassifier(embeddings, random_state=0).fit(X, y).decision_function(X)
    scaled = ESZSLClassifier(embeddings, random_state=0).fit(X * scale, y)
    assert_allclose(scaled.decision_function(X * scale), expected, atol=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_raw_features_may_have_an_offset(world, offset):
    X, y, embeddings = world
    model = ESZSLClassifier(embeddings, feature_scaling="raw", random_state=0)
    assert (model.fit(X + offset, y).predict(X + offset) == y).mean() > 0.7


def test_raw_features_whose_squares_overflow_are_refused(world):
    X, y, embeddings = world
    with pytest.raises(ValueError, match=r"squares of X overflow\. Scale X"):
        ESZSLClassifier(embeddings, feature_scaling="raw").fit(X * 1e160, y)


def test_rows_on_one_line_are_no_error(world):
    _, y, embeddings = world
    line = np.random.default_rng(0).normal(size=800)
    X = np.outer(np.random.default_rng(1).random(len(y)) + 1, line)
    model = ESZSLClassifier(embeddings, feature_scaling="raw", random_state=0).fit(X, y)
    assert np.isfinite(model.decision_function(X)).all()


def test_scores_that_all_tie_are_warned_of(world):
    X, y, embeddings = world
    with pytest.warns(CollapseWarning, match="scores of all classes tie"):
        model = ESZSLClassifier(embeddings, random_state=0).fit(X[y == 3], y[y == 3])
    assert not model.decision_function(X).any()
