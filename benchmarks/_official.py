"""The recipe of the authors' code."""

from typing import Any

# In float32, and with the plain sums of reconstruction errors.
OFFICIAL_VAE: dict[str, Any] = {
    "max_iter": 100,
    "batch_size": 50,
    "learning_rate": 1.5e-4,
    "feature_weight": 1.0,
    "precision": "float32",
}
# The number of epochs is that for CUB without shots.
OFFICIAL_SOFTMAX: dict[str, Any] = {"max_iter": 23, "batch_size": 32, "learning_rate": 1e-3}
