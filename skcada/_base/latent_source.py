"""The protocol between a classifier and its source of latents, and arguments of its methods."""

from __future__ import annotations

from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada._classes.embeddings import ClassEmbeddings, Frames, refuse_sliced
from skcada._classes.tables import is_unlabelled
from skcada.exceptions import reading


@runtime_checkable
class LatentSource(Protocol):
    """A transformer that `GZSLClassifier` can take latents from.

    Whatever has these three methods, and the `get_params` and `set_params` of
    :class:`~sklearn.base.BaseEstimator`, can be its `transformer`. Latents may lie in a space of
    their own, as those of :class:`~skcada.CADAVAETransformer`, or among the features: a model that
    generates features has the identity as `transform`.

    A transformer that also publishes, once it is fitted, the class embeddings that it was fitted
    with as `class_embeddings_` can be frozen: the classifier takes them from there.

    See Also
    --------
    Aligner : A latent source with a latent for each class embedding.
    skcada.GZSLClassifier : Trains a classifier on the latents.

    Examples
    --------
    >>> from skcada import CADAVAETransformer
    >>> from skcada.alignment import LatentSource
    >>> isinstance(CADAVAETransformer(), LatentSource)
    True
    """

    def fit(self, X: Any, y: NDArray, class_embeddings: Frames | None = None) -> Self:
        """Learn from features and class embeddings.

        Parameters
        ----------
        X : ndarray or DataFrame of shape (n_samples, n_features)
            Feature vectors of seen classes, without few-shot examples; a DataFrame where the
            classifier was given one.

        y : ndarray of shape (n_samples,)
            Class labels.

        class_embeddings : DataFrame, dict of str to DataFrame, or None, default=None
            One row for each class, seen or unseen, float32, indexed by class label. A dict of
            modality name to one such table where there are several kinds of description, each of
            which may lack classes. None where nothing describes classes.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        ...

    def transform(self, X: Any) -> NDArray | pd.DataFrame:
        """Return where rows to predict come to lie.

        Parameters
        ----------
        X : ndarray or DataFrame of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray or DataFrame of shape (n_samples, n_dimensions)
            One latent per row.
        """
        ...

    def sample(
        self,
        X: Any = None,
        *,
        class_embeddings: Frames | None = None,
        n_samples: int | NDArray[np.integer] = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> NDArray:
        """Draw latents from features or from class embeddings, whichever is given.

        Parameters
        ----------
        X : ndarray or DataFrame of shape (n_rows, n_features), or None, default=None
            Feature vectors.

        class_embeddings : DataFrame, dict of str to DataFrame, or None, default=None
            Embeddings of n_rows classes, in the form that `fit` takes. The classes of a dict stand
            in the order of their first appearance in its tables.

        n_samples : int or ndarray of shape (n_rows,), default=1
            Number of latents to draw for each row or class.

        random_state : int, RandomState instance or None, default=None
            Determines the draws.

        Returns
        -------
        ndarray of shape (n_drawn, n_dimensions)
            Those of the first row or class come first, as in :func:`numpy.repeat`.
        """
        ...


@runtime_checkable
class Aligner(LatentSource, Protocol):
    """A latent source with a latent for each class embedding.

    See Also
    --------
    LatentSource : All that `GZSLClassifier` needs.
    skcada.inspection.LatentSpaceDisplay : Draws the latents of features and of embeddings.

    Examples
    --------
    >>> from skcada import CADAVAETransformer
    >>> from skcada.alignment import Aligner
    >>> isinstance(CADAVAETransformer(), Aligner)
    True
    """

    def transform_embeddings(self, class_embeddings: Frames | None = None) -> pd.DataFrame:
        """Map class embeddings to latents.

        Parameters
        ----------
        class_embeddings : DataFrame, dict of str to DataFrame, or None, default=None
            Embeddings of any classes, in the form that `fit` takes. None takes those of `fit`.

        Returns
        -------
        DataFrame of shape (n_embeddings, n_dimensions)
            Indexed by class label, or, where there are several modalities, by modality and class
            label.
        """
        ...


def read_embeddings(class_embeddings: Any, parameter: Any, labels: NDArray) -> ClassEmbeddings:
    """Return the class embeddings of a fit: those passed to it, or else those of the parameter."""
    with reading("class_embeddings", "one vector of numbers per class"):
        if class_embeddings is not None and is_unlabelled(class_embeddings):
            # The rows of a frame name their classes, whatever a cross-validation left of them.
            refuse_sliced(class_embeddings, len(labels))
    source = parameter if class_embeddings is None else class_embeddings
    return ClassEmbeddings.for_training(source, np.unique(labels))


def check_one_given(X: Any, class_embeddings: Any) -> None:
    """Check that draws come either from features or from class embeddings."""
    if (X is None) == (class_embeddings is None):
        found = "neither" if X is None else "both"
        raise ValueError(f"sample needs X or class_embeddings, got {found}. Pass one of them.")


def check_counts(n_samples: ArrayLike, n_rows: int) -> NDArray[np.integer]:
    """Return the number of latents to draw from each row."""
    with reading("n_samples", "a number for each row"):
        counts = np.asarray(n_samples)
    if counts.dtype.kind not in "iu" or counts.shape not in [(), (n_rows,)]:
        raise ValueError(
            f"n_samples must be an integer or an integer array of shape ({n_rows},), one per row, "
            f"got dtype {counts.dtype} and shape {counts.shape}. Pass 0 for rows to leave out."
        )
    if counts.min() < 0:
        raise ValueError(
            f"n_samples must not be negative, got {counts.min()}. Pass 0 for rows to leave out."
        )
    return np.broadcast_to(counts, n_rows)
