"""The similarities by which classifiers of some classes are made of those of others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist


def median_distance(vectors: NDArray) -> float:
    """Return the median distance between vectors that differ, 1 if none do."""
    distances = pdist(vectors)
    # Rounding may leave a little between equal vectors.
    distances = distances[distances > 1e-9 * distances.max(initial=0.0)]
    return float(np.median(distances)) if len(distances) else 1.0


def compare(vectors: NDArray, phantoms: NDArray, scale: float) -> NDArray[np.float64]:
    """Return the similarities of vectors to phantoms, which sum to one over phantoms.

    They are the softmax of ``-scale`` times the squared distances.
    """
    exponents = -scale * cdist(vectors, phantoms, "sqeuclidean")
    exponents -= exponents.max(axis=1, keepdims=True)
    similarities = np.exp(exponents)
    return similarities / similarities.sum(axis=1, keepdims=True)


def invert(similarities: NDArray) -> NDArray:
    """Return the pseudo-inverse, with the cut-off of MATLAB's ``pinv``."""
    least = max(similarities.shape) * np.finfo(similarities.dtype).eps
    return np.linalg.pinv(similarities, rcond=least)
