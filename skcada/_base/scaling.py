"""The scale of features and class embeddings that trainings by gradient are made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from skcada._base.estimator import spread
from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.tables import FEATURES
from skcada.exceptions import warn_user

Values = TypeVar("Values", NDArray, torch.Tensor)

# Length that centred rows of features have on average, or that of standardised ones where these
# are shorter. On held-out classes letters preferred longer ones, and emoji shorter ones.
FEATURE_LENGTH = 8.0
# Error of the best constant reconstruction of class embeddings. With much less they are ignored,
# with much more seen classes are favoured. 15 and 40 were no better on held-out classes of CUB.
EMBEDDING_ERROR = 25.0
# Raw inputs beyond these bounds cost a quarter of the AUSUC on held-out classes of CUB, or more, or
# made the training diverge.
RAW_LENGTHS = 0.1, 200.0
RAW_ERRORS = 1.0, 200.0
# Rows enough to tell means and deviations to a few per cent.
MAX_ROWS = 4096


class Scaling(NamedTuple):
    """What is subtracted from rows and what they are divided by, (n_columns,) and float32."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]


def scale_rows(rows: Values, mean: Values, scale: Values) -> Values:
    """Return rows less `mean`, divided by `scale`; all are arrays, or all are tensors."""
    return (rows - mean) / scale


def scale_tables(embeddings: ClassEmbeddings, scalings: dict[str, Scaling]) -> ClassEmbeddings:
    """Return class embeddings with the tables of all modalities scaled."""
    tables = {name: scale_rows(table, *scalings[name]) for name, table in embeddings.tables.items()}
    return replace(embeddings, tables=tables)


def stack_tables(embeddings: ClassEmbeddings) -> NDArray[np.float32]:
    """Put the tables of all modalities, of which no class lacks one, side by side."""
    return np.hstack(list(embeddings.tables.values()))


def unit_rows(rows: NDArray, floor: float = 0.0) -> NDArray:
    """Scale rows to unit length; those with no entry above `floor` are taken for zero."""
    # First to entries of 1 at most, whose squares neither overflow nor vanish.
    largest = np.abs(rows).max(axis=1, initial=0.0, keepdims=True)
    is_zero = largest <= floor
    bounded = rows / np.where(is_zero, 1.0, largest)
    lengths = np.sqrt(np.einsum("ij,ij->i", bounded, bounded))[:, np.newaxis]
    return np.where(is_zero, 0.0, bounded / np.where(is_zero, 1.0, lengths))


def no_scaling(n_columns: int) -> Scaling:
    """Leave rows as they are."""
    return Scaling(np.zeros(n_columns, np.float32), np.ones(n_columns, np.float32))


def choose_scalings(
    X: NDArray[np.float32],
    tables: Mapping[str, NDArray[np.float32]],
    *,
    feature_scaling: str,
    embedding_scaling: str,
    reconstruction_loss: str = "l1",
    embedding_length: float | None = None,
) -> dict[str, Scaling]:
    """Choose the scaling of each modality, and warn of raw ones for which the recipe is not made.

    `tables` are the embeddings of the seen classes. They get `embedding_length`, or where that is
    None, the reconstruction error of the recipe.
    """
    scalings = {FEATURES: no_scaling(X.shape[1])}
    if feature_scaling == "auto":
        scalings[FEATURES] = fit_feature_scaling(X)
    else:
        length = float(np.sqrt(X[spread(len(X), MAX_ROWS)].var(axis=0, dtype=np.float64).sum()))
        warn_of_raw_scale("X: centred rows have the length", length, RAW_LENGTHS, "feature_scaling")
    for name, vectors in tables.items():
        scalings[name] = no_scaling(vectors.shape[1])
        if embedding_scaling == "auto":
            if embedding_length is None:
                scalings[name] = fit_embedding_scaling(vectors, reconstruction_loss)
            else:
                scalings[name] = fit_length(vectors, embedding_length)
        elif reconstruction_loss == "l1" and embedding_length is None:
            error = constant_error(vectors, reconstruction_loss)
            what = f"class_embeddings ({name!r}): their median differs from them, summed up, by"
            warn_of_raw_scale(what, error, RAW_ERRORS, "embedding_scaling")
    return scalings


def warn_of_raw_scale(what: str, size: float, bounds: tuple[float, float], parameter: str) -> None:
    """Warn if raw inputs differ by far less or by far more than those of the recipe."""
    low, high = bounds
    if size and not low <= size <= high:
        warn_user(
            f"The recipe does not suit the scale of {what} {size:.2g} on average, and should be "
            f"between {low:g} and {high:g}. Set {parameter}='auto', or scale them."
        )


def fit_feature_scaling(X: NDArray[np.float32]) -> Scaling:
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
    # Single precision would take smaller ones for zero.
    scale = np.maximum(scale, np.finfo(np.float32).tiny)
    return Scaling(mean.astype(np.float32), scale.astype(np.float32))


def fit_embedding_scaling(vectors: NDArray[np.float32], reconstruction_loss: str) -> Scaling:
    """Center the embeddings of seen classes, and divide them by one number.

    Their best constant reconstruction then has the error of the recipe.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    scale = constant_error(vectors, reconstruction_loss) / EMBEDDING_ERROR
    if reconstruction_loss == "l2":
        scale = np.sqrt(scale)
    # Equal embeddings leave nothing to scale.
    return Scaling(mean.astype(np.float32), np.full(len(mean), scale or 1.0, np.float32))


def fit_length(vectors: NDArray[np.float32], length: float) -> Scaling:
    """Center the embeddings of seen classes, and divide them by one number.

    The root of their mean squared length is then `length`.
    """
    centred = vectors.astype(np.float64)
    mean = centred.mean(axis=0)
    scale = np.sqrt(np.square(centred - mean).sum(axis=1).mean()) / length
    # Equal embeddings leave nothing to scale. Single precision would take smaller ones for zero.
    scale = max(scale, np.finfo(np.float32).tiny) if scale else 1.0
    return Scaling(mean.astype(np.float32), np.full(len(mean), scale, np.float32))


def constant_error(rows: NDArray[np.float32], reconstruction_loss: str) -> float:
    """Return the mean error of the best constant reconstruction of rows."""
    if reconstruction_loss == "l1":
        errors = np.abs(rows - np.median(rows, axis=0))
    else:
        errors = np.square(rows - rows.mean(axis=0, dtype=np.float64))
    return float(errors.sum(axis=1, dtype=np.float64).mean())
