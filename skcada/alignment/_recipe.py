"""The training that the parameters of CADA-VAE describe."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from skcada._nn import Ramp

# Batch sizes are chosen automatically between bounds. Larger batches cost less per row, but what
# counts is the number of updates.
STEPS_PER_EPOCH, LARGEST_BATCH = 20, 192
# The error of the best constant reconstruction of pooled features of a convolutional network,
# scaled to [0, 1]: 79 for 1280 of EfficientNet. The published weights were chosen for such ones.
PUBLISHED_ERROR = 80.0
# Rows enough to tell the error to a few per cent.
MAX_ROWS = 4096


def read_layers(name: str, layers: Any) -> tuple[int, ...]:
    """Return the sizes of hidden layers; an int is one layer."""
    sizes = (layers,) if isinstance(layers, Integral) else tuple(layers)
    if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
        raise ValueError(f"{name} must hold the sizes of hidden layers, got {layers!r}.")
    return sizes


def read_ramp(name: str, edges: Sequence[Any], factor: float) -> Ramp:
    """Return the weight of a loss term over the training, which warms up between two fractions."""
    is_pair = len(edges) == 2 and all(isinstance(edge, Real) for edge in edges)
    if not is_pair or not 0 <= edges[0] <= edges[1] <= 1:
        raise ValueError(
            f"{name} must be two fractions of max_iter in order, such as (0.2, 0.8), got "
            f"{tuple(edges)!r}."
        )
    return Ramp(factor, *edges)


def resolve_feature_weight(
    feature_weight: float | Literal["auto"], X: NDArray[np.float32], reconstruction_loss: str
) -> float:
    """Return the weight of the reconstruction errors of features.

    "auto" is what brings the error of the best constant reconstruction to a fixed value: all
    other terms of the loss are then relative to the deviation that there is to reconstruct.
    """
    if feature_weight != "auto":
        return feature_weight
    # Spread over all rows, which may be sorted by class.
    rows = X[:: -(-len(X) // MAX_ROWS)]
    if reconstruction_loss == "l1":
        errors = np.abs(rows - np.median(rows, axis=0))
    else:
        errors = np.square(rows - rows.mean(axis=0, dtype=np.float64))
    error = float(errors.sum(axis=1, dtype=np.float64).mean())
    # Equal rows leave nothing to reconstruct.
    return PUBLISHED_ERROR / error if error else 1.0
