"""Properties of every GZSL classifier."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcada.inspection import SeenUnseenCurveDisplay
from skcada.metrics import (
    gzsl_scorer,
    gzsl_scores,
    harmonic_mean_score,
    per_class_accuracy_score,
    seen_unseen_auc_score,
)
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV, few_shot_split


@pytest.fixture
def X_test(problem, rows_to_test):
    return problem.data[rows_to_test]


@pytest.fixture
def y_test(problem, rows_to_test):
    return problem.target[rows_to_test]


def test_classes_come_from_the_embeddings(classifier, problem, Xy):
    classifier.fit(*Xy)
    assert_array_equal(classifier.classes_, np.sort(problem.class_embeddings.index))
    assert_array_equal(classifier.seen_classes_, problem.seen_classes)
    assert_array_equal(classifier.unseen_classes_, problem.unseen_classes)
    published = classifier.class_embeddings_
    assert isinstance(published, pd.DataFrame)
    expected = problem.class_embeddings.sort_index().astype(np.float32)
    pd.testing.assert_frame_equal(published, expected, check_names=False, check_column_type=False)


def test_every_form_of_the_embeddings_gives_the_same_model(classifier, problem, Xy, X_test):
    expected = classifier.fit(*Xy).decision_function(X_test)
    table = problem.class_embeddings
    forms = (
        table.sample(frac=1, random_state=0),
        {name: row.to_numpy() for name, row in table.iterrows()},
        {"embeddings": table},
        pl.DataFrame({"class": [*table.index], **table.rename(columns=str).to_dict("list")}),
    )
    for form in forms:
        other = clone(classifier).set_params(class_embeddings=form).fit(*Xy)
        assert_array_equal(other.decision_function(X_test), expected)
    with_numbers = clone(classifier).set_params(class_embeddings=table.to_numpy())
    with_numbers.fit(Xy[0], table.index.get_indexer(Xy[1]))
    assert_array_equal(with_numbers.decision_function(X_test), expected)


@pytest.mark.parametrize(
    "convert",
    [
        lambda codes: codes + 10,
        lambda codes: (codes + 10).astype(">i4"),
        lambda codes: codes.astype(np.float16),
        lambda codes: codes.astype(np.uint64),
        lambda codes: np.array([f"label {code:03d}" for code in codes], dtype=object),
        lambda codes: pd.Series([f"label {code:03d}" for code in codes], dtype="category"),
    ],
    ids=["int", "big-endian", "float16", "uint64", "object", "category"],
)
def test_other_names_of_the_classes_give_the_same_scores(classifier, Xy, X_test, convert):
    expected = classifier.fit(*Xy)
    scores, predicted = expected.decision_function(X_test), expected.predict(X_test)
    codes = expected.classes_.searchsorted(Xy[1])
    labels = convert(np.arange(len(expected.classes_)))
    table = expected.class_embeddings_.set_axis(np.asarray(labels).tolist())
    renamed = clone(classifier).set_params(class_embeddings=table).fit(Xy[0], convert(codes))
    assert_array_equal(renamed.decision_function(X_test), scores)
    codes_predicted = expected.classes_.searchsorted(predicted)
    assert_array_equal(renamed.predict(X_test), np.asarray(labels)[codes_predicted])


def read_only(X):
    X = X.copy()
    X.setflags(write=False)
    return X


@pytest.mark.parametrize(
    "convert",
    [np.asfortranarray, read_only, lambda X: X.astype(">f4"), lambda X: pd.DataFrame(X), list],
    ids=["fortran", "read-only", "big-endian", "frame", "list"],
)
def test_memory_layout_does_not_matter(classifier, Xy, X_test, convert):
    X = Xy[0].astype(np.float32)
    expected = classifier.fit(X, Xy[1]).decision_function(X_test.astype(np.float32))
    model = clone(classifier).fit(convert(X), Xy[1])
    found = model.decision_function(convert(X_test.astype(np.float32)))
    assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_each_row_is_scored_by_itself(classifier, Xy, X_test, small_chunks):
    classifier.fit(*Xy)
    whole = classifier.decision_function(X_test)
    order = np.random.default_rng(0).permutation(len(X_test))
    assert_allclose(classifier.decision_function(X_test[order]), whole[order], rtol=1e-4, atol=1e-5)
    predicted = classifier.predict(X_test)
    assert_array_equal(predicted, classifier.classes_[whole.argmax(axis=1)])
    small_chunks(50)
    in_parts = classifier.decision_function(X_test)
    assert in_parts.dtype == whole.dtype
    assert_allclose(in_parts, whole, rtol=1e-4, atol=1e-5)
    assert_array_equal(classifier.predict(X_test), predicted)


def test_a_penalty_shifts_the_scores_of_seen_classes_by_exactly_itself(classifier, Xy, X_test):
    scores = classifier.fit(*Xy).decision_function(X_test)
    is_seen = np.isin(classifier.classes_, classifier.seen_classes_)
    for penalty in (0.5, -3.0):
        shifted = classifier.set_params(seen_penalty=penalty).decision_function(X_test)
        assert shifted.dtype == scores.dtype
        assert_array_equal(shifted, np.where(is_seen, scores - penalty, scores))
        assert_array_equal(classifier.predict(X_test), classifier.classes_[shifted.argmax(axis=1)])


@pytest.mark.parametrize("size", [1e6, 1e8, 1e39, 1e300])
def test_no_penalty_is_too_large(classifier, Xy, X_test, size):
    scores = classifier.fit(*Xy).decision_function(X_test)
    is_seen = np.isin(classifier.classes_, classifier.seen_classes_)
    for penalty, rivals in ((size, ~is_seen), (-size, is_seen)):
        classifier.set_params(seen_penalty=penalty)
        best = np.where(rivals, scores, -np.inf).argmax(axis=1)
        assert_array_equal(classifier.predict(X_test), classifier.classes_[best])
        assert np.isfinite(classifier.decision_function(X_test)).all()


@pytest.mark.parametrize("penalty", [np.nan, np.inf, "1", None])
@pytest.mark.parametrize("method", ["predict", "decision_function"])
def test_a_penalty_that_is_no_number_is_refused_also_after_fit(
    classifier, Xy, X_test, penalty, method
):
    classifier.fit(*Xy).set_params(seen_penalty=penalty)
    with pytest.raises(ValueError, match=r"'seen_penalty' parameter of .* must be a float"):
        getattr(classifier, method)(X_test)


def test_score_is_the_harmonic_mean(classifier, problem, Xy, X_test, y_test):
    classifier.fit(*Xy).set_params(seen_penalty=0.1)
    expected = harmonic_mean_score(
        y_test, classifier.predict(X_test), seen_classes=problem.seen_classes
    )
    assert classifier.score(X_test, y_test) == expected
    scores = gzsl_scores(
        y_test,
        classifier.decision_function(X_test),
        classes=classifier.classes_,
        seen_classes=classifier.seen_classes_,
    )
    assert_allclose(scores["H"], expected)
    with pytest.raises(ValueError, match="unseen"):
        classifier.score(*Xy)
    with pytest.raises(ValueError, match="'no such class'"):
        classifier.score(X_test[:2], ["no such class", y_test[0]])


def test_without_embeddings_it_is_an_ordinary_classifier(bare, problem, Xy):
    bare.fit(*Xy)
    assert_array_equal(bare.classes_, problem.seen_classes)
    assert len(bare.unseen_classes_) == 0
    assert bare.class_embeddings_ is None
    X, y = problem.data[problem.test_seen], problem.target[problem.test_seen]
    assert bare.score(X, y) == per_class_accuracy_score(y, bare.predict(X))
    # So it is with embeddings of seen classes only.
    bare.fit(*Xy, class_embeddings=problem.class_embeddings.loc[problem.seen_classes])
    assert bare.score(X, y) == per_class_accuracy_score(y, bare.predict(X))


def test_unseen_classes_alone_can_be_told_apart(classifier, problem, Xy, X_test, y_test):
    classifier.set_params(label_space="unseen").fit(*Xy)
    assert_array_equal(classifier.classes_, problem.unseen_classes)
    assert_array_equal(classifier.seen_classes_, problem.seen_classes)
    is_unseen = np.isin(y_test, problem.unseen_classes)
    predicted = classifier.predict(X_test)
    expected = per_class_accuracy_score(y_test[is_unseen], predicted[is_unseen])
    # Rows of seen classes do not count, and no penalty shifts anything.
    assert classifier.set_params(seen_penalty=5.0).score(X_test, y_test) == expected
    with pytest.raises(ValueError, match="does not know: 'no such class'"):
        classifier.score(X_test[:2], ["no such class", problem.unseen_classes[0]])
    with pytest.raises(ValueError, match="no row of the classes that the model tells apart"):
        classifier.score(*Xy)
    with pytest.raises(ValueError, match="tells unseen classes apart only"):
        gzsl_scorer(classifier, X_test, y_test)


def test_two_classes_have_one_score(bare):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 5))
    model = bare.set_params(class_embeddings=np.eye(2)).fit(X, np.zeros(40, dtype=int))
    scores = model.decision_function(X)
    assert scores.shape == (40,)
    assert_array_equal(model.predict(X), (scores > 0).astype(int))
    shifted = model.set_params(seen_penalty=0.25).decision_function(X)
    assert_allclose(shifted, scores + 0.25, rtol=1e-5, atol=1e-6)
    assert_array_equal(model.set_params(seen_penalty=-1e6).predict(X), np.zeros(40))


def test_shots_are_learned_from_and_their_classes_stay_unseen(classifier, problem, Xy):
    shots, rest = few_shot_split(
        problem.target, unseen_classes=problem.unseen_classes, n_shots=5, random_state=0
    )
    rows = np.concatenate([problem.trainval, shots])
    without = classifier.fit(*Xy).decision_function(problem.data[rest])
    classifier.set_params(unseen_classes=problem.unseen_classes)
    classifier.fit(problem.data[rows], problem.target[rows])
    assert_array_equal(classifier.unseen_classes_, problem.unseen_classes)
    assert_array_equal(classifier.seen_classes_, problem.seen_classes)
    found = classifier.decision_function(problem.data[rest])
    assert found.shape == without.shape
    assert not np.allclose(found, without)


def test_what_is_passed_to_fit_takes_precedence(classifier, problem, Xy, X_test):
    expected = classifier.fit(*Xy).decision_function(X_test)
    other = clone(classifier).set_params(class_embeddings=problem.class_embeddings * 0)
    other.fit(*Xy, class_embeddings=problem.class_embeddings)
    assert_array_equal(other.decision_function(X_test), expected)


def test_embeddings_with_one_row_per_sample_are_refused_in_fit_only(classifier, problem, Xy):
    X, y = Xy
    n = len(problem.class_embeddings)
    few = np.concatenate([np.flatnonzero(y == name)[:2] for name in problem.seen_classes])[:n]
    with pytest.raises(ValueError, match=r"as many rows as X \(16\)"):
        classifier.fit(X[few], y[few], class_embeddings=problem.class_embeddings)
    classifier.fit(X[few], y[few])


def test_parameters_set_after_fit_wait_for_the_next_one(classifier, problem, Xy, X_test):
    expected = classifier.fit(*Xy).decision_function(X_test)
    fewer = problem.class_embeddings.drop(index=problem.unseen_classes[0])
    classifier.set_params(class_embeddings=fewer)
    assert_array_equal(classifier.decision_function(X_test), expected)
    assert classifier.fit(*Xy).decision_function(X_test).shape == (len(X_test), 15)


def with_entry(array, value):
    array = np.array(array, dtype=object if not isinstance(value, float) else None)
    array[3] = value
    return array


REFUSED = {
    "NaN in X": (lambda X, y, table: (with_entry(X, np.nan), y, table, {}), "contains NaN"),
    "masked X": (
        lambda X, y, table: (np.ma.masked_less(X, np.median(X)), y, table, {}),
        "X has .* masked entries",
    ),
    "NaT": (lambda X, y, table: (X, with_entry(y, pd.NaT), table, {}), "missing"),
    "mixed": (lambda X, y, table: (X, with_entry(y, 1), table, {}), "mixed kinds"),
    "lacking": (
        lambda X, y, table: (X, y, table.rename({"class 00": "Klass 00"}), {}),
        "lacks 1 of the 12 classes in y: 'class 00'.* Is it the same class",
    ),
    "kinds": (lambda X, y, table: (X, y, table.to_numpy(), {}), "labels in y are strings"),
    "twice": (lambda X, y, table: (X, y, pd.concat([table, table]), {}), "more than one row"),
    "NaN": (lambda X, y, table: (X, y, table.where(table > 0.1), {}), "NaN"),
    "texts": (lambda X, y, table: (X, y, table.astype(str), {}), "not numeric"),
    "transposed": (lambda X, y, table: (X, y, table.T, {}), r"Pass class_embeddings\.T"),
    "polars": (
        lambda X, y, table: (X, y, pl.DataFrame(table.to_numpy()), {}),
        "only column of text",
    ),
    "unknown unseen": (
        lambda X, y, table: (X, y, table, {"unseen_classes": ["class 02", "emu"]}),
        "no embedding: 'emu'",
    ),
    "nested unseen": (
        lambda X, y, table: (X, y, table, {"unseen_classes": [["class 02"]]}),
        "one-dimensional list of labels",
    ),
    "unseen without embeddings": (
        lambda X, y, table: (X, y, None, {"unseen_classes": ["class 02"]}),
        "unseen_classes needs class_embeddings",
    ),
    "none seen": (
        lambda X, y, table: (X, y, table, {"unseen_classes": [*np.unique(y)]}),
        "no row is left to train on",
    ),
    "none unseen": (
        lambda X, y, table: (X, y, table.loc[np.unique(y)], {"label_space": "unseen"}),
        "leaves no class to predict",
    ),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_before_training_and_keeps_the_earlier_fit(
    classifier, problem, Xy, X_test, change, message
):
    before = classifier.fit(*Xy).decision_function(X_test)
    X, y, table, settings = change(*Xy, problem.class_embeddings)
    with pytest.raises(ValueError, match=message):
        clone(classifier).set_params(class_embeddings=table, **settings).fit(X, y)
    with pytest.raises(ValueError, match=message):
        classifier.set_params(class_embeddings=table, **settings).fit(X, y)
    classifier.set_params(unseen_classes=None, label_space="all")
    assert_array_equal(classifier.decision_function(X_test), before)


def test_unseen_classes_that_are_described_alike_are_warned_of_at_the_users_line(
    classifier, problem, Xy
):
    table = problem.class_embeddings.copy()
    first, second, *_ = problem.unseen_classes
    table.loc[first] = table.loc[second]
    pipeline = make_pipeline(StandardScaler(), classifier.set_params(class_embeddings=table))
    with pytest.warns(UserWarning, match=f"as it describes another class: '{first}'") as caught:
        pipeline.fit(*Xy)
    assert {warning.filename for warning in caught} == {__file__}


def test_scores_of_folds_and_searches_are_computed(classifier, problem):
    pipeline = make_pipeline(StandardScaler(), classifier)
    cv = GZSLShuffleSplit(2, random_state=0)
    results = cross_validate(
        pipeline, problem.data, problem.target, cv=cv, scoring=gzsl_scorer, error_score="raise"
    )
    assert {"test_S", "test_U", "test_H", "test_T1", "test_AUSUC"} <= set(results)
    name = f"{pipeline.steps[-1][0]}__seen_penalty"
    search = GridSearchCV(pipeline, {name: [0.0, 1e6]}, cv=cv, scoring=gzsl_scorer, refit="AUSUC")
    search.fit(problem.data, problem.target)
    assert_array_equal(search.cv_results_["mean_test_S"] > 0, [True, False])


def test_the_penalty_can_be_tuned(classifier, problem, Xy, X_test, y_test):
    tuned = TunedSeenPenaltyClassifierCV(
        make_pipeline(StandardScaler(), classifier), cv=GZSLShuffleSplit(2, random_state=0)
    )
    tuned.fit(*Xy)
    assert tuned.best_score_ > 0
    final = tuned.estimator_[-1]
    assert final.seen_penalty == tuned.best_seen_penalty_
    assert_array_equal(tuned.classes_, final.classes_)
    assert tuned.score(X_test, y_test) == harmonic_mean_score(
        y_test, tuned.predict(X_test), seen_classes=problem.seen_classes
    )


def test_fit_parameters_reach_every_fold_of_a_tuned_penalty(classifier, problem, Xy, X_test):
    cv = GZSLShuffleSplit(2, random_state=0)
    expected = TunedSeenPenaltyClassifierCV(clone(classifier), cv=cv).fit(*Xy)
    bare = classifier.set_params(class_embeddings=None)
    tuned = TunedSeenPenaltyClassifierCV(bare, cv=cv)
    tuned.fit(*Xy, class_embeddings=problem.class_embeddings)
    assert tuned.best_seen_penalty_ == expected.best_seen_penalty_
    assert_array_equal(tuned.decision_function(X_test), expected.decision_function(X_test))


def test_the_curve_is_drawn_from_the_scores(classifier, Xy, X_test, y_test):
    classifier.fit(*Xy)
    display = SeenUnseenCurveDisplay.from_estimator(
        classifier, X_test, y_test, ax=Figure().subplots()
    )
    assert display.ausuc == seen_unseen_auc_score(
        y_test,
        classifier.decision_function(X_test),
        classes=classifier.classes_,
        seen_classes=classifier.seen_classes_,
    )
    scores = gzsl_scorer(classifier, X_test, y_test)
    assert display.operating_point == (scores["S"], scores["U"], scores["H"])


def test_a_pipeline_is_scored_also_with_metadata_routing(classifier, Xy, X_test, y_test):
    pipeline = make_pipeline(StandardScaler(), classifier).fit(*Xy)
    expected = pipeline.score(X_test, y_test)
    with config_context(enable_metadata_routing=True):
        assert pipeline.score(X_test, y_test) == expected
    with pytest.raises(ValueError, match="score takes no sample_weight"):
        classifier.score(X_test, y_test, sample_weight=np.ones(len(y_test)))


def test_a_table_as_long_as_a_fold_is_not_taken_for_a_sliced_one(bare, problem, Xy):
    cv = GZSLShuffleSplit(1, random_state=0)
    n_rows = len(next(cv.split(*Xy))[0])
    table = problem.class_embeddings
    noise = np.random.default_rng(0).random((n_rows - len(table), table.shape[1]))
    more = pd.DataFrame(noise, [f"other {i}" for i in range(len(noise))], table.columns)
    # Among so many classes that are noise, any S will do.
    tuned = TunedSeenPenaltyClassifierCV(bare, scoring=0.001, cv=cv)
    tuned.fit(*Xy, class_embeddings=pd.concat([table, more]))
    assert len(tuned.classes_) == n_rows
