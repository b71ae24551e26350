"""The table of one modality of side information, in any form that users have it in."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from skcada._classes.labels import format_labels, label_kind

# The name of the modality that X is.
FEATURES = "features"
# Fewer than so many different whole numbers may be an attribute.
FEWEST_LABELS = 5


class Table(NamedTuple):
    """One modality.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Class labels, each once.
    vectors : ndarray of shape (n_classes, n_dimensions)
        Finite.
    columns : tuple of str or None
        Names of the dimensions, where they have some.
    """

    labels: NDArray
    vectors: NDArray[np.float32]
    columns: tuple[str, ...] | None


def check_modality_names(names: list[Any]) -> None:
    """Check that modalities have names that tell their losses apart.

    Parameters
    ----------
    names : list

    Raises
    ------
    ValueError
        If one is no string, or two losses would have the same name.
    """
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        raise ValueError(
            f"class_embeddings maps {format_labels(odd)} to tables, but names of modalities are "
            "strings. To map class labels to vectors, make the vectors one-dimensional."
        )
    pairs = pd.Index([f"{a}_{b}" for a, b in combinations([FEATURES, *names], 2)])
    if FEATURES not in names and not pairs.is_unique:
        raise ValueError(
            f"The names of the modalities of class_embeddings, {format_labels(names)}, make two "
            f"losses share the name 'wasserstein_{pairs[pairs.duplicated()][0]}'. Rename one."
        )


def count_rows(table: Any) -> int:
    """Return the number of classes of a table in any form."""
    return table.shape[0] if hasattr(table, "shape") else len(table)


def maps_modalities(mapping: Mapping) -> bool:
    """Tell a dict of modalities from a dict of vectors by its values.

    Parameters
    ----------
    mapping : dict

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If it is partly the one and partly the other.
    """
    is_table = [isinstance(v, pd.DataFrame | Mapping) or np.ndim(v) == 2 for v in mapping.values()]
    if any(is_table) and not all(is_table):
        odd = [name for name, table in zip(mapping, is_table, strict=True) if not table]
        raise ValueError(
            "class_embeddings mixes tables (one a modality) with vectors (one a class): "
            f"{format_labels(odd)} hold no table. Use a dict of either kind."
        )
    return bool(is_table) and all(is_table)


def parse_table(table: Any, name: str) -> Table:
    """Read one modality and check it.

    Parameters
    ----------
    table : DataFrame, array-like, sparse matrix or dict
    name : str
        What messages call it.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If labels occur twice or are of several kinds, or values are missing, infinite or not
        numeric.
    """
    columns = None
    if isinstance(table, Mapping):
        labels, values, columns = _read_dict(table, name)
    elif isinstance(table, pd.DataFrame):
        labels, values = table.index.to_numpy(), _read_frame(table, name)
        columns = _names_of(table.columns)
    else:
        dense = table.toarray() if issparse(table) else table  # type: ignore[attr-defined]
        values = _to_float32(dense, name)
        labels = np.arange(len(values)) if values.ndim else np.empty(0)
    if values.ndim != 2 or not values.size:
        raise ValueError(
            f"{name} must have one row a class and at least one column, got shape {values.shape}."
        )
    _check_labels(labels, name)
    is_bad = ~np.isfinite(values).all(axis=1)
    if is_bad.any():
        raise ValueError(
            f"{name} holds NaN, infinity or a value too large for float32 in the rows of "
            f"{format_labels(labels[is_bad])} ({is_bad.sum()} of {len(labels)} classes). Fill the "
            "gaps, or leave these classes out."
        )
    if labels.dtype == object:
        # Numbers kept as Python objects would make the labels of y objects, too.
        labels = pd.Series(labels).infer_objects().to_numpy()
    return Table(labels, values, columns)


def _names_of(index: pd.Index) -> tuple[str, ...] | None:
    """Return names where all are strings, as scikit-learn does with those of features."""
    return tuple(index) if all(isinstance(name, str) for name in index) else None


def _read_dict(table: Mapping, name: str) -> Table:
    if not table:
        raise ValueError(f"{name} is an empty dict. Give one entry a class.")
    keys = [key.item() if isinstance(key, np.generic) else key for key in table]
    labels = pd.Index(keys, tupleize_cols=False).to_numpy()
    shapes = [np.shape(vector) for vector in table.values()]
    odd = [label for label, shape in zip(table, shapes, strict=True) if shape != shapes[0]]
    if len(shapes[0]) != 1 or odd:
        raise ValueError(
            f"{name} must map every class to a vector of the same length; {labels[0]!r} has shape "
            f"{shapes[0]}" + (f", unlike {format_labels(odd)}." if odd else ".")
        )
    vectors, columns = list(table.values()), None
    if all(isinstance(vector, pd.Series) for vector in vectors):
        index = vectors[0].index
        odd = [k for k, v in table.items() if not v.index.sort_values().equals(index.sort_values())]
        if odd or not index.is_unique:
            raise ValueError(
                f"The Series in {name} have no common index of unique names: {labels[0]!r} has "
                f"another one than {format_labels(odd or labels[:1])}. Give all the same one."
            )
        vectors, columns = [vector[index] for vector in vectors], _names_of(index)
    return Table(labels, _to_float32(vectors, name), columns)


def _read_frame(table: pd.DataFrame, name: str) -> NDArray[np.float32]:
    if isinstance(table.index, pd.MultiIndex):
        raise ValueError(f"{name} has a MultiIndex. Index it by one level of class labels.")
    odd = [
        column
        for column, dtype in table.dtypes.items()
        if not pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_complex_dtype(dtype)
    ]
    if odd:
        raise ValueError(
            f"{name} has columns that are not numeric: {format_labels(odd)}. If one holds the "
            f"class labels, use set_index({odd[0]!r}); otherwise encode them, for instance with "
            "pandas.get_dummies, or drop them."
        )
    _check_index(table, name)
    return _to_float32(table.to_numpy(dtype=np.float64, na_value=np.nan), name)


def _check_index(table: pd.DataFrame, name: str) -> None:
    """Refuse a frame as pandas reads it from a file, with the labels in a column."""
    if not isinstance(table.index, pd.RangeIndex) or len(table) < FEWEST_LABELS:
        return
    for column, values in table.items():
        if values.dtype.kind in "iu" and np.array_equal(np.sort(values), table.index):
            raise ValueError(
                f"{name} is indexed by the numbers of its rows, and its column {column!r} holds "
                f"the same numbers. If they are the class labels, use set_index({column!r}); if "
                "not, drop the column, or pass an array."
            )


def _to_float32(values: ArrayLike, name: str) -> NDArray[np.float32]:
    try:
        array = np.asarray(values)
        # Numbers kept as Python objects are numbers; their texts are not.
        kind = "numbers" if array.dtype.kind in "biuf" else label_kind(array.ravel())
        if kind not in ("numbers", "booleans"):
            raise TypeError(f"it holds {kind}")
        # A value that overflows becomes infinite and is reported with its class.
        with np.errstate(over="ignore"):
            return array.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} is not numeric ({error}). Give one vector of numbers a class."
        ) from error


def _check_labels(labels: NDArray, name: str) -> None:
    duplicated = pd.unique(labels[pd.Index(labels).duplicated()])
    if len(duplicated):
        raise ValueError(
            f"{name} has more than one row for {format_labels(duplicated)}. Keep one row a class."
        )
    if pd.isna(labels).any():
        raise ValueError(f"{name} has a missing class label. Name every row's class.")
    kind = label_kind(labels)
    if kind.startswith("mixed"):
        types = sorted({type(label).__name__ for label in labels.tolist()})
        raise ValueError(
            f"{name} has class labels of several types ({', '.join(types)}), which cannot be "
            "ordered. Use one type."
        )
