"""The scaling of features and of class embeddings that compatibility systems share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from skcada._base.scaling import unit_rows
from skcada._classes.embeddings import ClassEmbeddings

Scaling = Literal["unit", "raw"]
# Scores that tell no classes apart lead by less than this, which is noise.
LEAST_LEAD = 1e-12


@dataclass(frozen=True, eq=False)
class FeatureScaling:
    """Rows of unit length less a mean, or rows as they are."""

    kind: Scaling
    mean: NDArray

    @classmethod
    def fit(cls, rows: NDArray, kind: Scaling) -> tuple[Self, NDArray]:
        """Return the scaling, and the scaled rows, which are a copy."""
        scaled = unit_rows(rows) if kind == "unit" else rows.copy()
        mean = find_center(scaled, kind)
        scaled -= mean
        return cls(kind, mean), scaled

    def apply(self, rows: NDArray) -> NDArray:
        """Scale other rows."""
        return unit_rows(rows) - self.mean if self.kind == "unit" else rows


def find_center(rows: NDArray, kind: Scaling) -> NDArray:
    """Return what to subtract from rows: zero if they are raw."""
    return rows.mean(axis=0) if kind == "unit" else np.zeros(rows.shape[1], rows.dtype)


@dataclass(frozen=True, eq=False)
class EmbeddingScaling:
    """Class embeddings less the mean of the seen classes, of unit length, or as they are.

    `centers` and `floors` are by modality. A vector whose entries do not exceed the floor is a
    class in the centre, which has no direction but that of rounding.
    """

    kind: Scaling
    centers: dict[str, NDArray[np.float64]]
    floors: dict[str, float]

    @classmethod
    def fit(cls, embeddings: ClassEmbeddings, is_seen: NDArray[np.bool_], kind: Scaling) -> Self:
        """Measure the tables of all modalities on the seen classes."""
        seen = {name: table[is_seen].astype(float) for name, table in embeddings.tables.items()}
        return cls(
            kind,
            {name: vectors.mean(axis=0) for name, vectors in seen.items()},
            {name: 1e-9 * float(np.abs(vectors).max()) for name, vectors in seen.items()},
        )

    def apply(self, embeddings: ClassEmbeddings) -> NDArray[np.float64]:
        """Scale the tables of all modalities one by one, and put them side by side."""
        return np.hstack([self._apply(embeddings, name) for name in embeddings.tables])

    def _apply(self, embeddings: ClassEmbeddings, name: str) -> NDArray[np.float64]:
        embeddings.refuse_incomplete([name])
        vectors = embeddings.tables[name].astype(np.float64)
        if self.kind == "raw":
            return vectors
        return unit_rows(vectors - self.centers[name], self.floors[name])


def measure_lead(scores: NDArray, class_codes: NDArray[np.intp]) -> float:
    """Return how far the score of the own class leads the mean over classes, 1 if by nothing.

    It is a mean over rows; `scores` has one column for each class that has rows.
    """
    own = scores[np.arange(len(scores)), class_codes]
    lead = float((own - scores.mean(axis=1)).mean(dtype=np.float64))
    return lead if lead > LEAST_LEAD else 1.0
