"""Which classes are seen ones, and which unseen."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skcada._embeddings import ClassEmbeddings
from skcada._labels import format_labels


def find_unseen(
    embeddings: ClassEmbeddings,
    y: NDArray,
    unseen_classes: ArrayLike | None,
    label_space: str,
) -> NDArray[np.bool_]:
    """Mark the unseen ones of all classes.

    Parameters
    ----------
    embeddings : ClassEmbeddings
        Of all classes.
    y : ndarray of shape (n_samples,)
        Labels of the training rows.
    unseen_classes : array-like or None
        Classes whose rows, if there are any, are shots.
    label_space : {"all", "unseen"}
        The classes to tell apart.

    Returns
    -------
    ndarray of shape (n_classes,)
        In the order of the embeddings.

    Raises
    ------
    ValueError
        If `unseen_classes` holds a label without embedding, or if no class is seen or, where only
        unseen ones are to be told apart, unseen.
    """
    is_unseen = ~np.isin(embeddings.classes, y)
    if unseen_classes is not None:
        listed = np.asarray(unseen_classes)
        unknown = listed[embeddings.index_of(listed) < 0]
        if len(unknown):
            raise ValueError(
                f"unseen_classes holds labels that have no embedding: {format_labels(unknown)}."
                " Add rows to class_embeddings, or leave them out."
            )
        is_unseen |= np.isin(embeddings.classes, listed)
    if is_unseen.all():
        raise ValueError(
            "Every class in y is one of unseen_classes, so that no row is left to train the "
            "transformer. Add rows of other classes, or shorten unseen_classes."
        )
    if label_space == "unseen" and not is_unseen.any():
        raise ValueError(
            "label_space='unseen' leaves no class to predict, because every class with an "
            "embedding has rows in y. Add embeddings of unseen classes, or list unseen_classes."
        )
    return is_unseen
