"""The scaling of features and of class embeddings that compatibility systems share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.labels import format_labels


def unit_rows(rows: NDArray, floor: float = 0.0) -> NDArray:
    """Scale rows to unit length; those with no entry above `floor` are taken for zero."""
    # First to entries of 1 at most, whose squares neither overflow nor vanish.
    largest = np.abs(rows).max(axis=1, initial=0.0, keepdims=True)
    is_zero = largest <= floor
    bounded = rows / np.where(is_zero, 1.0, largest)
    lengths = np.sqrt(np.einsum("ij,ij->i", bounded, bounded))[:, np.newaxis]
    return np.where(is_zero, 0.0, bounded / np.where(is_zero, 1.0, lengths))


def stack_tables(
    embeddings: ClassEmbeddings, is_seen: NDArray[np.bool_], *, is_unit: bool
) -> NDArray[np.float64]:
    """Put the tables of all modalities side by side.

    Unit ones are centred, each table by itself, on the mean of the seen classes, and have rows of
    unit length.
    """
    scaled = []
    for name, table in embeddings.tables.items():
        absent = embeddings.classes[~embeddings.present[name]]
        if len(absent):
            raise ValueError(
                f"class_embeddings[{name!r}] lacks {len(absent)} classes: {format_labels(absent)}. "
                "Every class needs every modality here. Add a row for each, drop these classes, or "
                f"leave out {name!r}."
            )
        vectors = table.astype(np.float64)
        if is_unit:
            # A class in the centre has no direction but that of rounding.
            floor = 1e-9 * np.abs(vectors).max()
            vectors = unit_rows(vectors - vectors[is_seen].mean(axis=0), floor)
        scaled.append(vectors)
    return np.hstack(scaled)
