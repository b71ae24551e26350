"""Warnings of classifiers that take nearly every row for one side."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import _safe_indexing

from skcada._gzsl.latent_set import LatentSet
from skcada.exceptions import CollapseWarning

# Share of latents that are told to be on the side on which they are.
LEAST_SHARE = 0.1
# Rows to look at, enough for shares to a few per cent.
N_ROWS = 1000


def check_sides(
    score: Callable[[NDArray], NDArray], is_seen_class: NDArray[np.bool_], latents: LatentSet
) -> None:
    """Warn if a classifier of latents takes nearly all of them for seen or for unseen classes.

    Parameters
    ----------
    score : callable
        Maps latents to scores, a column a class.
    is_seen_class : ndarray of shape (n_classes,)
        Of each column.
    latents : LatentSet
        What the classifier was trained on.
    """
    seen_rows = np.flatnonzero(~latents.is_shot)
    some = seen_rows[_some_rows(len(seen_rows))]
    of_seen = latents.embeddings.select(np.unique(latents.y[seen_rows]))
    of_unseen = latents.embeddings.select(latents.unseen_classes)

    def share_of_seen(n_rows: int, **source: Any) -> float:
        one_each = np.ones(n_rows, dtype=np.intp)
        # Seeded apart, so that looking at a fit leaves it as it is.
        drawn = latents.transformer.sample(**source, n_samples=one_each, random_state=0)
        return float(is_seen_class[score(drawn).argmax(axis=1)].mean())

    seen = share_of_seen(len(some), X=_safe_indexing(latents.X, some))
    unseen = share_of_seen(len(of_unseen.classes), class_embeddings=of_unseen)
    seen_by_embeddings = share_of_seen(len(of_seen.classes), class_embeddings=of_seen)
    warn_of_one_side(seen, 1 - unseen, seen_by_embeddings)


def _some_rows(n_rows: int) -> NDArray[np.intp]:
    """Return rows from all over the data, which may be sorted by class."""
    return np.arange(0, n_rows, max(1, n_rows // N_ROWS))


def warn_of_one_side(seen: float, unseen: float, seen_by_embeddings: float) -> None:
    """Warn if nearly all predictions fall on one side, of seen or of unseen classes.

    Parameters
    ----------
    seen, unseen : float
        Share of the training latents of seen and of unseen classes that are predicted to be of
        some seen, respectively unseen, class.
    seen_by_embeddings : float
        Share of the latents drawn from the embeddings of *seen* classes, on which the classifier
        was not trained, that are predicted to be of some seen class.
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
            "classes, and will take features of unseen classes for seen ones. Look at the scale of "
            "class_embeddings, raise delta or gamma of the transformer, or tune seen_penalty with "
            "TunedSeenPenaltyClassifierCV."
        )
    else:
        return
    warnings.warn(f"Predictions are one-sided: {message}", CollapseWarning, stacklevel=2)
