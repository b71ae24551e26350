"""Class labels: their kinds, their checks, and how messages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from difflib import get_close_matches
from itertools import islice
from numbers import Integral
from sys import float_info
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada.exceptions import reading

# By the kind of numpy's type. Arrays of other types have to be looked through.
_KINDS_OF_DTYPES = {
    "i": "numbers",
    "u": "numbers",
    "f": "numbers",
    "U": "strings",
    "b": "booleans",
}
_INFERRED_KINDS = {
    "integer": "numbers",
    "floating": "numbers",
    "mixed-integer-float": "numbers",
    "string": "strings",
    "boolean": "booleans",
}
# More pairs of labels are not compared for a suggestion: that would take seconds.
_MAX_COMPARISONS = 20_000


def label_kind(labels: NDArray) -> str:
    """Return "numbers", "strings", "booleans" or pandas' name of another kind of label.

    Labels of two kinds are never equal: 1 is not "1".

    >>> import numpy as np
    >>> label_kind(np.array(["1", "2"])), label_kind(np.array([1, 2]))
    ('strings', 'numbers')
    """
    if labels.dtype.kind in _KINDS_OF_DTYPES:
        return _KINDS_OF_DTYPES[labels.dtype.kind]
    inferred = pd.api.types.infer_dtype(labels, skipna=False)
    return _INFERRED_KINDS.get(inferred, inferred)


def rank_within_class(labels: NDArray, order: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """Count, for each row, the rows of the same class before it, in an order such as a permutation.

    >>> import numpy as np
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
    """List the first few labels for a message.

    >>> format_labels(["bat", "otter"])
    "'bat', 'otter'"
    >>> format_labels(range(7))
    '0, 1, 2, 3, 4, ...'
    """
    shown = [repr(x.item() if isinstance(x, np.generic) else x) for x in labels]
    return ", ".join(shown[:at_most]) + (", ..." if len(shown) > at_most else "")


