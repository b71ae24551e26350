"""What class labels are, and how they are shown in messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    >>> from skcada._labels import label_kind
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
    >>> from skcada._labels import rank_within_class
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
    >>> from skcada._labels import format_labels
    >>> format_labels(["bat", "otter"])
    "'bat', 'otter'"
    >>> format_labels(range(7))
    '0, 1, 2, 3, 4, ...'
    """
    shown = [repr(x.item() if isinstance(x, np.generic) else x) for x in labels]
    return ", ".join(shown[:at_most]) + (", ..." if len(shown) > at_most else "")
