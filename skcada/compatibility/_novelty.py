"""The detection of unseen classes by Gaussians around the embeddings of seen ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.metrics.pairwise import euclidean_distances

# Distances below the root of this share of the squared length of embeddings are what training in
# single precision cannot tell from zero. A density would grow without bound there.
LEAST_SHARE = float(np.finfo(np.float32).eps)


def fit_variances(
    projections: NDArray[np.float64], members: NDArray[np.intp], means: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the variance of one isotropic Gaussian per class, whose mean is given.

    `members` has the row of `means` of each projection, and every mean has projections.
    """
    squared = np.square(projections - means[members]).sum(axis=1)
    totals = np.bincount(members, weights=squared, minlength=len(means))
    variances = totals / np.bincount(members, minlength=len(means)) / means.shape[1]
    # The only class is in the centre, and has no length to compare with.
    size = np.square(means).mean() or 1.0 / means.shape[1]
    return np.maximum(variances, LEAST_SHARE * size)


def log_density(
    projections: NDArray[np.float64],
    means: NDArray[np.float64],
    variances: NDArray[np.float64],
    priors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the log-density of each projection in a mixture of isotropic Gaussians, in nats."""
    squared = euclidean_distances(projections, means, squared=True)
    n_dimensions = means.shape[1]
    normalizer = np.log(priors) - n_dimensions / 2 * np.log(2 * np.pi * variances)
    return logsumexp(normalizer - squared / (2 * variances), axis=1)
