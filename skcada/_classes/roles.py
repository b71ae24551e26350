"""Which classes are seen ones, and which unseen."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.labels import check_labels, format_labels


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
        if listed.ndim != 1:
            raise ValueError(
                f"unseen_classes must be a one-dimensional list of labels, got {unseen_classes!r}."
            )
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


def warn_of_equal_descriptions(embeddings: ClassEmbeddings, is_unseen: NDArray[np.bool_]) -> None:
    """Warn of unseen classes that are described exactly as another class.

    Parameters
    ----------
    embeddings : ClassEmbeddings
    is_unseen : ndarray of shape (n_classes,)
    """
    if not is_unseen.any():
        return
    table = np.column_stack([*embeddings.tables.values(), *embeddings.present.values()])
    is_repeated = pd.DataFrame(table).duplicated(keep=False).to_numpy()
    alike = embeddings.classes[is_repeated & is_unseen]
    if len(alike):
        warnings.warn(
            f"class_embeddings describes {len(alike)} of the {is_unseen.sum()} unseen classes as "
            f"it describes another class: {format_labels(alike)}. They cannot be told from these. "
            "Give one row a class, not a sample, and describe what differs.",
            stacklevel=2,
        )


def find_told_apart(y: ArrayLike, classes: NDArray, seen_classes: NDArray) -> NDArray[np.bool_]:
    """Mark the rows whose class a model tells apart from others.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels.
    classes : ndarray of shape (n_classes,)
        The classes that the model tells apart.
    seen_classes : ndarray of shape (n_seen_classes,)
        Classes that it knows as well.

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If there is no such row, or a class that the model does not know.
    """
    labels, told_apart, seen = check_labels(y=y, classes_=classes, seen_classes_=seen_classes)
    is_told_apart = np.asarray(labels.isin(told_apart))
    unknown = labels[~is_told_apart & ~labels.isin(seen)].unique()
    if len(unknown):
        raise ValueError(
            f"y holds classes that the model does not know: {format_labels(unknown)}. Drop their "
            "rows, or give it embeddings of them."
        )
    if not is_told_apart.any():
        raise ValueError(
            f"y holds no row of the classes that the model tells apart: {format_labels(classes)}. "
            "Add some."
        )
    return is_told_apart
