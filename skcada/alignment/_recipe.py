"""From the parameters of the transformer to the training that they describe."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skcada._classes.embeddings import FEATURES, ClassEmbeddings
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
    from skcada.alignment._cada_vae import CADAVAETransformer

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
    >>>     >>> X = np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32)
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
