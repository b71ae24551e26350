"""Warnings of latent spaces in which classes cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances

from skcada._classes.tables import FEATURES
from skcada.exceptions import CollapseWarning, warn_user

# Nats of KL divergence per sample, as a share of the log of the number of classes. Measured: .14
# and .18 where nothing was learnt, .24 and .29 where models were as good as any.
LEAST_KL = 0.2
# Share of other classes whose embedding is nearer than that of the own class. Measured: up to .04
# where latents were aligned, .12 after two epochs or without distribution alignment, .5 by chance.
GREATEST_RANK = 0.25
# Mean squared distance of latents from their mean, as a share of their mean square.
LEAST_SPREAD = 0.05


def warn_of_collapsed_posterior(kl: Mapping[str, float], n_classes: int) -> bool:
    """Warn if latents carry too little information to tell classes apart; tell whether it warned.

    The KL divergence of the posterior from the prior, here of each modality in nats per sample,
    bounds on average the information that a latent carries about its input. To tell classes
    apart takes the logarithm of their number.
    """
    needed = LEAST_KL * np.log(n_classes)
    collapsed = [name for name in kl if kl[name] < needed]
    if collapsed:
        measured = " and ".join(f"{kl[name]:.2g} nats of {name}" for name in collapsed)
        if FEATURES in collapsed:
            remedy, scaling = "raise feature_weight", "feature_scaling"
        else:
            remedy, scaling = "raise gamma or delta", "embedding_scaling"
        warn_user(
            f"The posterior has collapsed: the KL divergence is {measured}, too little to tell "
            f"{n_classes} classes apart. Lower beta, {remedy}, or if {scaling} is 'raw', set it to "
            "'auto'. Raise max_iter if it is low.",
            CollapseWarning,
        )
    return bool(collapsed)


def warn_of_apart_modalities(
    features: NDArray[np.floating],
    class_codes: NDArray[np.intp],
    embeddings: NDArray[np.floating],
    name: str,
    *,
    remedy: str = "Raise delta or gamma",
) -> None:
    """Warn if features lie no nearer to the embedding of their class than to any other.

    Both are latent means; `class_codes` are the rows of `embeddings`, a modality called `name`,
    that belong to the features. `remedy` is what can be done about it.
    """
    n_classes = len(embeddings)
    if n_classes < 2 or not len(features):
        return
    distances = pairwise_distances(features, embeddings)
    own = distances[np.arange(len(features)), class_codes]
    rank = float((distances < own[:, np.newaxis]).sum(axis=1).mean()) / (n_classes - 1)
    if rank > GREATEST_RANK:
        warn_user(
            f"The latents of features and {name} do not overlap: on average, features are "
            f"nearer to the {name} of {rank:.0%} of the other classes than to that of their own, "
            f"where 50% is chance. {remedy}, or train longer with max_iter.",
            CollapseWarning,
        )


def warn_of_shrunk_latents(latents: Mapping[str, NDArray[np.floating]]) -> bool:
    """Warn if the latents of features or of classes lie in one point; tell whether it warned."""
    shrunk = []
    for name, points in latents.items():
        spread = float(points.var(axis=0, dtype=np.float64).sum())
        if spread < LEAST_SPREAD * float(np.square(points, dtype=np.float64).sum(axis=1).mean()):
            shrunk.append(name)
    if shrunk:
        warn_user(
            f"The latents of {' and of '.join(shrunk)} have shrunk to a point, so that no class "
            "can be told from another. Lower alpha, beta, contraction or learning_rate, look at "
            "whether class embeddings differ, or train longer with max_iter.",
            CollapseWarning,
        )
    return bool(shrunk)
