"""The layout of all data sets, as :mod:`skcada.datasets` describes it, and words for messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import Bunch

from skcada._classes.labels import format_labels

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
    """Put a data set into the layout that :mod:`skcada.datasets` describes."""
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
    """Divide the rows to train on into class-disjoint parts for validation."""
    seen = np.unique(target[trainval])
    # Validation resembles the test when it holds out as many classes, but two remain to train on.
    n_held_out = min(n_unseen_classes, seen.size - 2)
    if n_held_out < 1:
        return None, None
    held_out = np.isin(target[trainval], seen[-n_held_out:])
    return trainval[~held_out], trainval[held_out]


def refuse_not_finite(
    not_finite: Collection[Any], name: str, *, advice: str = "Fill them in."
) -> None:
    """Raise an error that names the classes whose embeddings are not finite, if there are any."""
    if len(not_finite):
        raise ValueError(
            f"{name} has values that are NaN or infinite for {some(not_finite, 'class')}. {advice}"
        )


def some(items: Iterable[Any], noun: str) -> str:
    """Count and name items, as in "2 classes ('bat', 'seal')"."""
    items = list(items)
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{len(items)} {noun if len(items) == 1 else plural} ({format_labels(items)})"


def unreadable(path: Path, error: Exception) -> ValueError:
    """Make the error for a file that is damaged or no MAT file at all."""
    return ValueError(
        f"'{path}' is not a MAT file, or not a whole one ({type(error).__name__}: {error}). "
        "Compare its size with the source's and fetch it again."
    )
