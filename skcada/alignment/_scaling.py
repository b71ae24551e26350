"""The scale of features and class embeddings on which the recipe of CADA-VAE was chosen."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from skcada._base.estimator import spread

Values = TypeVar("Values", NDArray, torch.Tensor)

# Length that centred rows of features have on average. Few features are shorter: then it is that
# of standardised ones.
FEATURE_LENGTH = 8.0
# Error of the best constant reconstruction of class embeddings. With much less they are ignored,
# with much more seen classes are favoured.
EMBEDDING_ERROR = 25.0
# Rows enough to tell means and deviations to a few per cent.
MAX_ROWS = 4096


class Scaling(NamedTuple):
    """What is subtracted from rows and what they are divided by, (n_columns,) and float32."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]


def scale_rows(rows: Values, mean: Values, scale: Values) -> Values:
    """Return rows less `mean`, divided by `scale`; all are arrays, or all are tensors."""
    return (rows - mean) / scale


def no_scaling(n_columns: int) -> Scaling:
    """Leave rows as they are."""
    return Scaling(np.zeros(n_columns, np.float32), np.ones(n_columns, np.float32))


def feature_scaling(X: NDArray[np.float32]) -> Scaling:
    """Center features, and give rows the length of the recipe.

    A feature is divided by the root of its variance plus the median variance. That standardises
    features that vary much, and does not magnify those that hardly vary.
    """
    rows = X[spread(len(X), MAX_ROWS)].astype(np.float64)
    mean, variance = rows.mean(axis=0), rows.var(axis=0)
    varying = variance[variance > 0]
    if not len(varying):
        return Scaling(mean.astype(np.float32), np.ones(len(mean), np.float32))
    scale = np.sqrt(variance + np.median(varying))
    length = np.sqrt((variance / scale**2).sum())
    scale *= length / min(FEATURE_LENGTH, np.sqrt(len(varying)))
    return Scaling(mean.astype(np.float32), scale.astype(np.float32))


def embedding_scaling(vectors: NDArray[np.float32], reconstruction_loss: str) -> Scaling:
    """Center the embeddings of seen classes, and divide them by one number.

    Their best constant reconstruction then has the error of the recipe.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    scale = constant_error(vectors, reconstruction_loss) / EMBEDDING_ERROR
    if reconstruction_loss == "l2":
        scale = np.sqrt(scale)
    # Equal embeddings leave nothing to scale.
    return Scaling(mean.astype(np.float32), np.full(len(mean), scale or 1.0, np.float32))


def constant_error(rows: NDArray[np.float32], reconstruction_loss: str) -> float:
    """Return the mean error of the best constant reconstruction of rows."""
    if reconstruction_loss == "l1":
        errors = np.abs(rows - np.median(rows, axis=0))
    else:
        errors = np.square(rows - rows.mean(axis=0, dtype=np.float64))
    return float(errors.sum(axis=1, dtype=np.float64).mean())
