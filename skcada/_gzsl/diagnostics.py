"""Warnings of final classifiers that take nearly every row for one side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcada._base.estimator import spread
from skcada._gzsl.latent_set import LatentSet
from skcada._sklearn import _safe_indexing
from skcada.exceptions import CollapseWarning, warn_user

# The least share of the latents of one side that must be predicted to be on it.
LEAST_SHARE = 0.1
# Rows to look at, enough for shares to a few per cent.
N_ROWS = 1000


def warn_if_one_sided(
    score: Callable[[NDArray], NDArray], is_seen_class: NDArray[np.bool_], latent_set: LatentSet
) -> None:
    """Warn if a classifier of latents takes nearly all of them for seen or for unseen classes.

    `score` maps latents to scores, `is_seen_class` tells about each column of these, and the
    classifier was trained on `latent_set`.
    """
    roles, transformer = latent_set.roles, latent_set.transformer
    seen_rows = np.flatnonzero(~roles.is_shot(latent_set.y))
    some = seen_rows[spread(len(seen_rows), N_ROWS)]

    def share_of_seen(n_rows: int, **source: Any) -> float:
        one_each = np.ones(n_rows, dtype=np.intp)
        # Seeded apart, so that looking at a fit leaves it as it is.
        drawn = np.asarray(transformer.sample(**source, n_samples=one_each, random_state=0))
        return float(is_seen_class[score(drawn).argmax(axis=1)].mean())

    def share_by_embeddings(classes: NDArray) -> float:
        embeddings = latent_set.select_embeddings(classes)
        return share_of_seen(len(classes), class_embeddings=embeddings.frames())

    seen = share_of_seen(len(some), X=_safe_indexing(latent_set.X, some))
    unseen = 1 - share_by_embeddings(roles.unseen)
    warn_of_one_side(seen, unseen, share_by_embeddings(roles.seen))


def warn_of_one_side(seen: float, unseen: float, seen_by_embeddings: float) -> None:
    """Warn if nearly all predictions fall on one side, of seen or of unseen classes.

    `seen` and `unseen` are the shares of the training latents of these classes that are predicted
    to be of some class of their side; `seen_by_embeddings` is that of latents drawn from the
    embeddings of *seen* classes, on which the classifier was not trained.
    """
    if seen < LEAST_SHARE:
        message = (
            f"{1 - seen:.0%} of the training latents of seen classes are predicted to be of unseen "
            "ones. Lower the second number of samples_per_class, or tune seen_penalty with "
            "TunedSeenPenaltyClassifierCV."
        )
    elif unseen < LEAST_SHARE:
        message = (
            f"{1 - unseen:.0%} of the training latents of unseen classes are predicted to be of "
            "seen ones. Raise the second number of samples_per_class, or tune seen_penalty with "
            "TunedSeenPenaltyClassifierCV."
        )
    elif seen > 1 - LEAST_SHARE and seen_by_embeddings < LEAST_SHARE:
        message = (
            f"{1 - seen_by_embeddings:.0%} of the latents from embeddings of seen classes are "
            "predicted to be of unseen ones: the classifier tells embeddings from features, not "
            "classes, and will take features of unseen classes for seen ones. Raise delta or gamma "
            "of the transformer, look at the scale of class_embeddings if they are taken raw, or "
            "tune seen_penalty with TunedSeenPenaltyClassifierCV."
        )
    else:
        return
    warn_user(f"Predictions are one-sided: {message}", CollapseWarning)
