"""The penalty on seen classes that is found by cross-validation."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from given_scores import GivenScores, one_fold, tune_one_fold
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, LeaveOneOut, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.compatibility import ESZSLClassifier
from skcada.metrics import gzsl_scorer, gzsl_scores
from skcada.model_selection import GZSLKFold, GZSLShuffleSplit, TunedSeenPenaltyClassifierCV


@pytest.fixture
def log(monkeypatch):
    """Record the rows of every fit and of every scoring of GivenScores."""
    entries = []
    monkeypatch.setattr(GivenScores, "log", entries)
    return entries


@pytest.fixture
def fits(monkeypatch):
    """Record the number of rows of every training of a VAE."""
    n_rows = []
    fit = CADAVAETransformer.fit

    def counted(self, X, y, **kwargs):
        n_rows.append(len(X))
        return fit(self, X, y, **kwargs)

    monkeypatch.setattr(CADAVAETransformer, "fit", counted)
    return n_rows


@pytest.fixture
def classifier(small_transformer, problem):
    """Return a classifier that favours seen classes, by four times the latents."""
    return GZSLClassifier(
        small_transformer.set_params(max_iter=12, beta=1e-3, learning_rate=4e-3),
        classifier=SoftmaxClassifier(max_iter=5),
        class_embeddings=problem.class_embeddings,
        samples_per_class=(40, 10),
        random_state=0,
    )


def test_tuning_raises_the_harmonic_mean_on_test_rows(classifier, problem, Xy):
    tuned = TunedSeenPenaltyClassifierCV(classifier, cv=GZSLShuffleSplit(3, random_state=0))
    tuned.fit(*Xy)
    untuned = classifier.fit(*Xy)
    test = np.concatenate([problem.test_seen, problem.test_unseen])
    X, y = problem.data[test], problem.target[test]
    assert tuned.best_seen_penalty_ > 0
    assert tuned.score(X, y) > untuned.score(X, y) + 0.05
    # Only the penalty differs.
    untuned.set_params(seen_penalty=tuned.best_seen_penalty_)
    assert_array_equal(tuned.decision_function(X), untuned.decision_function(X))
    assert_array_equal(tuned.predict(X), untuned.predict(X))
    assert_array_equal(tuned.predict_proba(X), untuned.predict_proba(X))
    assert_array_equal(tuned.predict_log_proba(X), untuned.predict_log_proba(X))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_model_that_is_seeded_is_left_as_it_is(classifier, Xy, seed):
    classifier.set_params(transformer__random_state=None)
    untuned = clone(classifier).fit(*Xy)
    cv = GZSLShuffleSplit(1, random_state=0)
    tuned = TunedSeenPenaltyClassifierCV(classifier, cv=cv, random_state=seed).fit(*Xy)
    final = tuned.estimator_.set_params(seen_penalty=0.0)
    assert_array_equal(final.decision_function(Xy[0]), untuned.decision_function(Xy[0]))


def test_every_fold_and_the_final_model_are_fitted_once(classifier, fits, Xy):
    cv = GZSLKFold(3)
    n_train = [len(train) for train, _ in cv.split(*Xy)]
    tuned = TunedSeenPenaltyClassifierCV(classifier, cv=cv).fit(*Xy)
    assert fits == [*n_train, len(Xy[0])]
    assert len(tuned.cv_results_["seen_penalty"]) > 50


def test_the_curve_is_what_trying_every_penalty_gives(classifier, Xy):
    X, y = Xy
    cv = GZSLShuffleSplit(2, random_state=0)
    # The penalty of the estimator itself plays no role.
    tuned = TunedSeenPenaltyClassifierCV(clone(classifier).set_params(seen_penalty=3.0), cv=cv)
    tuned.fit(X, y)
    results = pd.DataFrame(tuned.cv_results_)
    assert results["seen_penalty"].is_monotonic_increasing
    penalties = [*results["seen_penalty"][::5], tuned.best_seen_penalty_]
    naive = []
    for train, test in cv.split(X, y):
        classifier.fit(X[train], y[train])
        labels = {"classes": classifier.classes_, "seen_classes": classifier.seen_classes_}
        fold_scores = []
        for penalty in penalties:
            classifier.set_params(seen_penalty=penalty)
            scores = gzsl_scores(y[test], classifier.decision_function(X[test]), **labels)
            fold_scores.append([scores["S"], scores["U"], scores["H"]])
        classifier.set_params(seen_penalty=0.0)
        naive.append(fold_scores)
    for split in (0, 1):
        columns = [f"split{split}_S", f"split{split}_U", f"split{split}_H"]
        assert_allclose(results[columns][::5], naive[split][:-1], atol=1e-12)
    mean = np.mean(naive, axis=0)
    assert_allclose(results[["mean_S", "mean_U", "mean_H"]][::5], mean[:-1], atol=1e-12)
    assert_allclose(tuned.best_score_, mean[-1, 2])
    assert tuned.best_score_ == results["mean_H"].max() > 0
    assert tuned.estimator_.seen_penalty == tuned.best_seen_penalty_


SCORES = st.lists(st.integers(-9, 9), min_size=3, max_size=3)


@settings(max_examples=30)
@given(
    scores=st.lists(SCORES, min_size=12, max_size=12),
    scoring=st.sampled_from(["H", 0.3, 0.7]),
)
# The middle of two neighbouring best intervals is where rows tie.
@example(scores=[*[[0, 0, 0]] * 9, [0, 0, 1], [0, 0, 0], [0, 0, 1]], scoring="H")
@pytest.mark.filterwarnings("ignore:No penalty:UserWarning", "ignore:scoring=:UserWarning")
def test_no_penalty_is_better_than_the_one_found(scores, scoring):
    classes = ["bat", "cat", "owl"]
    X, y = np.array(scores, dtype=float), np.repeat(classes, 4)
    cv = GZSLKFold(2)
    tuned = TunedSeenPenaltyClassifierCV(GivenScores(classes), scoring=scoring, cv=cv).fit(X, y)

    def mean_scores(penalty):
        results = cross_validate(
            GivenScores(classes, penalty), X, y, cv=cv, scoring=gzsl_scorer, error_score="raise"
        )
        return [results[f"test_{name}"].mean() for name in "SUH"]

    # Scores are whole numbers, so that between them no row ties.
    tried = [mean_scores(penalty) for penalty in np.arange(-18.5, 19, 3)]
    S, U, H = mean_scores(tuned.best_seen_penalty_)
    if scoring == "H":
        assert_allclose(tuned.best_score_, H)
        assert max(h for *_, h in tried) <= H + 1e-12
    else:
        assert_allclose(tuned.best_score_, U)
        target = min(scoring, tried[0][0])
        assert target - 1e-12 <= S
        assert max(u for s, u, _ in tried if s >= target) <= U + 1e-12


def test_the_penalty_is_the_middle_of_the_best_interval():
    tuned = tune_one_fold([1, 2, 3, 4], [0.5, 1.5, 1.6, 9])
    assert_allclose(tuned.best_seen_penalty_, 1.8)  # between 1.6 and 2
    assert_allclose(tuned.best_score_, 0.75)


def test_of_equally_good_intervals_the_widest_is_chosen():
    # H is 0.6 from 1.5 to 2 and, with S and U exchanged, from 2.5 to 3.5.
    tuned = tune_one_fold([1, 2, 3.5, 4], [0.5, 1.5, 2.5, 9])
    assert_allclose(tuned.best_seen_penalty_, 3.0)


@pytest.mark.parametrize(
    ("least_seen", "penalty", "unseen"), [(0.75, 1.75, 0.5), (0.5, 2.75, 0.75), (0.9, 0.75, 0.25)]
)
def test_a_target_keeps_the_seen_accuracy_at_the_least_cost(least_seen, penalty, unseen):
    tuned = tune_one_fold([1, 2, 3, 4], [0.5, 1.5, 2.5, 3.5], least_seen)
    assert_allclose(tuned.best_seen_penalty_, penalty)
    assert_allclose(tuned.best_score_, unseen)


def test_a_target_out_of_reach_keeps_the_highest_seen_accuracy_and_warns():
    # The second test row of "bat" is taken for "cat" at any penalty.
    X = np.array([[0, 0, 0], [0, 0, 0], [4, 0, 0], [0, 4, 0], [2, 0, 0]], dtype=float)
    y = np.array(["bat", "cat", "bat", "bat", "owl"])
    tuned = TunedSeenPenaltyClassifierCV(
        GivenScores(["bat", "cat", "owl"]), scoring=0.8, cv=[([0, 1], [2, 3, 4])]
    )
    with pytest.warns(UserWarning, match=r"scoring=0.8 is out of reach.* 0.500, which is kept"):
        tuned.fit(X, y)
    assert_allclose(tuned.best_seen_penalty_, 3.0)
    assert tuned.best_score_ == 1.0


def test_it_warns_and_leaves_the_scores_where_no_penalty_helps():
    # What is seen goes over to the unseen class before any unseen row does.
    with pytest.warns(UserWarning, match="No penalty gives a harmonic mean above 0"):
        tuned = tune_one_fold([1, 2], [3, 4])
    assert (tuned.best_seen_penalty_, tuned.best_score_) == (0.0, 0.0)


def test_by_default_a_sixth_of_the_classes_is_held_out_three_times(log):
    y = np.repeat(np.arange(12), 10)
    X = np.column_stack([np.eye(12)[y], y, np.arange(len(y))])
    TunedSeenPenaltyClassifierCV(GivenScores(np.arange(12)), random_state=3).fit(X, y)
    *in_folds, all_rows = [rows for _, rows in log]
    cv = GZSLShuffleSplit(3, unseen_size=1 / 6, test_size=0.2, random_state=3)
    expected = [X[rows] for fold in cv.split(X, y) for rows in fold]
    assert len(in_folds) == len(expected)
    for rows, those_expected in zip(in_folds, expected, strict=True):
        assert_array_equal(rows, those_expected)
    assert_array_equal(all_rows, X)
    train, test, *_ = in_folds
    assert len(np.setdiff1d(test[:, 12], train[:, 12])) == 2


TWO_FOLDS = [
    (np.r_[2:18, 24:33], np.r_[:2, 18:24, 33:36]),
    (np.r_[6:20, 24:34], np.r_[:6, 20:24, 34]),
]


@pytest.mark.parametrize(
    "cv", [None, GZSLKFold(3), TWO_FOLDS], ids=["default", "splitter", "iterable"]
)
def test_shots_are_in_every_training_part_and_never_tested(log, cv):
    classes = np.arange(6)
    y = np.repeat(classes, 6)
    X = np.column_stack([np.eye(6)[y] + np.eye(6)[y - 1] / 2, y])
    estimator = GivenScores(classes, unseen_classes=[4, 5])
    tuned = TunedSeenPenaltyClassifierCV(estimator, cv=cv, random_state=0).fit(X, y)
    parts = [rows[:, 6] for what, rows in log[:-1] if what == "fit"]
    tested = [rows[:, 6] for what, rows in log if what == "score"]
    assert len(parts) == len(tested) == (2 if cv is TWO_FOLDS else 3)
    for train, test in zip(parts, tested, strict=True):
        assert np.sum(train >= 4) == 12
        assert not np.any(test >= 4)
        assert len(np.setdiff1d(test, train)) >= 1
    assert_array_equal(tuned.seen_classes_, [0, 1, 2, 3])
    assert_array_equal(tuned.unseen_classes_, [4, 5])
    # Whatever their features are, they only train: here, nothing.
    poisoned = np.where(y[:, np.newaxis] >= 4, 1e6, X)
    again = clone(tuned).fit(poisoned, y)
    assert again.best_seen_penalty_ == tuned.best_seen_penalty_
    for name, values in tuned.cv_results_.items():
        assert_array_equal(again.cv_results_[name], values)


def test_few_shots_of_the_classifier_itself(classifier, problem, Xy, fits):
    shots = [np.flatnonzero(problem.target == label)[:3] for label in problem.unseen_classes]
    rows = np.concatenate([problem.trainval, *shots])
    classifier.set_params(unseen_classes=problem.unseen_classes, transformer__max_iter=10)
    tuned = TunedSeenPenaltyClassifierCV(classifier, random_state=0)
    tuned.fit(problem.data[rows], problem.target[rows])
    assert_array_equal(tuned.seen_classes_, problem.seen_classes)
    assert_array_equal(tuned.unseen_classes_, problem.unseen_classes)
    assert_array_equal(tuned.classes_, problem.class_embeddings.index)
    # Shots do not train the VAE, and are not among the rows that are split.
    cv = GZSLShuffleSplit(3, unseen_size=1 / 6, test_size=0.2, random_state=0)
    assert fits == [*(len(train) for train, _ in cv.split(*Xy)), len(Xy[0])]


@pytest.mark.parametrize("where", ["classifier", "transformer"])
def test_embeddings_are_found_wherever_they_were_given(classifier, problem, Xy, fits, where):
    table = problem.class_embeddings
    classifier.set_params(class_embeddings=None, transformer__max_iter=3)
    if where == "transformer":
        classifier.set_params(transformer__class_embeddings=table)
    else:
        classifier.set_params(class_embeddings=table)
    tuned = TunedSeenPenaltyClassifierCV(classifier, scoring=0.01, random_state=0).fit(*Xy)
    assert len(fits) == 4
    assert len(tuned.classes_) == len(table)


def test_without_embeddings_there_is_nothing_to_tune(classifier, Xy, fits):
    classifier.set_params(class_embeddings=None, seen_penalty=2.0, transformer__max_iter=3)
    tuned = TunedSeenPenaltyClassifierCV(classifier).fit(*Xy)
    assert len(fits) == 1
    assert tuned.best_seen_penalty_ == tuned.estimator_.seen_penalty == 0
    assert tuned.best_score_ is tuned.cv_results_ is None
    expected = classifier.set_params(seen_penalty=0.0).fit(*Xy)
    assert_array_equal(tuned.decision_function(Xy[0]), expected.decision_function(Xy[0]))
    assert tuned.score(*Xy) == expected.score(*Xy)


def test_two_jobs_find_what_one_finds(classifier, Xy):
    classifier.set_params(random_state=None, transformer__random_state=None)
    cv = GZSLKFold(2)
    one, two = (
        TunedSeenPenaltyClassifierCV(classifier, cv=cv, n_jobs=n_jobs, random_state=0).fit(*Xy)
        for n_jobs in (1, 2)
    )
    assert one.best_seen_penalty_ == two.best_seen_penalty_
    for name, values in one.cv_results_.items():
        assert_array_equal(two.cv_results_[name], values)
    assert_array_equal(one.decision_function(Xy[0]), two.decision_function(Xy[0]))
    assert classifier.random_state is None


def test_around_and_inside_a_pipeline_it_is_the_same(classifier, problem, Xy):
    names = [f"feature {i}" for i in range(20)]
    X, y = pd.DataFrame(Xy[0], columns=names), Xy[1]
    cv = GZSLShuffleSplit(1, random_state=1)
    around = TunedSeenPenaltyClassifierCV(make_pipeline(StandardScaler(), classifier), cv=cv)
    around.fit(X, y)
    assert_array_equal(around.feature_names_in_, names)
    assert around.n_features_in_ == 20
    assert around.estimator_[-1].seen_penalty == around.best_seen_penalty_ != 0
    nested = TunedSeenPenaltyClassifierCV(Pipeline([("all", around.estimator)]), cv=cv).fit(X, y)
    assert nested.best_seen_penalty_ == around.best_seen_penalty_

    inside = make_pipeline(StandardScaler(), TunedSeenPenaltyClassifierCV(classifier, cv=cv))
    inside.fit(X, y)
    assert not hasattr(inside[-1], "feature_names_in_")
    test = np.concatenate([problem.test_seen, problem.test_unseen])
    rows, labels = pd.DataFrame(problem.data[test], columns=names), problem.target[test]
    scores = gzsl_scorer(inside, rows, labels)
    assert scores["H"] == inside.score(rows, labels) > 0
    # Without features of the held-out rows the scaler differs a little.
    assert abs(gzsl_scorer(around, rows, labels)["H"] - scores["H"]) < 0.2


def test_a_search_around_it_reaches_nested_parameters(classifier, Xy):
    tuned = TunedSeenPenaltyClassifierCV(
        make_pipeline(StandardScaler(), classifier), cv=GZSLShuffleSplit(1, random_state=1)
    )
    search = GridSearchCV(
        tuned,
        {"estimator__gzslclassifier__samples_per_class": [(40, 10), (20, 20)]},
        cv=GZSLShuffleSplit(1, random_state=0),
        scoring=gzsl_scorer,
        refit="H",
        error_score="raise",
    ).fit(*Xy)
    assert np.all(search.cv_results_["mean_test_H"] > 0)
    last = search.best_estimator_.estimator_[-1]
    assert last.samples_per_class == next(iter(search.best_params_.values()))
    assert search.predict(Xy[0]).shape == Xy[1].shape


@pytest.mark.parametrize("kind", [float, int, object])
def test_labels_of_every_kind(classifier, problem, Xy, kind):
    X, names = Xy
    index = problem.class_embeddings.index
    new = index.to_numpy(object) if kind is object else np.arange(len(index)).astype(kind) * 2
    classifier.set_params(
        class_embeddings=problem.class_embeddings.set_axis(new), transformer__max_iter=5
    )
    y = new[index.get_indexer(names)]
    tuned = TunedSeenPenaltyClassifierCV(classifier, scoring=0.01, random_state=0).fit(X, y)
    assert tuned.classes_.dtype == kind
    assert_array_equal(tuned.classes_, new)
    assert np.isin(tuned.predict(X), new).all()


def test_clones_and_pickles(classifier, Xy):
    classifier.set_params(transformer__max_iter=5)
    tuned = TunedSeenPenaltyClassifierCV(classifier, scoring=0.2, cv=GZSLKFold(2), n_jobs=1)
    copy = clone(tuned)
    assert copy.scoring == 0.2
    assert copy.cv is not None
    tuned.fit(*Xy)
    loaded = pickle.loads(pickle.dumps(tuned))
    assert loaded.best_seen_penalty_ == tuned.best_seen_penalty_
    assert_array_equal(loaded.decision_function(Xy[0]), tuned.decision_function(Xy[0]))
    assert not hasattr(clone(tuned), "best_seen_penalty_")


def test_a_fit_that_fails_leaves_the_earlier_one():
    tuned = tune_one_fold([1, 2, 3, 4], [0.5, 1.5, 1.6, 9])
    before = vars(tuned).copy()
    X, y, _ = one_fold([1, 2], [1])
    with pytest.raises(ValueError, match="Fold 0"):
        tuned.set_params(cv=[([0], [1])]).fit(X, y)
    assert {**before, "cv": tuned.cv} == vars(tuned)


def test_methods_are_those_of_the_estimator():
    tuned = TunedSeenPenaltyClassifierCV(GivenScores(["seen", "unseen"]))
    assert hasattr(tuned, "predict")
    assert not hasattr(tuned, "predict_proba")
    assert not hasattr(tuned, "predict_log_proba")


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        FrozenEstimator(GivenScores(["bat"])),
        GridSearchCV(GZSLClassifier(), {"resample": [False]}),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_an_estimator_without_the_parameter_is_named(estimator):
    last = re.escape(repr(estimator[-1] if isinstance(estimator, Pipeline) else estimator))
    with pytest.raises(TypeError, match=rf"parameter seen_penalty.*but {last} has none"):
        TunedSeenPenaltyClassifierCV(estimator).fit([[0.0]], ["bat"])


def test_folds_that_hold_no_class_out_are_refused_before_training(classifier, Xy, fits):
    for cv, problem in [
        (3, r"Fold 0 of cv=3 holds out no whole class"),
        (LeaveOneOut(), r"Fold 0 of cv=LeaveOneOut\(\) holds out no whole class"),
        ([(np.arange(100), np.arange(100))], r"Fold 0 of the iterable cv holds out no whole class"),
        ([(Xy[1] == Xy[1][0], Xy[1] != Xy[1][0])], r"tests no row of a class in training"),
        (iter([]), r"has no folds"),
        ([(np.arange(9)[:, None], np.arange(9))], r"no pair of arrays of row numbers"),
        ([(np.arange(9), np.arange(9.0))], r"no pair of arrays of row numbers"),
    ]:
        with pytest.raises(ValueError, match=problem + ".*(?s:.)GZSLShuffleSplit or GZSLKFold"):
            TunedSeenPenaltyClassifierCV(classifier, cv=cv).fit(*Xy)
    assert not fits


def test_what_the_final_fit_would_refuse_is_refused_before_training(classifier, problem, Xy, fits):
    X, y = Xy
    table = problem.class_embeddings
    for params, rows, message in [
        ({"class_embeddings": table.drop(index=y[0])}, ..., "class_embeddings lacks 1 of the 12"),
        ({"label_space": "unseen"}, ..., "label_space='unseen' leaves no seen class to penalise"),
        ({"unseen_classes": ["newt"]}, ..., "unseen_classes holds labels .* 'newt'"),
        ({"unseen_classes": table.index}, ..., "Every class in y is one of unseen_classes"),
        ({}, y == y[0], r"cv=None is GZSLShuffleSplit\((?s:.)*leaves none to train on"),
    ]:
        estimator = clone(classifier).set_params(**params)
        with pytest.raises(ValueError, match=message):
            TunedSeenPenaltyClassifierCV(estimator).fit(X[rows], y[rows])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        TunedSeenPenaltyClassifierCV(classifier).fit(X[1:], y)
    assert not fits


def test_a_held_out_class_that_the_estimator_does_not_know_is_named():
    X, y, cv = one_fold([1, 2], [1])
    with pytest.raises(ValueError, match=r"Fold 0 holds out classes .* not know .*: 'unseen'"):
        TunedSeenPenaltyClassifierCV(GivenScores(["seen"]), cv=cv).fit(X, y)


def test_shots_of_labels_of_another_kind_are_refused():
    X, y, cv = one_fold([1, 2], [1])
    estimator = GivenScores(["seen", "unseen"], unseen_classes=[7])
    with pytest.raises(ValueError, match="unseen_classes holds numbers but y holds strings"):
        TunedSeenPenaltyClassifierCV(estimator, cv=cv).fit(X, y)


@pytest.mark.parametrize("scoring", [0.0, 1.0, 1, "S"])
def test_scoring_is_the_harmonic_mean_or_a_share(scoring):
    with pytest.raises(ValueError, match="'scoring' parameter"):
        tune_one_fold([1], [0], scoring)


def test_fit_parameters_are_routed_through_pipelines(classifier, problem, Xy):
    table = problem.class_embeddings
    cv = GZSLKFold(2)
    expected = TunedSeenPenaltyClassifierCV(make_pipeline(clone(classifier)), cv=cv).fit(*Xy)
    bare = classifier.set_params(class_embeddings=None)
    named = TunedSeenPenaltyClassifierCV(make_pipeline(bare), cv=cv)
    named.fit(*Xy, gzslclassifier__class_embeddings=table)
    with config_context(enable_metadata_routing=True):
        requested = make_pipeline(clone(bare).set_fit_request(class_embeddings=True))
        routed = TunedSeenPenaltyClassifierCV(requested, cv=cv).fit(*Xy, class_embeddings=table)
    for tuned in (named, routed):
        assert tuned.best_seen_penalty_ == expected.best_seen_penalty_
        assert_array_equal(tuned.decision_function(Xy[0]), expected.decision_function(Xy[0]))


class RowsAlong(ESZSLClassifier):
    """A classifier whose fit takes one number per row, and refuses those of other rows."""

    def fit(self, X, y, numbers=None):
        assert_array_equal(numbers, X[:, 0])
        return super().fit(X, y)

    def score(self, X, y, sample_weight=None):
        return None if sample_weight is None else sum(sample_weight)


def test_the_weights_of_rows_reach_the_score_of_the_estimator(problem, Xy):
    X, y = Xy
    tuned = TunedSeenPenaltyClassifierCV(RowsAlong(problem.class_embeddings), random_state=0)
    tuned.fit(X, y, numbers=X[:, 0])
    assert tuned.score(X, y) is None
    assert tuned.score(X, y, sample_weight=[1, 2, 4]) == 7


def test_fit_parameters_of_rows_follow_their_rows_into_folds(problem, Xy):
    tuned = TunedSeenPenaltyClassifierCV(RowsAlong(problem.class_embeddings), random_state=0)
    tuned.fit(*Xy, numbers=Xy[0][:, 0])
    assert tuned.cv_results_ is not None


def test_a_frozen_transformer_that_knows_the_held_out_classes_is_warned_of(classifier, problem, Xy):
    transformer = clone(classifier.transformer)
    transformer.fit(*Xy, class_embeddings=problem.class_embeddings)
    frozen = classifier.set_params(transformer=FrozenEstimator(transformer))
    pipeline = make_pipeline(StandardScaler(), frozen)
    cv = GZSLShuffleSplit(1, unseen_size=2, random_state=0)
    with pytest.warns(UserWarning, match="frozen gzslclassifier__transformer was fitted on 2 of"):
        TunedSeenPenaltyClassifierCV(pipeline, cv=cv).fit(*Xy)
    # One that has not seen them tells nothing away.
    train, test = next(cv.split(*Xy))
    part = [rows[train] for rows in Xy]
    transformer = clone(transformer).fit(*part, class_embeddings=problem.class_embeddings)
    frozen.set_params(transformer=FrozenEstimator(transformer))
    TunedSeenPenaltyClassifierCV(frozen, cv=[(train, test)]).fit(*Xy)


def test_folds_made_for_other_data_are_named(classifier, Xy):
    X, y = Xy
    folds = list(GZSLKFold(3).split(X, y))
    with pytest.raises(ValueError, match=r"Fold 0 .* has indices beyond the 50 rows"):
        TunedSeenPenaltyClassifierCV(classifier, cv=folds).fit(X[:50], y[:50])
