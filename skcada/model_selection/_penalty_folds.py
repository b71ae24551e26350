"""Folds that a penalty on seen classes can be tuned on."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.callback import CallbackContext
from sklearn.model_selection import check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from skcada._base.epochs import task_of_fitting
from skcada._classes.embeddings import ClassEmbeddings, embeddings_of
from skcada._classes.labels import check_labels, format_labels
from skcada._classes.roles import find_unseen
from skcada._gzsl.classifier import GZSLClassifier
from skcada.metrics import seen_unseen_curve
from skcada.model_selection._penalty_choice import Curve
from skcada.model_selection._split import GZSLShuffleSplit

# Rows to train on, and rows to test.
Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


def last_step(estimator: Any) -> Any:
    """Return the classifier that a pipeline, or a pipeline in one, ends in."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def make_folds(
    cv: Any, classifier: Any, X: Any, y: Any, random_state: int | np.random.RandomState | None
) -> list[Fold]:
    """Make folds that hold out whole classes, with all few-shot examples in training.

    Parameters
    ----------
    cv : int, cross-validator, iterable or None
        As of :class:`~skcada.model_selection.TunedSeenPenaltyClassifierCV`.
    classifier : estimator
        Whose parameters tell which rows are few-shot examples. What its fit on all rows would
        refuse is refused here.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    random_state : int, RandomState instance or None
        Determines the folds where `cv` is None.

    Returns
    -------
    list of Fold
        At least one.

    Raises
    ------
    ValueError
        If a fold tests no row of a class that is held out, or none of one that is not.
    """
    (labels,) = check_labels(y=y)
    is_shot = _find_shots(classifier, y, labels)
    chosen = cv
    if cv is None:
        chosen = GZSLShuffleSplit(3, unseen_size=1 / 6, test_size=0.2, random_state=random_state)
    is_splitter = hasattr(chosen, "split") or isinstance(chosen, Integral)
    if is_shot.any() and is_splitter:
        candidates = np.flatnonzero(~is_shot)
        X, y = _safe_indexing(X, candidates), _safe_indexing(y, candidates)
    else:
        candidates = np.arange(len(labels))
    try:
        splits = list(check_cv(chosen, y, classifier=True).split(X, y))
    except ValueError as error:
        if cv is not None:
            raise
        raise ValueError(f"cv=None is {chosen!r}, which cannot split y: {error}") from error

    folds, shots = [], np.flatnonzero(is_shot)
    for number, (train, test) in enumerate(splits):
        train, test = candidates[train], candidates[test]
        train, test = train[~is_shot[train]], test[~is_shot[test]]
        name = f"cv={cv!r}" if is_splitter else "the iterable cv"
        _check_fold(f"Fold {number} of {name}", labels[train], labels[test])
        folds.append((np.concatenate([train, shots]), test))
    if not folds:
        raise ValueError("cv has no folds. Use GZSLShuffleSplit or GZSLKFold.")
    return folds


def _find_shots(classifier: Any, y: Any, labels: pd.Index) -> NDArray[np.bool_]:
    if isinstance(classifier, GZSLClassifier):
        of_rows = np.asarray(y).ravel()
        embeddings = ClassEmbeddings.for_training(embeddings_of(classifier), np.unique(of_rows))
        is_unseen = find_unseen(
            embeddings, of_rows, classifier.unseen_classes, classifier.label_space
        )
        return is_unseen[embeddings.index_of(of_rows)]
    unseen_classes = classifier.get_params(deep=False).get("unseen_classes")
    if unseen_classes is None or not len(unseen_classes):
        return np.zeros(len(labels), dtype=bool)
    _, unseen = check_labels(y=y, unseen_classes=unseen_classes)
    return np.asarray(labels.isin(unseen))


def _check_fold(fold: str, train: pd.Index, test: pd.Index) -> None:
    is_seen = test.isin(train)
    if is_seen.all():
        problem = "holds out no whole class, so that no accuracy on unseen classes"
    elif not is_seen.any():
        problem = "tests no row of a class in training, so that no accuracy on seen classes"
    else:
        return
    raise ValueError(
        f"{fold} {problem} can be measured. Use GZSLShuffleSplit or GZSLKFold, whose test folds "
        "hold whole classes and rows of the other classes."
    )


def fit_and_score(
    estimator: Any, X: Any, y: Any, fold: Fold, *, caller: Any, task: CallbackContext
) -> Curve:
    """Fit an estimator on a fold and compute its seen-unseen curve there.

    Parameters
    ----------
    estimator : estimator
        To be fitted, with the penalty 0.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    fold : Fold
        Which rows to train on, and which to test.
    caller : estimator
        The one whose task it is.
    task : CallbackContext
        The task, whose number is that of the fold.

    Returns
    -------
    Curve
        Of the rows to test.

    Raises
    ------
    ValueError
        If the estimator does not know a class that is held out.
    """
    (X_train, y_train), (X_test, y_test) = (
        (_safe_indexing(X, rows), _safe_indexing(y, rows)) for rows in fold
    )
    with task_of_fitting(estimator, task, estimator=caller, X=X_train, y=y_train):
        estimator.fit(X_train, y_train)
    classes, labels = check_labels(classes=estimator.classes_, y=y_test)
    unknown = labels[~labels.isin(classes)].unique()
    if len(unknown):
        raise ValueError(
            f"Fold {task.task_id} holds out classes that estimator does not know without their "
            f"rows: {format_labels(unknown)}. Give it class embeddings of them."
        )
    return seen_unseen_curve(
        y_test,
        estimator.decision_function(X_test),
        classes=estimator.classes_,
        seen_classes=last_step(estimator).seen_classes_,
    )
