"""Warnings of generators whose features do not tell classes apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances

from skcada.exceptions import CollapseWarning, warn_user

# Share of other classes whose generated mean is nearer than that of the own class.
GREATEST_RANK = 0.25


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
