"""Folds that hold out whole classes, with few-shot examples in training."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import check_cv

from skcada._classes.labels import check_labels, format_labels
from skcada._sklearn import _safe_indexing
from skcada.exceptions import reading, warn_user
from skcada.model_selection._split import GZSLShuffleSplit

# Rows to train on, and rows to test on.
Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


def make_folds(
    cv: Any,
    X: Any,
    y: Any,
    *,
    is_shot: NDArray[np.bool_],
    random_state: int | np.random.RandomState | None,
) -> list[Fold]:
    """Make folds that hold out whole classes, with all few-shot examples in training.

    `cv` is an int, a cross-validator, an iterable or None, where `random_state` determines the
    folds. There is at least one fold, and each tests rows of seen and of held-out classes.
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
        with reading("cv", "folds of these rows"):
            splits = list(check_cv(chosen, y, classifier=True).split(X, y))
    except ValueError as error:
        if cv is not None:
            raise
        raise ValueError(f"cv=None is {chosen!r}, which cannot split y: {error}") from error

    folds, shots = [], np.flatnonzero(is_shot)
    for number, fold in enumerate(splits):
        train, test = _read_fold(f"Fold {number} of cv", fold)
        if max(np.max(train, initial=0), np.max(test, initial=0)) >= len(candidates):
            raise ValueError(
                f"Fold {number} of the iterable cv has indices beyond the {len(candidates)} rows, "
                "as if made for other data. Pass a cross-validator, which splits any rows."
            )
        train, test = candidates[train], candidates[test]
        train, test = train[~is_shot[train]], test[~is_shot[test]]
        name = f"cv={cv!r}" if is_splitter else "the iterable cv"
        _check_fold(f"Fold {number} of {name}", labels[train], labels[test])
        folds.append((np.concatenate([train, shots]), test))
    if not folds:
        raise ValueError("cv has no folds. Use GZSLShuffleSplit or GZSLKFold.")
    return folds


def _read_fold(name: str, fold: Any) -> Fold:
    """Return the two arrays of row numbers, or masks of rows, that a fold must be."""
    try:
        train, test = (np.asarray(rows) for rows in fold)
        is_fold = all(rows.ndim == 1 and rows.dtype.kind in "iub" for rows in (train, test))
    except (TypeError, ValueError):
        is_fold = False
    if not is_fold:
        raise ValueError(
            f"{name} is {fold!r}, which is no pair of arrays of row numbers. Pass GZSLShuffleSplit "
            "or GZSLKFold, or pairs of the rows to train on and the rows to test on."
        )
    return train, test


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
    first, *others = (labels[test].difference(labels[train]) for train, test in folds)
    held_out = first.append(others)
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
