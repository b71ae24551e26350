"""Training loops, the devices they run on, and inference in chunks."""

# May import the floor below: `_nn`. No scikit-learn.

from skcada._training.checkpoint import Checkpoint
from skcada._training.devices import (
    as_tensor,
    resolve_device,
    resolve_precision,
    seeded_generator,
)
from skcada._training.inference import apply_in_chunks
from skcada._training.softmax import SoftmaxObjective, train_softmax
from skcada._training.trainer import NonFiniteLossError, Objective, Trainer
from skcada._training.vae import AlignedVAEObjective

__all__ = [
    "AlignedVAEObjective",
    "Checkpoint",
    "NonFiniteLossError",
    "Objective",
    "SoftmaxObjective",
    "Trainer",
    "apply_in_chunks",
    "as_tensor",
    "resolve_device",
    "resolve_precision",
    "seeded_generator",
    "train_softmax",
]
