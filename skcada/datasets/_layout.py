"""The one layout of all data sets, which the docstring of :mod:`skcada.datasets` describes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import Bunch

Rows = NDArray[np.intp]
DataAndTarget = tuple[NDArray[np.float32] | pd.DataFrame, NDArray[Any] | pd.Series]


def make_bunch(
    data: NDArray[np.float32],
    target: NDArray[Any],
    class_embeddings: pd.DataFrame,
    *,
    trainval: Rows,
    test_seen: Rows,
    test_unseen: Rows,
    train: Rows | None,
    val: Rows | None,
    feature_names: list[str],
    descr: str,
    return_X_y: bool,
    as_frame: bool,
) -> Bunch | DataAndTarget:
    """Put a data set into the common layout.

    Parameters
    ----------
    data : ndarray of shape (n_samples, n_features)
        The features.
    target : ndarray of shape (n_samples,)
        The class labels, each of them in the index of `class_embeddings`.
    class_embeddings : DataFrame of shape (n_classes, n_attributes)
        One row per class.
    trainval, test_seen, test_unseen : ndarray of int
        Disjoint row indices.
    train, val : ndarray of int or None
        Class-disjoint parts of `trainval`.
    feature_names : list of str
        One name per feature.
    descr : str
        The description of the data set.
    return_X_y : bool
        Whether to return only ``(data, target)``.
    as_frame : bool
        Whether `data` and `target` become pandas objects.

    Returns
    -------
    Bunch or (data, target)
        The layout that :mod:`skcada.datasets` describes.
    """
    seen_classes = np.unique(target[trainval])
    unseen_classes = np.unique(target[test_unseen])
    X: NDArray[np.float32] | pd.DataFrame = data
    y: NDArray[Any] | pd.Series = target
    frame = None
    if as_frame:
        X = pd.DataFrame(data, columns=feature_names, copy=False)
        y = pd.Series(target, name="target")
        # Copy on write: the frame shares the features with X until one of them is written to.
        frame = X.assign(target=y)
    if return_X_y:
        return X, y
    return Bunch(
        data=X,
        target=y,
        frame=frame,
        class_embeddings=class_embeddings.rename_axis(index="class"),
        seen_classes=seen_classes,
        unseen_classes=unseen_classes,
        trainval=trainval,
        test_seen=test_seen,
        test_unseen=test_unseen,
        train=train,
        val=val,
        feature_names=feature_names,
        target_names=class_embeddings.index.to_numpy(dtype=target.dtype),
        DESCR=descr,
    )


def divide_by_class(
    target: NDArray[Any], trainval: Rows, n_unseen_classes: int
) -> tuple[Rows | None, Rows | None]:
    """Divide the rows to train on into class-disjoint parts for validation.

    Validation resembles the test when it holds out as many classes: the last `n_unseen_classes`
    seen ones, or fewer where two classes could not be left to train on.

    Parameters
    ----------
    target : ndarray of shape (n_samples,)
        The class labels.
    trainval : ndarray of int
        The rows to divide.
    n_unseen_classes : int
        The number of unseen classes of the data set.

    Returns
    -------
    train, val : ndarray of int, or None with only two seen classes
        The parts of `trainval`.
    """
    seen = np.unique(target[trainval])
    n_held_out = min(n_unseen_classes, seen.size - 2)
    if n_held_out < 1:
        return None, None
    held_out = np.isin(target[trainval], seen[-n_held_out:])
    return trainval[~held_out], trainval[held_out]
