"""Training loops, the devices they run on, and inference in chunks."""

# May import the floor below: `_nn`. No scikit-learn.

from skcada._training.devices import (
    as_tensor,
    resolve_device,
    resolve_precision,
    seeded_generator,
)
from skcada._training.inference import apply_in_chunks
from skcada._training.softmax import SoftmaxTrainer
from skcada._training.vae import NonFiniteLossError, VAETrainer, make_optimizer, training_step

__all__ = [
    "NonFiniteLossError",
    "SoftmaxTrainer",
    "VAETrainer",
    "apply_in_chunks",
    "as_tensor",
    "make_optimizer",
    "resolve_device",
    "resolve_precision",
    "seeded_generator",
    "training_step",
]
