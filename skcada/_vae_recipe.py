"""From the parameters of the transformer to the training that they describe."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skcada._embeddings import FEATURES, ClassEmbeddings
from skcada._feature_weight import resolve_feature_weight
from skcada._nn import AlignedVAE, Ramp
from skcada._training import (
    VAETrainer,
    as_tensor,
    resolve_device,
    resolve_precision,
    seeded_generator,
)
from skcada._training.batches import choose_batch_size, choose_max_iter

if TYPE_CHECKING:
    from skcada._transformer import CADAVAETransformer

# Of automatic batches. Larger ones cost less a row, but what counts is the number of updates.
STEPS_PER_EPOCH, LARGEST_BATCH = 20, 192


def make_trainer(
    estimator: CADAVAETransformer, X: NDArray[np.float32], y: NDArray, embeddings: ClassEmbeddings
) -> VAETrainer:
    """Make the networks and what trains them.

    Parameters
    ----------
    estimator : CADAVAETransformer
        Its parameters are read.
    X : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    embeddings : ClassEmbeddings
        Of all classes in `y`.

    Returns
    -------
    VAETrainer

    Raises
    ------
    ValueError
        If a parameter is wrong, or the machine lacks the device.
    """
    device = resolve_device(estimator.device)
    generator = seeded_generator(check_random_state(estimator.random_state))
    sizes = {name: table.shape[1] for name, table in embeddings.tables.items()}
    kinds = ["feature"] + ["embedding"] * len(sizes)
    network = AlignedVAE(
        {FEATURES: X.shape[1]} | sizes,
        estimator.latent_size,
        encoder_layers=[_read_layers(estimator, f"{kind}_encoder_layers") for kind in kinds],
        decoder_layers=[_read_layers(estimator, f"{kind}_decoder_layers") for kind in kinds],
        generator=generator,
    )
    return VAETrainer(
        network,
        as_tensor(X, device),
        [as_tensor(table, device) for table in embeddings.tables.values()],
        np.column_stack(list(embeddings.present.values())),
        embeddings.index_of(y),
        beta=_read_ramp(estimator, "beta"),
        gamma=_read_ramp(estimator, "gamma"),
        delta=_read_ramp(estimator, "delta"),
        feature_weight=resolve_feature_weight(
            estimator.feature_weight, X, estimator.reconstruction_loss
        ),
        max_iter=choose_max_iter(estimator.max_iter, len(X)),
        batch_size=choose_batch_size(
            estimator.batch_size, len(X), steps_per_epoch=STEPS_PER_EPOCH, largest=LARGEST_BATCH
        ),
        learning_rate=estimator.learning_rate,
        reconstruction_loss=estimator.reconstruction_loss,
        noise_kind=estimator.noise,
        dtype=resolve_precision(estimator.precision, device),
        generator=generator,
    )


def _read_layers(estimator: CADAVAETransformer, name: str) -> tuple[int, ...]:
    layers = tuple(getattr(estimator, name))
    if not all(isinstance(size, Integral) and int(size) > 0 for size in layers):
        raise ValueError(f"{name} must hold the sizes of hidden layers, got {layers!r}.")
    return layers


def _read_ramp(estimator: CADAVAETransformer, weight: str) -> Ramp:
    """Return the weight of a loss term over the training."""
    name = f"{weight}_warmup"
    edges = tuple(getattr(estimator, name))
    is_pair = len(edges) == 2 and all(isinstance(edge, Real) for edge in edges)
    if not is_pair or not 0 <= edges[0] <= edges[1] <= 1:
        raise ValueError(
            f"{name} must be two fractions of max_iter in order, such as (0.2, 0.8), got {edges!r}."
        )
    return Ramp(getattr(estimator, weight), *edges)
