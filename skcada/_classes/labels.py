"""What class labels are, and how they are shown in messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

_KINDS = {
    "integer": "numbers",
    "floating": "numbers",
    "mixed-integer-float": "numbers",
    "string": "strings",
    "boolean": "booleans",
}


def label_kind(labels: NDArray) -> str:
    """Tell what kind of Python object class labels are.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,)

    Returns
    -------
    str
        ``"numbers"``, ``"strings"``, ``"booleans"`` or pandas' name of another inferred type.
        Labels of two kinds are never equal: ``1`` is not ``"1"``.

    Examples
    --------
    >>> import numpy as np
    >>> from skcada._classes.labels import label_kind
    >>> label_kind(np.array(["1", "2"])), label_kind(np.array([1, 2]))
    ('strings', 'numbers')
    """
    inferred = pd.api.types.infer_dtype(labels, skipna=False)
    return _KINDS.get(inferred, inferred)


def rank_within_class(labels: NDArray, order: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """Count, for each row, the rows of the same class before it.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,)
    order : ndarray of shape (n_samples,) or None, default=None
        The rows in the order in which they are counted, for instance a permutation. None is the
        order in which they stand.

    Returns
    -------
    ndarray of shape (n_samples,)

    Examples
    --------
    >>> import numpy as np
    >>> from skcada._classes.labels import rank_within_class
    >>> rank_within_class(np.array([7, 5, 7, 7]))
    array([0, 0, 1, 2])
    >>> rank_within_class(np.array([7, 5, 7, 7]), order=np.array([3, 2, 1, 0]))
    array([2, 0, 1, 0])
    """
    if order is None:
        return np.asarray(pd.Series(labels).groupby(labels).cumcount(), dtype=np.intp)
    rank = np.empty(len(labels), dtype=np.intp)
    rank[order] = rank_within_class(labels[order])
    return rank


def format_labels(labels: Iterable[Any], at_most: int = 5) -> str:
    """List labels for a message, the first few of them.

    Parameters
    ----------
    labels : iterable
    at_most : int, default=5

    Returns
    -------
    str

    Examples
    --------
    >>> from skcada._classes.labels import format_labels
    >>> format_labels(["bat", "otter"])
    "'bat', 'otter'"
    >>> format_labels(range(7))
    '0, 1, 2, 3, 4, ...'
    """
    shown = [repr(x.item() if isinstance(x, np.generic) else x) for x in labels]
    return ", ".join(shown[:at_most]) + (", ..." if len(shown) > at_most else "")


def check_labels(**arrays: ArrayLike) -> tuple[pd.Index, ...]:
    """Convert arrays of labels to indexes that can be compared with each other.

    Parameters
    ----------
    **arrays : array-like of shape (n,)
        The arrays, each under the name that error messages give it.

    Returns
    -------
    tuple of Index
        The labels, in the order of the arguments.

    Raises
    ------
    ValueError
        If an array is empty, not one-dimensional, or holds missing, mixed or fractional labels;
        if two arrays hold labels of different kinds, such as strings and numbers.
    """
    labels = {name: _as_index(values, name) for name, values in arrays.items()}
    (first, first_kind), *others = (
        (name, label_kind(index.to_numpy())) for name, index in labels.items()
    )
    for name, kind in others:
        if kind != first_kind:
            raise ValueError(
                f"{name} holds {kind} but {first} holds {first_kind}, so no label could match. "
                f"Convert one of them to the kind of the other."
            )
    return tuple(labels.values())


def _as_index(values: Any, name: str) -> pd.Index:
    # numpy would turn the list [1, "1"] into two equal strings.
    values = np.asarray(values, dtype=object if isinstance(values, list | tuple) else None)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values.ravel()
    if values.ndim != 1:
        raise ValueError(f"{name} must be a one-dimensional array, not of shape {values.shape}.")
    if not len(values):
        raise ValueError(f"{name} is empty: it must hold at least one label.")
    kind = label_kind(values)
    if kind == "strings":
        return pd.Index(values, dtype=object)
    if kind == "booleans":
        return pd.Index(values, dtype=bool)
    if kind != "numbers":
        raise ValueError(
            f"{name} must hold only strings, only whole numbers or only booleans, and no missing "
            f"values, but holds {kind} values. Drop what has no label, and convert the rest to one "
            f"kind."
        )
    numbers = pd.to_numeric(values)
    fractional = ~np.isfinite(numbers) | (np.trunc(numbers) != numbers)
    if fractional.any():
        raise ValueError(
            f"{name} holds {numbers[fractional][0]}, which is no class label: labels are strings "
            f"or whole numbers. Scores and continuous targets have no classes."
        )
    return pd.Index(numbers)
