"""The training that the parameters of CADA-VAE describe."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skcada._base.estimator import read_layers, spread
from skcada._base.scaling import MAX_ROWS, constant_error
from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.tables import FEATURES
from skcada._nn import AlignedVAE, Ramp
from skcada._nn.noise import NoiseKind
from skcada._training import (
    AlignedVAEObjective,
    Trainer,
    as_tensor,
    resolve_device,
    resolve_precision,
    seeded_generator,
)
from skcada._training.batches import choose_batch_size, choose_max_iter

# Batch sizes are chosen automatically between bounds. Larger batches cost less per row, but what
# counts is the number of updates.
STEPS_PER_EPOCH, LARGEST_BATCH = 20, 192
# The error of the best constant reconstruction of pooled features of a convolutional network,
# scaled to [0, 1]: 79 for 1280 of EfficientNet. The published weights were chosen for such ones.
PUBLISHED_ERROR = 80.0


def make_trainer(
    X: NDArray[np.float32],
    class_codes: NDArray[np.intp],
    embeddings: ClassEmbeddings,
    *,
    latent_size: int,
    gamma: float,
    delta: float,
    beta: float,
    feature_weight: float | Literal["auto"],
    gamma_warmup: Sequence[float],
    delta_warmup: Sequence[float],
    beta_warmup: Sequence[float],
    feature_encoder_layers: int | Sequence[int],
    feature_decoder_layers: int | Sequence[int],
    embedding_encoder_layers: int | Sequence[int],
    embedding_decoder_layers: int | Sequence[int],
    reconstruction_loss: str,
    noise: NoiseKind,
    max_iter: int | Literal["auto"],
    batch_size: int | Literal["auto"],
    learning_rate: float,
    precision: str,
    device: str | torch.device,
    random_state: int | np.random.RandomState | None,
) -> Trainer[AlignedVAEObjective]:
    """Make the networks and what trains them; the settings are those of CADAVAETransformer.

    Features and class embeddings are scaled already.
    """
    torch_device = resolve_device(device)
    generator = seeded_generator(check_random_state(random_state))
    sizes = {name: table.shape[1] for name, table in embeddings.tables.items()}
    feature_encoder = read_layers("feature_encoder_layers", feature_encoder_layers)
    feature_decoder = read_layers("feature_decoder_layers", feature_decoder_layers)
    embedding_encoder = read_layers("embedding_encoder_layers", embedding_encoder_layers)
    embedding_decoder = read_layers("embedding_decoder_layers", embedding_decoder_layers)
    network = AlignedVAE(
        {FEATURES: X.shape[1]} | sizes,
        latent_size,
        encoder_layers=[feature_encoder, *[embedding_encoder] * len(sizes)],
        decoder_layers=[feature_decoder, *[embedding_decoder] * len(sizes)],
        generator=generator,
    )
    objective = AlignedVAEObjective(
        network,
        as_tensor(X, torch_device),
        [as_tensor(table, torch_device) for table in embeddings.tables.values()],
        np.column_stack(list(embeddings.present.values())),
        class_codes,
        beta=read_ramp("beta_warmup", beta_warmup, beta),
        gamma=read_ramp("gamma_warmup", gamma_warmup, gamma),
        delta=read_ramp("delta_warmup", delta_warmup, delta),
        feature_weight=resolve_feature_weight(feature_weight, X, reconstruction_loss),
        max_iter=choose_max_iter(max_iter, len(X)),
        learning_rate=learning_rate,
        reconstruction_loss=reconstruction_loss,
        noise_kind=noise,
        dtype=resolve_precision(precision, torch_device),
    )
    return Trainer(
        objective,
        len(X),
        batch_size=choose_batch_size(
            batch_size, len(X), steps_per_epoch=STEPS_PER_EPOCH, largest=LARGEST_BATCH
        ),
        generator=generator,
    )


def read_ramp(name: str, edges: Sequence[Any], factor: float) -> Ramp:
    """Return the weight of a loss term over the training, which warms up between two fractions."""
    is_pair = len(edges) == 2 and all(
        isinstance(edge, Real) and not isinstance(edge, bool | np.bool_) for edge in edges
    )
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
    error = constant_error(X[spread(len(X), MAX_ROWS)], reconstruction_loss)
    # Equal rows leave nothing to reconstruct.
    return PUBLISHED_ERROR / error if error else 1.0
