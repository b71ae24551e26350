"""The latents that the final classifier is trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import _safe_indexing

from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.labels import format_labels, rank_within_class

# Of a part of the set: 256 MB with 64 dimensions.
MAX_LATENTS = 2**20
# Rows that are encoded at once, so that copies, latents and scores of them take little memory.
CHUNK_SIZE = 4096


def check_samples_per_class(samples_per_class: Sequence) -> tuple[int, int]:
    """Check the numbers of latents to draw for each seen and for each unseen class.

    Parameters
    ----------
    samples_per_class : tuple or list

    Returns
    -------
    tuple of two int

    Raises
    ------
    ValueError
        If they are not two positive integers.
    """
    is_pair = len(samples_per_class) == 2
    if not is_pair or not all(isinstance(n, Integral) and int(n) > 0 for n in samples_per_class):
        raise ValueError(
            "samples_per_class must be two positive integers, the latents to draw for each seen "
            f"and for each unseen class, such as (200, 400), got {samples_per_class!r}. A class "
            "without latents could never be predicted."
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
    transformer : estimator
        Fitted, with a method `sample`.
    X : ndarray or DataFrame of shape (n_samples, n_features)
        Rows of the seen classes, and shots.
    y : ndarray of shape (n_samples,)
    is_shot : ndarray of shape (n_samples,)
        Whether a row is an example of an unseen class.
    embeddings : ClassEmbeddings
        Of all classes.
    unseen_classes : ndarray of shape (n_unseen_classes,)
    n_seen, n_unseen : int
        Number of latents of each seen and of each unseen class.
    """

    transformer: Any
    X: NDArray[np.float32] | pd.DataFrame
    y: NDArray
    is_shot: NDArray[np.bool_]
    embeddings: ClassEmbeddings
    unseen_classes: NDArray
    n_seen: int
    n_unseen: int

    def count_parts(self) -> int:
        """Return into how many parts to divide the set, so that no part takes much memory.

        Returns
        -------
        int
            1 but for thousands of classes.
        """
        seen = np.unique(self.y[~self.is_shot])
        n_latents = len(seen) * self.n_seen + len(self.unseen_classes) * self.n_unseen
        n_parts = math.ceil(n_latents / MAX_LATENTS)
        # Each part has latents of every class.
        return min(n_parts, *(n for n in (self.n_seen, self.n_unseen) if n))

    def draw(
        self, random_state: np.random.RandomState, part: int = 0, n_parts: int = 1
    ) -> tuple[NDArray[np.float32], NDArray]:
        """Draw latents anew.

        Parameters
        ----------
        random_state : RandomState
        part, n_parts : int
            Which of the parts of equal size to draw, of how many. Each has latents of every class.

        Returns
        -------
        latents : ndarray of shape (n_drawn, latent_size)
        labels : ndarray of shape (n_drawn,)

        Raises
        ------
        ValueError
            If a latent is not finite.
        """
        n_seen, n_unseen = (
            n // n_parts + (part < n % n_parts) for n in (self.n_seen, self.n_unseen)
        )
        # Half of all, not half of each part, which might be half of one.
        half = self.n_unseen // 2
        n_of_shots = (part + 1) * half // n_parts - part * half // n_parts
        n_rows = np.where(self.is_shot, n_of_shots, n_seen)
        counts = balanced_counts(self.embeddings.index_of(self.y), n_rows, random_state)
        drawn = np.flatnonzero(counts)
        has_shots = np.isin(self.unseen_classes, self.y)
        of_embedding = np.where(has_shots, n_unseen - n_of_shots, n_unseen)
        latents = []
        # Some rows at a time: selecting all of them would copy most of the features.
        for start in range(0, len(drawn), CHUNK_SIZE):
            chunk = drawn[start : start + CHUNK_SIZE]
            rows = _safe_indexing(self.X, chunk)
            latents.append(
                self.transformer.sample(rows, n_samples=counts[chunk], random_state=random_state)
            )
        if len(self.unseen_classes):
            latents.append(
                self.transformer.sample(
                    class_embeddings=self.embeddings.select(self.unseen_classes),
                    n_samples=of_embedding,
                    random_state=random_state,
                )
            )
        labels = np.concatenate(
            [np.repeat(self.y, counts), np.repeat(self.unseen_classes, of_embedding)]
        )
        drawn_latents = np.concatenate(latents)
        is_bad = ~np.isfinite(drawn_latents).all(axis=1)
        if is_bad.any():
            raise ValueError(
                f"Latents of {format_labels(np.unique(labels[is_bad]))} are not finite: their "
                "features or embeddings are far from all that the transformer was trained on. "
                "Bring the rows of X, and of class_embeddings, to one scale."
            )
        return drawn_latents, labels


def balanced_counts(
    codes: NDArray[np.intp], n_per_class: ArrayLike, random_state: np.random.RandomState
) -> NDArray[np.intp]:
    """Share a number of latents a class out among the rows of the class.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        Non-negative integer code of each row's class.
    n_per_class : int or array-like of shape (n_samples,)
        Latents of each row's class.
    random_state : RandomState
        Draws the rows that get one more than others.

    Returns
    -------
    ndarray of shape (n_samples,)
        Latents to draw from each row; within a class the numbers differ by 1 at most.

    Examples
    --------
    >>> import numpy as np
    >>> from skcada._gzsl.latent_set import balanced_counts
    >>> balanced_counts(np.array([0, 1, 1]), 4, np.random.RandomState(0))
    array([4, 2, 2])
    """
    rank = rank_within_class(codes, random_state.permutation(len(codes)))
    size = np.bincount(codes)[codes]
    total = np.asarray(n_per_class)
    return total // size + (rank < total % size)
