"""Scores of several models, brought to one scale and averaged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def class_columns(scores: ArrayLike, n_classes: int, member: str) -> NDArray:
    """Return finite scores with one column per class, also where there are two classes."""
    scores = np.asarray(scores)
    if scores.ndim == 1 and n_classes == 2:
        scores = np.column_stack([np.zeros_like(scores), scores])
    if scores.shape[1:] != (n_classes,):
        raise ValueError(
            f"decision_function of {member} returns scores of shape {scores.shape} for "
            f"{n_classes} classes. Use a classifier with one column of scores per class."
        )
    if not np.isfinite(scores).all():
        raise ValueError(
            f"decision_function of {member} returns scores that are not finite, which cannot be "
            "averaged. Scale the rows, train it otherwise, or drop it."
        )
    return scores


def measure_scale(scores: NDArray) -> float:
    """Return the standard deviation of scores about the mean of their row, 0 where they tie."""
    rounding = np.finfo(np.result_type(scores, np.float16)).eps
    scores = scores.astype(np.float64)
    largest = float(np.abs(scores).max(initial=0.0))
    if not largest:
        return 0.0
    # Squares of very large or small scores would leave the range of floats.
    scores /= largest
    scores -= scores.mean(axis=1, keepdims=True)
    deviation = float(np.sqrt(np.square(scores).mean()))
    return deviation * largest if deviation > rounding else 0.0


def check_weights(weights: ArrayLike | None, is_kept: Sequence[bool]) -> NDArray[np.float64]:
    """Return the shares of the members that are kept, which sum to one.

    `weights` has an entry for each member, those that are dropped included.
    """
    if weights is None:
        weights = np.ones(len(is_kept))
    try:
        values = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"weights must be numbers, got {weights!r}.") from None
    if values.shape != (len(is_kept),):
        raise ValueError(
            f"weights must hold one number for each of the {len(is_kept)} estimators, those that "
            f"are dropped included, but has the shape {values.shape}."
        )
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(f"weights must be finite and not negative, got {weights!r}.")
    kept = values[np.asarray(is_kept)]
    if not kept.any():
        raise ValueError(
            f"weights must be positive for at least one estimator that is not dropped, got "
            f"{weights!r}."
        )
    # The sum of huge weights may overflow.
    kept = kept / kept.max()
    return kept / kept.sum()
