"""The latents that the final classifier is trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada._base.classifier import CHUNK_SIZE
from skcada._base.estimator import POSITIVE
from skcada._base.latent_source import LatentSource
from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.labels import format_labels, rank_within_class
from skcada._classes.roles import ClassRoles
from skcada._sklearn import _safe_indexing

# Numbers in one part of the set: 256 MB.
MAX_NUMBERS = 2**26


def check_samples_per_class(samples_per_class: Sequence) -> tuple[int | None, int]:
    """Return the numbers of latents to draw for each seen and for each unseen class.

    The first one is None for one latent of each row.
    """
    is_pair = len(samples_per_class) == 2
    if not is_pair or not all(
        POSITIVE.is_satisfied_by(n) or (n is None and position == 0)
        for position, n in enumerate(samples_per_class)
    ):
        raise ValueError(
            "samples_per_class must be two positive integers, the latents to draw for each seen "
            "and for each unseen class, such as (200, 400), or None for one of each row and such "
            f"an integer, got {samples_per_class!r}. A class without latents could never be "
            "predicted."
        )
    n_seen, n_unseen = samples_per_class
    return n_seen, n_unseen


@dataclass(frozen=True, eq=False)
class LatentSet:
    """A source of labelled latents of seen and of unseen classes.

    Seen classes give latents of their features, unseen ones of their embedding; where there are
    shots, half of them come from the shots, as in the authors' code.

    Parameters
    ----------
    transformer : LatentSource
        Fitted.
    X : ndarray or DataFrame of shape (n_samples, n_features)
        Rows of the seen classes, and shots.
    y : ndarray of shape (n_samples,)
    roles : ClassRoles
    n_seen, n_unseen : int
        Number of latents of each seen and of each unseen class. The first one may be None, for one
        latent of each row.
    """

    transformer: LatentSource
    X: NDArray[np.float32] | pd.DataFrame
    y: NDArray
    roles: ClassRoles
    n_seen: int | None
    n_unseen: int

    def count_parts(self) -> int:
        """Return into how many parts to divide the set, so that no part takes much memory.

        It is 1 but for thousands of classes. Each part has latents of every class.
        """
        if self.n_seen is None:
            n_latents = int((~self.roles.is_shot(self.y)).sum())
        else:
            n_latents = len(self.roles.seen) * self.n_seen
        n_latents += len(self.roles.unseen) * self.n_unseen
        width = np.shape(self.transformer.transform(_safe_indexing(self.X, [0])))[1]
        n_parts = math.ceil(n_latents * width / MAX_NUMBERS)
        return min(n_parts, *(n for n in (self.n_seen, self.n_unseen) if n))

    def select_embeddings(self, classes: NDArray) -> ClassEmbeddings:
        """Return the embeddings of some classes, in the order in which a source returns them."""
        return self.roles.embeddings.select(classes).in_order_of_appearance()

    def draw(
        self, random_state: np.random.RandomState, part: int = 0, n_parts: int = 1
    ) -> tuple[NDArray[np.float32], NDArray]:
        """Draw the latents of one of several parts of equal size anew, and their labels."""
        n_seen, n_unseen = (
            n // n_parts + (part < n % n_parts) for n in (self.n_seen or 0, self.n_unseen)
        )
        # Half of all, not half of each part, which might be half of one.
        half = self.n_unseen // 2
        n_from_shots = (part + 1) * half // n_parts - part * half // n_parts
        is_shot = self.roles.is_shot(self.y)
        class_codes = self.roles.embeddings.index_of(self.y)
        counts = balanced_counts(class_codes, np.where(is_shot, n_from_shots, n_seen), random_state)
        if self.n_seen is None:
            rank = rank_within_class(class_codes)
            counts = np.where(is_shot, counts, rank % n_parts == part)
        drawn = np.flatnonzero(counts)
        latents, labels = [], [np.repeat(self.y, counts)]
        # Some rows at a time: selecting all of them would copy most of the features.
        for start in range(0, len(drawn), CHUNK_SIZE):
            chunk = drawn[start : start + CHUNK_SIZE]
            rows = _safe_indexing(self.X, chunk)
            latents.append(
                self.transformer.sample(rows, n_samples=counts[chunk], random_state=random_state)
            )
        if len(self.roles.unseen):
            embeddings = self.select_embeddings(self.roles.unseen)
            has_shots = np.isin(embeddings.classes, self.y)
            n_from_embedding = np.where(has_shots, n_unseen - n_from_shots, n_unseen)
            latents.append(
                self.transformer.sample(
                    class_embeddings=embeddings.frames(),
                    n_samples=n_from_embedding,
                    random_state=random_state,
                )
            )
            labels.append(np.repeat(embeddings.classes, n_from_embedding))
        return _checked(np.concatenate(latents), np.concatenate(labels))


def _checked(latents: NDArray, labels: NDArray) -> tuple[NDArray[np.float32], NDArray]:
    """Refuse latents from which no classifier could learn."""
    latents = np.asarray(latents)
    if len(latents) != len(labels):
        raise ValueError(
            f"transformer.sample returned {len(latents)} latents where n_samples asked for "
            f"{len(labels)}. It must return n_samples latents for each row or class."
        )
    is_bad = ~np.isfinite(latents).all(axis=1)
    if is_bad.any():
        raise ValueError(
            f"Latents of {format_labels(np.unique(labels[is_bad]))} are not finite: their "
            "features or embeddings are far from all that the transformer was trained on. "
            "Bring the rows of X, and of class_embeddings, to one scale."
        )
    return latents, labels


def balanced_counts(
    class_codes: NDArray[np.intp], n_per_class: ArrayLike, random_state: np.random.RandomState
) -> NDArray[np.intp]:
    """Share a number of latents per class out among the rows of the class.

    `n_per_class` is one number, or that of each row's class. Within a class the shares differ by 1
    at most; which rows get one more is drawn.
    """
    rank = rank_within_class(class_codes, random_state.permutation(len(class_codes)))
    size = np.bincount(class_codes)[class_codes]
    total = np.asarray(n_per_class)
    return total // size + (rank < total % size)
