"""The scores of classes by inner products of latents, for which nothing is trained."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcada._classes.labels import format_labels
from skcada._classes.roles import ClassRoles
from skcada._sklearn import _safe_indexing


class SimilarityScorer:
    """Score classes by the inner product of latents with one code per class."""

    def __init__(self, classes: NDArray, class_codes: NDArray[np.float32]) -> None:
        self.classes_ = classes
        self.class_codes_ = class_codes

    def decision_function(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return one score per latent and class."""
        return X @ self.class_codes_.T


def check_aligner(transformer: Any) -> None:
    """Check that a transformer has latents of class embeddings."""
    # Not by the protocol: a frozen estimator has the methods of what is in it as attributes only.
    if not hasattr(transformer, "transform_embeddings"):
        raise ValueError(
            "classifier='similarity' compares latents of rows with those of class embeddings, but "
            f"{type(transformer).__name__} has no method transform_embeddings. Use a transformer "
            "that has one (skcada.alignment.Aligner), or another classifier."
        )


def make_similarity_scorer(
    transformer: Any, X: Any, y: NDArray, roles: ClassRoles
) -> SimilarityScorer:
    """Take the codes of classes from a fitted transformer.

    A class that has several modalities has their mean. That of a class with shots, rows of `X` that
    are no seen class's, is the mean of its code and the mean code of its shots.
    """
    given = roles.embeddings.select(roles.classes).in_order_of_appearance().frames()
    codes = transformer.transform_embeddings(given)
    by_class = codes.groupby(level=-1, sort=False).mean()
    class_codes = by_class.reindex(roles.classes).to_numpy(np.float32, copy=True)
    is_bad = ~np.isfinite(class_codes).all(axis=1)
    if is_bad.any():
        raise ValueError(
            f"transformer.transform_embeddings has no finite latents of "
            f"{format_labels(roles.classes[is_bad])}. Bring their class_embeddings to the scale of "
            "the others."
        )
    shots = np.flatnonzero(roles.is_shot(y))
    for label in np.unique(y[shots]):
        rows = _safe_indexing(X, shots[y[shots] == label])
        from_shots = np.asarray(transformer.transform(rows)).mean(axis=0)
        position = np.searchsorted(roles.classes, label)
        class_codes[position] = (class_codes[position] + from_shots) / 2
    return SimilarityScorer(roles.classes, class_codes)
