"""What makes the weights of the loss mean the same for any number and scale of features."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

# The error of the best constant reconstruction of pooled features of a convolutional network,
# scaled to [0, 1]: 79 for 1280 of EfficientNet. The published weights were chosen for such ones.
PUBLISHED_ERROR = 80.0
# Rows enough to tell the error to a few per cent.
MAX_ROWS = 4096


def resolve_feature_weight(
    feature_weight: float | Literal["auto"], X: NDArray[np.float32], reconstruction_loss: str
) -> float:
    """Return the weight of the reconstruction errors of features.

    Parameters
    ----------
    feature_weight : float or "auto"
        "auto" is what brings the error of the best constant reconstruction to a fixed value: all
        other terms of the loss are then relative to the deviation that there is to reconstruct.
    X : ndarray of shape (n_samples, n_features)
    reconstruction_loss : {"l1", "l2"}

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from skcada._feature_weight import resolve_feature_weight
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32)
    >>> resolve_feature_weight("auto", X, "l1")
    80.0
    >>> resolve_feature_weight("auto", np.tile(X, 32), "l1")  # 64 features
    2.5
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
