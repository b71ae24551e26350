"""A classifier whose scores are known beforehand, and folds of it."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from skcada.model_selection import TunedSeenPenaltyClassifierCV


class GivenScores(ClassifierMixin, BaseEstimator):
    """Score each class by its column of X, so that every fold's curve is known beforehand."""

    log = ()  # A test that wants to know the rows of each call puts a list here.

    def __init__(self, classes, seen_penalty=0.0, unseen_classes=None):
        self.classes = classes
        self.seen_penalty = seen_penalty
        self.unseen_classes = unseen_classes

    def fit(self, X, y):
        self.classes_ = np.array(self.classes)
        listed = [] if self.unseen_classes is None else self.unseen_classes
        self.seen_classes_ = np.setdiff1d(y, listed)
        self._note("fit", X)
        return self

    def decision_function(self, X):
        self._note("score", X)
        is_seen = np.isin(self.classes_, self.seen_classes_)
        return X[:, : len(self.classes_)] - self.seen_penalty * is_seen

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]

    def _note(self, *entry):
        if isinstance(self.log, list):
            self.log.append(entry)


def one_fold(at_seen, at_unseen):
    """Return scores, labels and a fold in which each test row changes sides at a given penalty."""
    penalties = np.array([0.0, *at_seen, *at_unseen])
    X = np.column_stack([penalties, np.zeros_like(penalties)])
    y = np.array(["seen"] * (1 + len(at_seen)) + ["unseen"] * len(at_unseen))
    return X, y, [([0], np.arange(1, len(y)))]


def tune_one_fold(at_seen, at_unseen, scoring="H"):
    X, y, cv = one_fold(at_seen, at_unseen)
    return TunedSeenPenaltyClassifierCV(
        GivenScores(["seen", "unseen"]), scoring=scoring, cv=cv
    ).fit(X, y)
