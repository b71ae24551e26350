"""The scorers: which estimators it understands and what it asks of them."""

import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skcada import GZSLClassifier
from skcada.metrics import (
    gzsl_scorer,
    gzsl_scores,
    harmonic_mean_scorer,
    seen_unseen_auc_score,
)

CLASSES = np.array(["bat", "cat", "owl"])
Y = np.array(["bat", "bat", "cat", "owl", "owl"])
X = np.array(
    [
        [0.7, 0.2, 0.1],
        [0.2, 0.7, 0.1],
        [0.1, 0.4, 0.5],
        [0.1, 0.2, 0.7],
        [0.6, 0.1, 0.3],
    ]
)


class FeaturesAreScores(ClassifierMixin, BaseEstimator):
    """A classifier whose features already are the scores of its classes."""

    def __init__(self, scale=1.0):
        self.scale = scale

    def fit(self, X, y):
        self.classes_ = CLASSES
        self.seen_classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return self.scale * np.asarray(X)

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]


class FeaturesAreProbabilities(FeaturesAreScores):
    """The same without decision_function."""

    decision_function = property()

    def predict_proba(self, X):
        return np.asarray(X)


class ScoresAndProbabilities(FeaturesAreScores):
    """The two of them, which must not be asked for both."""

    def predict_proba(self, X):
        raise AssertionError("a second forward pass")


SEEN_ROWS = Y != "owl"


@pytest.fixture(scope="module")
def fitted():
    return FeaturesAreScores().fit(X[SEEN_ROWS], Y[SEEN_ROWS])


@pytest.fixture(scope="module")
def expected():
    labels = {"classes": CLASSES, "seen_classes": ["bat", "cat"]}
    return {**gzsl_scores(Y, X, **labels), "AUSUC": seen_unseen_auc_score(Y, X, **labels)}


def test_scores_are_those_of_the_decision_function(fitted, expected):
    assert gzsl_scorer(fitted, X, Y) == expected
    assert expected["H"] == pytest.approx(2 * 0.25 * 0.5 / 0.75)


def test_one_forward_pass_serves_all_scores(expected):
    calls = []

    class Counting(ScoresAndProbabilities):
        def decision_function(self, X):
            calls.append(len(X))
            return super().decision_function(X)

    assert gzsl_scorer(Counting().fit(X[SEEN_ROWS], Y[SEEN_ROWS]), X, Y) == expected
    assert calls == [len(X)]


def test_predict_proba_serves_where_there_is_no_decision_function(expected):
    model = FeaturesAreProbabilities().fit(X[SEEN_ROWS], Y[SEEN_ROWS])
    assert gzsl_scorer(model, X, Y) == expected
    assert harmonic_mean_scorer(model, X, Y) == expected["H"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: make_pipeline(FunctionTransformer(), model),
        lambda model: make_pipeline(FunctionTransformer(), make_pipeline(model)),
        lambda model: FrozenEstimator(model),
        lambda model: FrozenEstimator(make_pipeline(model)),
        lambda model: make_pipeline(FunctionTransformer(), FrozenEstimator(model)),
    ],
)
def test_seen_classes_are_found_inside_pipelines_and_frozen_estimators(wrap, fitted, expected):
    assert gzsl_scorer(wrap(fitted), X, Y) == expected
    assert harmonic_mean_scorer(wrap(fitted), X, Y) == expected["H"]


@pytest.mark.parametrize("inner", [FeaturesAreScores(), make_pipeline(FeaturesAreScores())])
def test_seen_classes_are_found_inside_a_fitted_search(inner, expected):
    search = GridSearchCV(inner, {}, cv=[([0, 1, 2], [0, 1, 2])])
    assert gzsl_scorer(search.fit(X[SEEN_ROWS], Y[SEEN_ROWS]), X, Y) == expected
    assert gzsl_scorer(FrozenEstimator(search), X, Y) == expected
    assert harmonic_mean_scorer(search, X, Y) == expected["H"]


@pytest.mark.parametrize("wrap", [lambda model: model, make_pipeline, FrozenEstimator])
def test_a_classifier_that_knows_no_unseen_classes_is_a_type_error(wrap):
    model = wrap(LogisticRegression().fit(X, Y))
    with pytest.raises(TypeError, match=r"fitted GZSLClassifier.* LogisticRegression has no"):
        gzsl_scorer(model, X, Y)


def test_an_estimator_without_scores_of_classes_is_a_type_error():
    with pytest.raises(TypeError, match="decision_function"):
        gzsl_scorer(LinearRegression().fit(X, np.arange(5)), X, Y)


def test_a_class_that_the_estimator_does_not_know_is_named(fitted):
    with pytest.raises(ValueError, match="classes lacks 1 of the 3 classes in y: 'elk'"):
        gzsl_scorer(fitted, X, np.where(Y == "cat", "elk", Y))


def test_missing_labels_are_an_error(fitted):
    with pytest.raises(ValueError, match="'y' parameter of gzsl_scorer"):
        gzsl_scorer(fitted, X, None)


@pytest.mark.parametrize("scorer", [gzsl_scorer, harmonic_mean_scorer])
def test_scorer_can_be_pickled(scorer):
    assert pickle.loads(pickle.dumps(scorer)) is scorer


def test_errors_name_the_scorer_that_was_called():
    model = LogisticRegression().fit(X, Y)
    with pytest.raises(TypeError, match=r"^harmonic_mean_scorer needs a fitted GZSLClassifier"):
        harmonic_mean_scorer(model, X, Y)


def test_an_estimator_that_is_not_fitted_is_said_to_be_so():
    with pytest.raises(NotFittedError, match="GZSLClassifier instance is not fitted yet"):
        gzsl_scorer(GZSLClassifier(), X, Y)
