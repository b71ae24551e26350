"""The synthesis of the classifiers of all classes from those of classes with rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist


@dataclass(frozen=True, eq=False)
class Phantoms:
    """Places between which classifiers are interpolated, one on each class with rows.

    `unit` is the median distance between them, and `inverse` the pseudo-inverse of the
    similarities of each to all.
    """

    places: NDArray
    unit: float
    scale: float
    inverse: NDArray

    @classmethod
    def on(cls, vectors: NDArray, scale: float) -> Self:
        """Put a phantom on each class embedding."""
        unit = median_distance(vectors)
        similarities = compare(vectors / unit, vectors / unit, scale)
        # As MATLAB's pinv, which the authors use: less is rounding.
        least = max(similarities.shape) * np.finfo(similarities.dtype).eps
        return cls(vectors, unit, scale, np.linalg.pinv(similarities, rcond=least))

    def mix(self, vectors: NDArray) -> NDArray:
        """Return how the classifier of each class is made of those of the classes with rows."""
        return compare(vectors / self.unit, self.places / self.unit, self.scale) @ self.inverse


def median_distance(vectors: NDArray) -> float:
    """Return the median distance between vectors that differ, 1 if none do."""
    distances = pdist(vectors)
    # Of equal vectors, rounding may leave a little.
    distances = distances[distances > 1e-9 * distances.max(initial=0.0)]
    return float(np.median(distances)) if len(distances) else 1.0


def compare(vectors: NDArray, places: NDArray, scale: float) -> NDArray:
    """Return the similarities of vectors to places, which sum to one over places."""
    exponents = -scale * cdist(vectors, places, "sqeuclidean")
    exponents -= exponents.max(axis=1, keepdims=True)
    similarities = np.exp(exponents)
    return similarities / similarities.sum(axis=1, keepdims=True)
