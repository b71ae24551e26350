"""What GZSLVotingClassifier does beyond any GZSL classifier."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from silent_callback import SilentCallback
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from small_networks import SIZES, WEIGHTS

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.compatibility import ESZSLClassifier
from skcada.ensemble import GZSLVotingClassifier
from skcada.exceptions import CollapseWarning
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV, few_shot_split

FOLDS = GZSLShuffleSplit(2, random_state=0)


def quick(max_iter=2, **settings):
    transformer = CADAVAETransformer(**SIZES, **WEIGHTS, max_iter=max_iter)
    return GZSLClassifier(
        transformer,
        classifier=SoftmaxClassifier(max_iter=2),
        samples_per_class=(10, 20),
        **settings,
    )


@pytest.fixture
def table(problem):
    return problem.class_embeddings


@pytest.fixture
def X_test(problem, rows_to_test):
    return problem.data[rows_to_test]


@pytest.fixture
def rows_to_test(problem):
    return [*problem.test_seen, *problem.test_unseen]


@pytest.fixture
def vote(table):
    """Return a vote of a network and a matrix, which is not fitted."""
    members = [("network", quick()), ("matrix", ESZSLClassifier(random_state=0))]
    return GZSLVotingClassifier(members, class_embeddings=table, random_state=0)


def standardised(member, X, X_test):
    scores = member.decision_function(X).astype(np.float64)
    centred = scores - scores.mean(axis=1, keepdims=True)
    return member.decision_function(X_test) / np.sqrt(np.mean(centred**2))


class GivenScores(ClassifierMixin, BaseEstimator):
    """Return given scores of two seen classes and an unseen one for any row."""

    def __init__(self, scores=(0.0, 0.0, 0.0), class_embeddings=None):
        self.scores = scores
        self.class_embeddings = class_embeddings

    def fit(self, X, y):
        self.seen_classes_ = np.unique(y)
        self.classes_ = np.append(self.seen_classes_, 9)
        return self

    def decision_function(self, X):
        return np.tile(self.scores, (len(X), 1))


TOY = ([[0.0], [1.0]], [0, 1])
TOY_TABLE = pd.DataFrame(np.eye(3), index=[0, 1, 9])


def toy_vote(*scores, **settings):
    members = [(f"m{i}", GivenScores(row)) for i, row in enumerate(scores)]
    return GZSLVotingClassifier(members, class_embeddings=TOY_TABLE, **settings)


def test_scores_are_the_mean_of_standardised_ones(vote, Xy, X_test):
    vote.fit(*Xy)
    network, matrix = (standardised(m, Xy[0], X_test) for m in vote.estimators_)
    assert_allclose(vote.decision_function(X_test), (network + matrix) / 2, rtol=1e-5, atol=1e-5)
    vote.set_params(weights=[1, 3])
    assert_allclose(vote.decision_function(X_test), network / 4 + matrix * 3 / 4, atol=1e-5)
    # An offset of all classes is none of the scale.
    toy = toy_vote([1.0, 0.0, 2.0], [101.0, 100.0, 102.0], [1e200, 0.0, 2e200]).fit(*TOY)
    assert_allclose(toy.score_scales_, np.sqrt(2 / 3) * np.array([1, 1, 1e200]))
    assert_allclose(toy.set_params(weights=[0, 0, 2]).decision_function([[0.0]])[0, 1], 0.0)


@given(
    scores=st.lists(st.permutations([0.0, 1.0, 4.0]), min_size=2, max_size=4),
    factor=st.floats(1e-100, 1e100),
    offset=st.floats(-100, 100),
)
def test_units_and_offsets_of_a_member_play_no_role(scores, factor, offset):
    expected = toy_vote(*scores).fit(*TOY).decision_function(TOY[0])
    changed = [factor * (np.array(scores[0]) + offset), *scores[1:]]
    found = toy_vote(*changed).fit(*TOY).decision_function(TOY[0])
    assert_allclose(np.diff(found), np.diff(expected), atol=1e-9)


def test_a_dropped_member_has_a_weight_but_no_vote(vote, Xy, X_test):
    matrix = standardised(vote.fit(*Xy).named_estimators_["matrix"], Xy[0], X_test)
    vote.set_params(network="drop", weights=[5, 1]).fit(*Xy)
    assert vote.named_estimators_["network"] == "drop"
    assert len(vote.estimators_) == len(vote.score_scales_) == 1
    assert_allclose(vote.decision_function(X_test), matrix, rtol=1e-5, atol=1e-6)
    # What is replaced after a fit waits for the next one.
    vote.set_params(matrix="drop", network=quick())
    assert_allclose(vote.decision_function(X_test), matrix, rtol=1e-5, atol=1e-6)


def test_copies_of_one_model_get_different_seeds_and_results_repeat(table, Xy, X_test):
    vote = GZSLVotingClassifier(
        [("a", quick()), ("b", quick()), ("c", quick(random_state=5))],
        class_embeddings=table,
        random_state=0,
    ).fit(*Xy)
    a, b, c = vote.estimators_
    assert len({a.random_state, b.random_state, 5}) == 3
    assert c.random_state == 5
    assert not np.allclose(a.decision_function(X_test), b.decision_function(X_test))
    again = clone(vote).fit(*Xy)
    assert_array_equal(again.decision_function(X_test), vote.decision_function(X_test))


def test_members_get_rows_as_they_come(vote, Xy, X_test):
    X, unlike = (pd.DataFrame(rows).rename(columns="x{}".format) for rows in (Xy[0], X_test))
    X["text"], unlike["text"] = "some", "other"
    columns = make_column_transformer(
        (StandardScaler(), [f"x{i}" for i in range(20)]), ("drop", ["text"])
    )
    vote.set_params(
        network=make_pipeline(columns, quick(random_state=0)),
        matrix=make_pipeline(clone(columns), ESZSLClassifier(random_state=0)),
    )
    vote.fit(X, Xy[1])
    assert_array_equal(vote.feature_names_in_, X.columns)
    assert vote.decision_function(unlike).shape == (len(X_test), 16)
    assert vote.named_estimators_["matrix"][-1].class_embeddings is vote.class_embeddings


@pytest.mark.parametrize("convert", [list, sparse.coo_array, pd.DataFrame])
def test_rows_of_any_kind_are_predicted_in_chunks(table, Xy, X_test, convert, small_chunks):
    to_array = FunctionTransformer(
        lambda X: X.toarray() if sparse.issparse(X) else np.asarray(X), accept_sparse=True
    )
    member = make_pipeline(to_array, ESZSLClassifier(random_state=0))
    vote = GZSLVotingClassifier([("matrix", member)], class_embeddings=table)
    vote.fit(convert(Xy[0]), Xy[1])
    whole = vote.decision_function(convert(X_test))
    small_chunks(50)
    assert_allclose(vote.decision_function(convert(X_test)), whole, rtol=1e-9)
    assert_array_equal(vote.predict(convert(X_test)), vote.classes_[whole.argmax(axis=1)])
    with pytest.raises(ValueError, match="X has no row"):
        vote.predict(X_test[:0])


def test_members_may_have_different_side_information(problem, Xy, X_test):
    table = problem.class_embeddings
    left, right = table.iloc[:, :3], table.iloc[::-1, 3:]
    alone = [ESZSLClassifier(part, random_state=0).fit(*Xy) for part in (left, right)]
    members = [("left", clone(alone[0])), ("right", make_pipeline(clone(alone[1])))]
    vote = GZSLVotingClassifier(members).fit(*Xy)
    expected = sum(standardised(model, Xy[0], X_test) for model in alone) / 2
    assert_allclose(vote.decision_function(X_test), expected, rtol=1e-5, atol=1e-6)
    pd.testing.assert_frame_equal(
        vote.class_embeddings_, left.sort_index().astype(np.float32), check_names=False
    )
    # What the ensemble is given goes to those that have none.
    members.append(("both", ESZSLClassifier()))
    both = GZSLVotingClassifier(members, class_embeddings=table).fit(*Xy)
    assert both.estimators_[0].scaled_embeddings_.shape == (16, 3)
    assert both.estimators_[1][-1].scaled_embeddings_.shape == (16, 3)
    assert both.estimators_[2].scaled_embeddings_.shape == (16, 6)


def test_it_reaches_members_in_searches_and_tuned_ones(table, Xy, X_test):
    grid = {"target_coding": ["01", "pm1"]}
    search = GridSearchCV(
        ESZSLClassifier(random_state=0), grid, cv=FOLDS, scoring=gzsl_scorer, refit="AUSUC"
    )
    tuned = TunedSeenPenaltyClassifierCV(
        make_pipeline(StandardScaler(), ESZSLClassifier(random_state=0)), cv=FOLDS
    )
    vote = GZSLVotingClassifier([("search", search), ("tuned", tuned)], class_embeddings=table)
    vote.fit(*Xy)
    expected = clone(tuned).set_params(estimator__eszslclassifier__class_embeddings=table)
    expected.fit(*Xy)
    assert_array_equal(
        vote.set_params(weights=[0, 1]).decision_function(X_test),
        expected.decision_function(X_test) / vote.score_scales_[1],
    )
    assert search.estimator.class_embeddings is None


def test_a_frozen_member_stays_as_it_is(vote, problem, table, Xy, X_test):
    fitted = ESZSLClassifier(table, random_state=0).fit(*Xy)
    before = fitted.compatibility_.copy()
    vote.set_params(matrix=FrozenEstimator(fitted), class_embeddings=None)
    vote.set_params(network=make_pipeline(quick(class_embeddings=table)))
    vote.fit(*Xy)
    assert vote.named_estimators_["matrix"].estimator is fitted
    assert_array_equal(fitted.compatibility_, before)
    # Also as the last step of a pipeline.
    vote.set_params(network=make_pipeline("passthrough", FrozenEstimator(fitted)))
    assert_array_equal(vote.fit(*Xy).predict(Xy[0]), fitted.predict(Xy[0]))
    few = np.isin(Xy[1], problem.seen_classes[1:])
    with pytest.raises(ValueError, match=r"takes for seen have besides 'class \d\d'"):
        vote.fit(Xy[0][few], Xy[1][few])


CONTRADICTIONS = {
    "fewer classes": (
        lambda table: ESZSLClassifier(table.iloc[1:]),
        r"For the member 'matrix' .* lacks 1 of the 12 classes in y: 'class ",
    ),
    "more classes": (
        lambda table: ESZSLClassifier(pd.concat([table, table.iloc[:1].rename({"class 00": "z"})])),
        r"member 'matrix' \(ESZSLClassifier\) tells apart have besides 'z'",
    ),
    "unseen classes": (
        lambda table: make_pipeline(ESZSLClassifier(unseen_classes=["class 00", "class 01"])),
        r"member 'matrix' \(Pipeline\) takes for seen lack 'class ",
    ),
    "label space": (
        lambda table: ESZSLClassifier(label_space="unseen"),
        r"member 'matrix' \(ESZSLClassifier\) tells apart lack 'class ",
    ),
}


@pytest.mark.filterwarnings("ignore:class_embeddings describes unseen classes exactly")
@pytest.mark.parametrize(("make", "message"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
@pytest.mark.usefixtures("callbacks")
def test_a_member_with_other_classes_is_refused_before_training(vote, Xy, table, make, message):
    callback = Tasks()
    vote.set_params(matrix=make(table)).set_callbacks(callback)
    with pytest.raises(ValueError, match=message):
        vote.fit(*Xy)
    assert not callback.begun


def test_shots_reach_members_that_list_none_and_those_that_list_the_same(problem, vote):
    unseen = problem.unseen_classes
    shots, _ = few_shot_split(problem.target, unseen_classes=unseen, n_shots=3, random_state=0)
    rows = [*problem.trainval, *shots]
    vote.set_params(unseen_classes=unseen, matrix__unseen_classes=unseen[::-1])
    vote.fit(problem.data[rows], problem.target[rows])
    for member in vote.estimators_:
        assert_array_equal(member.unseen_classes_, unseen)


REFUSED = {
    "empty": ({"estimators": []}, ValueError, "non-empty list"),
    "no pairs": ({"estimators": [ESZSLClassifier()]}, ValueError, "list of .name, estimator. tup"),
    "number": ({"network": 5}, TypeError, "member 'network' is no estimator but 5"),
    "class": ({"network": ESZSLClassifier}, TypeError, "Pass an instance"),
    "twice": (
        {"estimators": [("a", ESZSLClassifier()), ("a", ESZSLClassifier())]},
        ValueError,
        "not unique",
    ),
    "underscores": ({"estimators": [("a__b", ESZSLClassifier())]}, ValueError, "must not contain"),
    "clash": ({"estimators": [("weights", ESZSLClassifier())]}, ValueError, "conflict"),
    "all dropped": ({"network": "drop", "matrix": "drop"}, ValueError, "dropped"),
    "no classifier": ({"network": StandardScaler()}, ValueError, "should be a classifier"),
    "ordinary": (
        {"network": LogisticRegression()},
        TypeError,
        r"'network' \(LogisticRegression\) has no parameter class_embeddings",
    ),
    "not refitted": (
        {"network": GridSearchCV(ESZSLClassifier(), {}, refit=False)},
        TypeError,
        r"'network' \(GridSearchCV\) has no decision_function",
    ),
    "length": ({"weights": [1, 2, 3]}, ValueError, r"each of the 2 estimators.* shape \(3,\)"),
    "negative": ({"weights": [1, -1]}, ValueError, "not negative"),
    "NaN": ({"weights": [1, np.nan]}, ValueError, "finite"),
    "text": ({"weights": ["much", "little"]}, ValueError, "must be numbers"),
    "zero": ({"weights": [0, 1], "matrix": "drop"}, ValueError, "positive for at least one"),
    "unused": (
        {
            "network__class_embeddings": TOY_TABLE,
            "matrix__class_embeddings": TOY_TABLE,
        },
        ValueError,
        "would reach no member",
    ),
}


@pytest.mark.parametrize(("settings", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_bad_members_and_weights_are_refused(vote, Xy, settings, error, message):
    with pytest.raises(error, match=message):
        vote.set_params(**settings).fit(*Xy)


def test_weights_set_after_fit_are_checked(Xy):
    toy = toy_vote([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).fit(*TOY)
    assert_array_equal(toy.set_params(weights=(2, 1)).predict([[0.0]]), [0])
    assert_array_equal(toy.set_params(weights=np.array([1e308, 1.5e308])).predict([[0.0]]), [1])
    with pytest.raises(ValueError, match="one number for each"):
        toy.set_params(weights=[1]).predict([[0.0]])


def test_members_that_say_nothing_and_members_that_cannot_be_averaged():
    with pytest.warns(CollapseWarning, match="Nothing could be learnt by the member 'm1'"):
        toy = toy_vote([1.0, 0.0, 2.0], [7.0, 7.0, 7.0]).fit(*TOY)
    assert toy.score_scales_[1] == 1
    assert_array_equal(toy.predict([[0.0]]), [9])
    with pytest.raises(ValueError, match=r"member 'm1' .* not finite"):
        toy_vote([1.0, 0.0, 2.0], [1.0, -np.inf, 0.0]).fit(*TOY)
    with pytest.raises(ValueError, match=r"member 'm0' .* shape \(2, 2\) for 3 classes"):
        toy_vote([1.0, 0.0]).fit(*TOY)
    table = pd.DataFrame(np.eye(4), index=[0, 1, 5, 9])
    toy = toy_vote([1.0, 0.0, 0.0]).set_params(class_embeddings=table)
    with pytest.raises(ValueError, match="tells apart lack 5"):
        toy.fit(*TOY)


def test_parallel_fits_are_the_same(vote, Xy, X_test):
    expected = clone(vote).fit(*Xy).decision_function(X_test)
    assert_array_equal(vote.set_params(n_jobs=2).fit(*Xy).decision_function(X_test), expected)


class Tasks(SilentCallback):
    """Note the tasks that begin, and whose they are."""

    def __init__(self):
        self.begun = []

    def on_fit_task_begin(self, estimator, context):
        self.begun.append((context.estimator_name, context.task_name))


@pytest.mark.usefixtures("callbacks")
def test_callbacks_follow_the_members(vote, Xy):
    callback = Tasks()
    vote.set_callbacks(callback).fit(*Xy)
    assert callback.begun.count(("CADAVAETransformer", "epoch")) == 2
    for member in ("GZSLClassifier", "ESZSLClassifier"):
        assert (member, "fit") in callback.begun
    assert not hasattr(vote.estimators_[0], "_skl_callbacks")


def test_a_progress_bar_shows_members_in_other_processes(vote, Xy, capsys, callbacks):
    vote.set_params(n_jobs=2).set_callbacks(callbacks.ProgressBar()).fit(*Xy)
    shown = capsys.readouterr().out
    assert "fit-network" in shown
    assert "fit-matrix" in shown


@pytest.mark.usefixtures("callbacks")
def test_searches_over_weights_train_each_transformer_once(vote, Xy, tmp_path):
    vote.set_params(random_state=None, network__memory=str(tmp_path))
    grid = {"weights": [[1, 1], [1, 2], [0, 1]]}
    search = GridSearchCV(vote, grid, cv=FOLDS, scoring=gzsl_scorer, refit="AUSUC")
    callback = Tasks()
    search.set_callbacks(callback).fit(*Xy)
    # In two folds and on all rows.
    assert callback.begun.count(("CADAVAETransformer", "epoch")) == 2 * 3
    assert search.best_params_["weights"] in grid["weights"]
    names = vote.get_params()
    assert {"network", "network__transformer__gamma", "matrix__target_coding"} <= set(names)


def test_the_penalty_of_a_vote_in_a_pipeline_is_tuned_with_shots(vote, problem):
    unseen = problem.unseen_classes
    shots, _ = few_shot_split(problem.target, unseen_classes=unseen, n_shots=3, random_state=0)
    rows = [*problem.trainval, *shots]
    pipeline = make_pipeline(StandardScaler(), vote.set_params(unseen_classes=unseen))
    tuned = TunedSeenPenaltyClassifierCV(pipeline, cv=FOLDS)
    tuned.fit(problem.data[rows], problem.target[rows])
    assert tuned.best_score_ > 0
    assert tuned.estimator_[-1].seen_penalty == tuned.best_seen_penalty_
    assert_array_equal(tuned.seen_classes_, problem.seen_classes)


def test_its_representation_shows_the_members_side_by_side(vote):
    html = vote._repr_html_()
    assert "sk-parallel" in html
    assert "network" in html