def suggest_labels(
    unknown: Iterable[Any],
    known: Iterable[Any],
    unknown_name: str,
    known_name: str,
    *,
    least_likeness: float = 0.6,
) -> str:
    """Ask whether unknown labels are other spellings of known ones.

    The answer names at most five pairs of strings, and is empty if no two are alike enough, from 0
    to 1 as :mod:`difflib` measures it. Its names are those of the arguments that hold the unknown
    and the known labels.

    >>> suggest_labels(["Cat "], ["bat", "cat"], "y", "class_embeddings")
    "y has 'Cat '; class_embeddings has 'cat'. Is it the same class?"
    >>> suggest_labels(["Cat", "yka", "gnu"], ["cat", "yak"], "y", "class_embeddings")
    "y has 'Cat', 'yka'; class_embeddings has 'cat', 'yak'. Are they the same classes?"
    """
    spellings: dict[str, str] = {}
    for label in known:
        if isinstance(label, str):
            spellings.setdefault(_normalized(label), str(label))
    pairs = {}
    strings = (str(label) for label in unknown if isinstance(label, str))
    for label in islice(strings, 1 + _MAX_COMPARISONS // max(1, len(spellings))):
        spelling = _normalized(label)
        close = [spelling] if spelling in spellings else []
        close = close or get_close_matches(spelling, spellings, n=1, cutoff=least_likeness)
        # Labels that count, such as "class 1" and "class 2", are alike and not the same.
        if close and _digits(close[0]) == _digits(spelling):
            pairs[label] = spellings[close[0]]
    if not pairs:
        return ""
    question = "Is it the same class?" if len(pairs) == 1 else "Are they the same classes?"
    return (
        f"{unknown_name} has {format_labels(pairs)}; {known_name} has "
        f"{format_labels(pairs.values())}. {question}"
    )


def _normalized(label: str) -> str:
    """Return a label without what is often misspelt."""
    return label.strip().casefold()


def _digits(label: str) -> str:
    return "".join(filter(str.isdigit, label))


def check_known(
    labels: pd.Index, known: pd.Index, name: str, known_name: str, *, advice: str
) -> None:
    """Raise unless all labels are among the known ones, and name those that are not."""
    unknown = labels[~labels.isin(known)].unique()
    if len(unknown):
        message = (
            f"{known_name} lacks {len(unknown)} of the {labels.nunique()} classes in {name}: "
            f"{format_labels(unknown)}. {advice} "
            f"{suggest_labels(unknown, known.unique(), name, known_name)}"
        )
        raise ValueError(message.rstrip())


def check_labels(**arrays: ArrayLike) -> tuple[pd.Index, ...]:
    """Convert arrays of labels, passed under their names, to indexes that can be compared.

    It refuses what :func:`check_class_labels` refuses, and labels of different kinds.
    """
    labels = {name: check_class_labels(values, name) for name, values in arrays.items()}
    (first, first_kind), *others = ((name, label_kind(array)) for name, array in labels.items())
    for name, kind in others:
        if kind != first_kind:
            raise ValueError(
                f"{name} holds {kind} but {first} holds {first_kind}, so no label could match. "
                f"Convert one of them to the kind of the other."
            )
    return tuple(_as_index(array) for array in labels.values())


def check_class_labels(y: Any, name: str = "y") -> NDArray:
    """Return class labels as an array of one dimension that numpy can sort.

    Labels are strings, whole numbers or booleans, in one dimension or in one column. Their type is
    kept, but in native byte order, and types that pandas cannot look up are converted: float16 to
    float32, longdouble and numpy's StringDType to objects. Other values are a
    ValueError: missing or masked labels, fractional numbers, mixed kinds, and other objects.

    >>> import numpy as np
    >>> check_class_labels(np.array([[3], [1]], dtype=">i2"))
    array([3, 1], dtype=int16)
    """
    if y is None:
        # scikit-learn's checks of estimators look for the first words.
        raise ValueError(f"{name} should be a 1d array of class labels, got None.")
    refuse_masked(y, name, "Drop these rows, or label them.")
    labels = read_column(y, name, "an array of labels")
    if not len(labels):
        raise ValueError(f"{name} is empty: it must hold at least one label.")
    if labels.dtype.kind == "T":  # numpy.dtypes.StringDType, which pandas does not look through
        labels = labels.astype(object)
    if labels.dtype.kind == "V":  # which pandas cannot search for missing values
        _refuse_kind(labels, "void", name)
    kind = label_kind(labels)
    if labels.dtype.kind not in "iubU":
        _refuse_missing(labels, name)
    if kind not in _KINDS_OF_DTYPES.values():
        _refuse_kind(labels, kind, name)
    if kind == "numbers":
        _refuse_fractional(labels, name)
    if isinstance(y, list | tuple):
        labels = _unless_rounded(np.asarray(y).ravel(), labels)
    elif kind == "numbers" and labels.dtype.kind == "O":
        labels = _to_numeric(labels)
    return _indexable(labels.astype(labels.dtype.newbyteorder("="), copy=False))


def read_column(values: Any, name: str, noun: str) -> NDArray:
    """Return values of rows, in one dimension or in one column, as an array of one dimension."""
    with reading(name, noun):
        # numpy would turn the list [1, "1"] into two equal strings.
        column = np.asarray(values, dtype=object if isinstance(values, list | tuple) else None)
    if column.ndim == 2 and column.shape[1] == 1:
        column = column.ravel()
    if column.ndim != 1:
        raise ValueError(f"{name} must be a one-dimensional array, not of shape {column.shape}.")
    return column


def check_lengths(**arrays: Any) -> None:
    """Raise unless all arrays, passed under their names, have as many rows as the first one.

    Those that are None do not count.

    >>> import numpy as np
    >>> check_lengths(X=np.eye(3), y=["bat", "cat", "owl"], groups=None)
    >>> check_lengths(X=np.eye(3), y=["bat"])
    Traceback (most recent call last):
        ...
    ValueError: X and y have inconsistent numbers of samples: 3 and 1. Give one of each per row.
    """
    given = {name: values for name, values in arrays.items() if values is not None}
    (first, n_rows), *others = ((name, _count(values, name)) for name, values in given.items())
    for name, number in others:
        if number != n_rows:
            raise ValueError(
                f"{first} and {name} have inconsistent numbers of samples: {n_rows} and {number}. "
                "Give one of each per row."
            )


def _count(values: Any, name: str) -> int:
    """Return the number of rows of whatever has any."""
    shape = getattr(values, "shape", None)
    if not isinstance(values, Sized | type) and hasattr(values, "__array__"):
        shape = np.asarray(values).shape
    if isinstance(shape, tuple) and shape:
        return shape[0]
    if shape == () or not isinstance(values, Sized) or isinstance(values, type):
        raise TypeError(f"{name} has no rows: it is a {type(values).__name__}. Pass an array.")
    return len(values)


def refuse_masked(values: Any, name: str, advice: str) -> None:
    """Raise if entries are masked, whose values :func:`numpy.asarray` would bring back."""
    if np.ma.is_masked(values):
        raise ValueError(
            f"{name} has {np.ma.count_masked(values)} masked entries, which have no value. {advice}"
        )


def _refuse_missing(labels: NDArray, name: str) -> None:
    """Raise if labels are None, NaN, NaT or pandas' NA."""
    is_missing = np.asarray(pd.isna(labels))
    if is_missing.any():
        first = is_missing.argmax()
        raise ValueError(
            f"{name} has missing labels in {is_missing.sum()} of its {len(labels)} rows, the first "
            f"of which is row {first} ({labels[first]!s}). Drop these rows, or label them."
        )


def _refuse_kind(labels: NDArray, kind: str, name: str) -> None:
    """Raise because labels are not all strings, all numbers or all booleans."""
    first_labels: dict[type, Any] = {}
    for label in labels:
        first_labels.setdefault(type(label), label)
    examples: dict[str, Any] = {}
    for label in first_labels.values():
        examples.setdefault(label_kind(pd.Series([label], dtype=object).to_numpy()), label)
    if len(examples) > 1:
        first, second = (format_labels([label]) for label in list(examples.values())[:2])
        raise ValueError(
            f"{name} holds labels of mixed kinds, such as {first} and {second}, which are never "
            "equal. Convert all of them to strings, or all to numbers."
        )
    described = type(labels[0]).__name__ if kind.startswith("mixed") else kind
    raise ValueError(
        f"{name} holds {format_labels(labels[:1])}, of type {described}, but class labels are "
        # scikit-learn's checks of estimators look for the words in brackets.
        f"strings, whole numbers or booleans{' (Complex data not supported)' * (kind == 'complex')}"
        ". Convert the labels to strings."
    )


def _refuse_fractional(labels: NDArray, name: str) -> None:
    """Raise if numbers are not whole, or beyond what pandas looks up."""
    if labels.dtype.kind in "iu":
        return
    numbers = labels
    if labels.dtype.kind == "O":  # among them integers that only Python can hold
        if any(isinstance(x, Integral) and abs(int(x)) > float_info.max for x in labels):
            raise ValueError(
                f"{name} holds a whole number beyond the largest float, {float_info.max:.2g}, "
                "which is no class label. Convert the labels to strings."
            )
        numbers = np.array([x for x in labels if not isinstance(x, Integral)], dtype=np.float64)
    is_fractional = ~np.isfinite(numbers) | (np.trunc(numbers) != numbers)
    if is_fractional.any():
        # scikit-learn's checks of estimators look for the words in brackets.
        raise ValueError(
            f"{name} holds {numbers[is_fractional][0]}, which is no class label (Unknown label "
            "type: continuous). Labels are strings, whole numbers or booleans. Divide continuous "
            "values into classes, for instance by pandas.cut."
        )


def _as_index(labels: NDArray) -> pd.Index:
    """Convert checked labels to a type that pandas looks up and compares."""
    kind = label_kind(labels)
    if kind == "strings":
        return pd.Index(labels, dtype=object)
    if kind == "booleans":
        return pd.Index(labels, dtype=bool)
    if labels.dtype.kind == "O":
        labels = _to_numeric(labels)
    # Old versions of pandas look for dates among objects, and cannot make floats of some.
    return pd.Index(labels, dtype=labels.dtype)


def _indexable(labels: NDArray) -> NDArray:
    """Convert whole numbers of types that pandas has no index of."""
    if labels.dtype == np.float16:
        return labels.astype(np.float32)
    if labels.dtype == np.longdouble and labels.dtype != np.float64:
        return np.array([int(label) for label in labels], dtype=object)
    return labels


def _to_numeric(objects: NDArray) -> NDArray:
    """Convert numbers that are Python objects, unless only Python can hold one of them."""
    converted = pd.to_numeric(objects)
    # Old versions of pandas make floats of whole numbers that no type of NumPy holds.
    if converted.dtype.kind == "f" and all(isinstance(x, Integral) for x in objects):
        return objects
    return _unless_rounded(converted, objects)


def _unless_rounded(converted: NDArray, objects: NDArray) -> NDArray:
    """Return converted labels, or the Python objects where floats cannot hold these exactly."""
    is_exact = converted.dtype.kind != "f" or bool((converted.astype(object) == objects).all())
    return converted if is_exact else objects
