"""The detection of unseen classes by Gaussians around the embeddings of seen ones."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.metrics.pairwise import euclidean_distances

from skcada._training import as_tensor, train_softmax

# The smallest variance is this share of the mean squared entry of the embeddings. Training in
# single precision cannot place rows more exactly, and a density would grow without bound there.
LEAST_SHARE = float(np.finfo(np.float32).eps)
# A softmax of rows of unit length is trained by steps of Adam with so many rows each.
SOFTMAX_EPOCHS, SOFTMAX_BATCH, SOFTMAX_LEARNING_RATE = 20, 64, 2e-2


def fit_variances(
    projections: NDArray[np.float64], members: NDArray[np.intp], means: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the variance of one isotropic Gaussian per class, whose mean is given.

    `members` has the row of `means` of each projection, and every mean has projections.
    """
    squared = np.square(projections - means[members]).sum(axis=1)
    totals = np.bincount(members, weights=squared, minlength=len(means))
    variances = totals / np.bincount(members, minlength=len(means)) / means.shape[1]
    # A single class is in the centre, and has no length to compare with.
    return np.maximum(variances, LEAST_SHARE * (np.square(means).mean() or 1.0))


def log_density(
    projections: NDArray[np.float64],
    means: NDArray[np.float64],
    variances: NDArray[np.float64],
    priors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the log-density of each projection in a mixture of isotropic Gaussians, in nats."""
    squared = euclidean_distances(projections, means, squared=True)
    heights = np.log(priors) - means.shape[1] / 2 * np.log(2 * np.pi * variances)
    return logsumexp(heights - squared / (2 * variances), axis=1)


def train_seen_softmax(
    rows: NDArray[np.float32],
    members: NDArray[np.intp],
    *,
    device: torch.device,
    generator: torch.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights of a softmax, (n_classes, n_features), and its biases.

    `members` has classes from 0 on, each of which has rows.
    """
    # The learning rate suits rows of length one.
    mean_square = float(np.square(rows, dtype=np.float64).mean()) * rows.shape[1]
    factor = mean_square**-0.5 if mean_square else 1.0
    weight, bias = train_softmax(
        as_tensor(rows, device) * factor,
        torch.from_numpy(members).to(device),
        int(members.max()) + 1,
        n_epochs=SOFTMAX_EPOCHS,
        batch_size=SOFTMAX_BATCH,
        learning_rate=SOFTMAX_LEARNING_RATE,
        generator=generator,
    )
    return weight.cpu().numpy() * np.float32(factor), bias.cpu().numpy()
