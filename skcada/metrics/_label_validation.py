"""Checks of the class labels and of the score matrices that metrics take.

Labels become :class:`pandas.Index` objects, of Python strings, numbers or booleans, because they
look up and compare labels exactly, whatever the kind of array they came in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array

from skcada._classes.labels import (
    check_known,
    check_labels,
    check_lengths,
    format_labels,
    label_kind,
    refuse_masked,
)
from skcada.exceptions import reading


def rows_of_labels(y_true: ArrayLike, labels: ArrayLike) -> NDArray[np.bool_]:
    """Mark the rows of `y_true` whose class is one of `labels`, each of which must have a row."""
    present, wanted = check_labels(y_true=y_true, labels=labels)
    check_known(
        wanted,
        present,
        "labels",
        "y_true",
        advice="A class without rows has no accuracy: leave it out.",
    )
    return present.isin(wanted)


def check_scored_rows(
    y_true: ArrayLike, y_score: ArrayLike, classes: ArrayLike
) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """Return the column of the class of each row, and the scores of all classes."""
    y_true, classes = check_labels(y_true=y_true, classes=classes)
    if not classes.is_unique:
        repeated = classes[classes.duplicated()].unique()
        raise ValueError(
            f"classes holds labels more than once: {format_labels(repeated)}. It must name each "
            "column of y_score once, as estimator.classes_ does."
        )
    check_known(
        y_true,
        classes,
        "y_true",
        "classes",
        advice="Give the estimator these classes too, or drop their rows.",
    )
    columns = classes.get_indexer(y_true)
    named = getattr(y_score, "columns", None)
    if named is not None and set(named) == set(classes) and list(named) != list(classes):
        raise ValueError(
            "The columns of y_score are named like classes, but stand in another order. Pass "
            "y_score[list(classes)]."
        )
    refuse_masked(y_score, "y_score", "Fill the gaps, or drop their rows.")
    with reading("y_score", "a table of scores"):
        kind = label_kind(np.ravel(y_score))
        if kind == "strings":
            raise ValueError(
                "y_score holds strings, which look like labels. Pass what decision_function or "
                "predict_proba return."
            )
        if kind in {"datetime", "datetime64", "timedelta", "timedelta64"}:
            raise ValueError(f"y_score holds values of the kind {kind}, which are no scores.")
        scores = check_array(
            y_score,
            dtype=[np.float64, np.float32],
            ensure_2d=False,
            ensure_all_finite=False,
            input_name="y_score",
        )
    check_lengths(y_true=y_true, y_score=scores)
    with_nan = np.isnan(scores).reshape(len(scores), -1).any(axis=1)
    if with_nan.any():
        raise ValueError(
            f"y_score holds NaN in {with_nan.sum()} of its {len(scores)} rows, the first of which "
            f"is row {with_nan.argmax()}. NaN cannot be ranked: find out where it comes from."
        )
    if scores.ndim == 1 and len(classes) == 2:
        # Like a binary decision_function: positive means classes[1], and zero classes[0].
        scores = np.column_stack([np.zeros_like(scores), scores])
    if scores.shape[1:] != (len(classes),):
        raise ValueError(
            f"y_score has shape {scores.shape}, but with {len(classes)} classes it must have shape "
            f"({len(scores)}, {len(classes)}): one column for each of classes, in that order."
        )
    return columns, scores


def check_gzsl_rows(
    y_true: ArrayLike, y_score: ArrayLike, classes: ArrayLike, seen_classes: ArrayLike
) -> tuple[NDArray[np.intp], NDArray[np.floating], NDArray[np.bool_]]:
    """Return what `check_scored_rows` does, and which columns are of seen classes."""
    columns, scores = check_scored_rows(y_true, y_score, classes)
    all_classes, seen = check_labels(classes=classes, seen_classes=seen_classes)
    check_known(
        seen,
        all_classes,
        "seen_classes",
        "classes",
        advice="Every seen class needs a column in y_score.",
    )
    is_seen = np.asarray(all_classes.isin(seen))
    check_both_kinds_of_rows(is_seen[columns])
    return columns, scores, is_seen


def check_both_kinds_of_rows(is_seen_row: NDArray[np.bool_]) -> None:
    """Raise unless there are rows of seen and rows of unseen classes."""
    if is_seen_row.all():
        raise ValueError(
            "y_true holds no row of an unseen class, so the accuracy on unseen classes is "
            "undefined. In cross-validation, hold out whole classes with GZSLShuffleSplit or "
            "GZSLKFold instead of an ordinary cross-validator; to score seen classes alone, use "
            "per_class_accuracy_score."
        )
    if not is_seen_row.any():
        raise ValueError(
            "y_true holds no row of a seen class, so the accuracy on seen classes is undefined. "
            "Put held-out rows of the seen classes into the test set, as GZSLShuffleSplit and "
            "GZSLKFold do; to score unseen classes alone, use per_class_accuracy_score."
        )
