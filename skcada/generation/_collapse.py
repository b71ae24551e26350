"""Warnings of generators whose features do not tell classes apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances
from torch import Tensor

from skcada.exceptions import CollapseWarning, warn_user

# Share of other classes whose generated mean is nearer than that of the own class.
GREATEST_RANK = 0.25
# Nats of KL divergence per row. Measured: below .002 where latents said nothing, else above .7.
LEAST_KL = 0.05
# Share of the variance of the rows that there is to say something about.
LEAST_UNEXPLAINED = 0.1
# The mean squared difference of the length of the critic's gradient from 1 that is far from it.
GREATEST_PENALTY = 0.5


def measure_variance(rows: Tensor) -> float:
    """Return the mean squared distance of rows from their mean, 1 where they do not differ."""
    return float(rows.var(dim=0, correction=0).sum()) or 1.0


def warn_of_idle_noise(kl: float, unexplained: float) -> None:
    """Warn if the latents of a conditional autoencoder say nothing about their rows.

    `kl` is their divergence from the noise that features are generated from, in nats per row, and
    `unexplained` the share of the variance of the rows that reconstructions miss. Where that is
    small, class embeddings say all there is to say.
    """
    if kl < LEAST_KL and unexplained > LEAST_UNEXPLAINED:
        warn_user(
            f"Generated features of a class hardly vary: the KL divergence is {kl:.2g} nats per "
            "row, so that noise means nothing. Set reconstruction='sum' if it is 'mean', or "
            "if feature_scaling is 'raw', set it to 'auto'.",
            CollapseWarning,
        )


def warn_of_critic_without_gradient(penalty: float) -> None:
    """Warn if the critic gives the generator no direction, or no steady one.

    `penalty` is the mean squared difference of the length of its gradients from 1.
    """
    if penalty > GREATEST_PENALTY:
        warn_user(
            "The critic gives the generator no steady gradient: its length differs from 1, the "
            f"squared difference is {penalty:.2g} on average. Raise penalty_weight, lower "
            "learning_rate, or if feature_scaling is 'raw', set it to 'auto'.",
            CollapseWarning,
        )


def warn_of_ignored_embeddings(
    rows: NDArray[np.floating], class_codes: NDArray[np.intp], means: NDArray[np.floating]
) -> None:
    """Warn if real features lie no nearer to what is generated for their class than to any other.

    `class_codes` are the rows of `means`, the mean generated features of each class, that belong to
    the rows.
    """
    n_classes = len(means)
    if n_classes < 2:
        return
    distances = pairwise_distances(rows, means)
    own = distances[np.arange(len(rows)), class_codes]
    # Generated features that do not differ at all are as near as any other: half of them count.
    nearer = (distances < own[:, np.newaxis]).sum(axis=1)
    tied = (distances == own[:, np.newaxis]).sum(axis=1) - 1
    rank = float((nearer + tied / 2).mean()) / (n_classes - 1)
    if rank > GREATEST_RANK:
        warn_user(
            "Generated features hardly depend on the class embedding: on average, real features "
            f"are nearer to those generated for {rank:.0%} of the other classes than to those for "
            "their own, where 50% is chance. Train longer with max_iter, or if embedding_scaling "
            "is 'raw', set it to 'auto'.",
            CollapseWarning,
        )
