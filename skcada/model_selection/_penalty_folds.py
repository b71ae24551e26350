"""Folds that a penalty on seen classes can be tuned on."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import check_cv
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing

from skcada._base.epochs import FitTask
from skcada._classes.labels import check_labels, format_labels
from skcada.exceptions import warn_user
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
    cv: Any,
    X: Any,
    y: Any,
    *,
    is_shot: NDArray[np.bool_],
    random_state: int | np.random.RandomState | None,
) -> list[Fold]:
    """Make folds that hold out whole classes, with all few-shot examples in training.

    `cv` is that of TunedSeenPenaltyClassifierCV; `random_state` determines the folds where it is
    None. There is at least one fold, and each tests rows of seen and of held-out classes.
    """
    (labels,) = check_labels(y=y)
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


def warn_of_leaks(parameters: Mapping[str, Any], y: Any, folds: list[Fold]) -> None:
    """Warn of frozen parts of an estimator that were fitted on classes which folds hold out."""
    (labels,) = check_labels(y=y)
    held_out = pd.Index([]).append(
        [labels[test].difference(labels[train]) for train, test in folds]
    )
    for name, part in parameters.items():
        known = getattr(part, "seen_classes_", None) if isinstance(part, FrozenEstimator) else None
        if known is None:
            continue
        leaked = held_out[held_out.isin(known)].unique()
        if len(leaked):
            warn_user(
                f"The frozen {name} was fitted on {len(leaked)} of the classes that the folds hold "
                f"out: {format_labels(leaked)}. They are no longer unseen to it, so that the "
                "penalty comes out too low. Tune with a part that is not frozen, and set the "
                "penalty that is found on the frozen one."
            )


def fit_and_score(
    estimator: Any, X: Any, y: Any, fold: Fold, *, fit_params: Mapping[str, Any], task: FitTask
) -> Curve:
    """Fit an estimator on a fold, with the penalty 0, and return its seen-unseen curve there.

    The number of the task is that of the fold.
    """
    (X_train, y_train), (X_test, y_test) = (
        (_safe_indexing(X, rows), _safe_indexing(y, rows)) for rows in fold
    )
    with task.on(X_train, y_train).fitting(estimator):
        estimator.fit(X_train, y_train, **fit_params)
    classes, labels = check_labels(classes=estimator.classes_, y=y_test)
    unknown = labels[~labels.isin(classes)].unique()
    if len(unknown):
        raise ValueError(
            f"Fold {task.context.task_id} holds out classes that estimator does not know without "
            f"their rows: {format_labels(unknown)}. Give it class embeddings of them."
        )
    return seen_unseen_curve(
        y_test,
        estimator.decision_function(X_test),
        classes=estimator.classes_,
        seen_classes=last_step(estimator).seen_classes_,
    )
