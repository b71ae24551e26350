"""The table of one modality of class embeddings, read from any form that users have it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from itertools import combinations
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from skcada._classes.labels import format_labels, label_kind, refuse_masked
from skcada.exceptions import warn_user

# The name of the modality that X is.
FEATURES = "features"
# Fewer than so many different whole numbers may well be an attribute.
FEWEST_LABELS = 5


class Table(NamedTuple):
    """One modality: labels, each once, a finite float32 row for each, and names of columns."""

    labels: NDArray
    vectors: NDArray[np.float32]
    columns: tuple[str, ...] | None


def check_modality_names(names: list[Any]) -> None:
    """Check that modalities have names that tell their losses apart."""
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
    """Return the number of classes of a table in any form, 0 of what is no table."""
    shape = getattr(table, "shape", None)
    if isinstance(shape, tuple):
        return shape[0] if shape else 0
    return len(table) if isinstance(table, Sized) else 0


def maps_modalities(mapping: Mapping) -> bool:
    """Tell a dict of modalities from a dict of vectors by its values."""
    is_table = [
        isinstance(v, Mapping) or nw.dependencies.is_into_dataframe(v) or np.ndim(v) == 2
        for v in mapping.values()
    ]
    if any(is_table) and not all(is_table):
        odd = [name for name, table in zip(mapping, is_table, strict=True) if not table]
        raise ValueError(
            "class_embeddings mixes tables (one per modality) with vectors (one per class): "
            f"{format_labels(odd)} hold no table. Use a dict of either kind."
        )
    return bool(is_table) and all(is_table)


def is_unlabelled(class_embeddings: Any) -> bool:
    """Tell whether classes have no labels but the numbers of their rows."""
    if isinstance(class_embeddings, Mapping):
        return maps_modalities(class_embeddings) and all(
            map(is_unlabelled, class_embeddings.values())
        )
    return not nw.dependencies.is_into_dataframe(class_embeddings)


def parse_table(table: Any, name: str) -> Table:
    """Read one modality, which messages call by `name`, and check it."""
    columns = None
    if isinstance(table, Mapping):
        labels, values, columns = _read_dict(table, name)
    elif isinstance(table, pd.DataFrame):
        index = table.index.to_numpy()
        labels = index.astype(index.dtype.newbyteorder("="), copy=False)
        values = _read_frame(table, name)
        columns = _text_names(table.columns)
    elif nw.dependencies.is_into_dataframe(table):
        labels, values, columns = _read_foreign_frame(table, name)
    else:
        dense = table.toarray() if issparse(table) else table  # type: ignore[attr-defined]
        values = _to_float32(dense, name)
        labels = np.arange(len(values)) if values.ndim else np.empty(0)
    if values.ndim != 2 or not values.size:
        raise ValueError(
            f"{name} must have one row per class and at least one column, got shape {values.shape}."
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


def _text_names(names: Iterable[Any]) -> tuple[str, ...] | None:
    """Return names where all are strings, as scikit-learn does with those of features."""
    listed = tuple(names)
    return listed if all(isinstance(name, str) for name in listed) else None


def _read_dict(table: Mapping, name: str) -> Table:
    if not table:
        raise ValueError(f"{name} is an empty dict. Give one entry per class.")
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
        vectors, columns = [vector[index] for vector in vectors], _text_names(index)
    return Table(labels, _to_float32(vectors, name), columns)


def _read_foreign_frame(table: Any, name: str) -> Table:
    """Read a table of polars, pyarrow or another library, which has no index for the labels."""
    frame = nw.from_native(table, eager_only=True)
    texts = [column for column, dtype in frame.schema.items() if _holds_text(dtype)]
    if len(texts) != 1:
        library = type(table).__module__.split(".")[0]
        raise ValueError(
            f"{name} is a table of {library}, whose only column of text is taken for the class "
            f"labels, but it has {len(texts)} such columns: {format_labels(texts) or 'none'}. Keep "
            "or add one, or convert the table: to_pandas().set_index(...) names the column of "
            "labels, to_pandas().to_numpy() says that row i describes class i."
        )
    others = frame.drop(texts)
    odd = [column for column, dtype in others.schema.items() if not _holds_numbers(dtype)]
    if odd:
        raise ValueError(
            f"{name} has columns that are not numeric: {format_labels(odd)}. Encode them, or drop "
            "them."
        )
    labels = np.asarray(frame[texts[0]].to_list(), dtype=object)
    values = [others[column].cast(nw.Float64()).to_numpy() for column in others.columns]
    vectors = np.column_stack(values) if values else np.empty((len(labels), 0))
    return Table(labels, _to_float32(vectors, name), tuple(others.columns))


def _holds_text(dtype: Any) -> bool:
    return dtype in (nw.String, nw.Categorical, nw.Enum)


def _holds_numbers(dtype: Any) -> bool:
    return dtype.is_numeric() or dtype == nw.Boolean


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
    _warn_of_label_column(table, name)
    return _to_float32(table.to_numpy(dtype=np.float64, na_value=np.nan), name)


def _warn_of_label_column(table: pd.DataFrame, name: str) -> None:
    """Warn of a frame as pandas reads it from a file, with the labels in a column.

    The column may as well be an attribute that orders the classes, such as a rank.
    """
    if not isinstance(table.index, pd.RangeIndex) or len(table) < FEWEST_LABELS:
        return
    for column, values in table.items():
        if values.dtype.kind in "iu" and np.array_equal(np.sort(values), table.index):
            warn_user(
                f"{name} is indexed by the numbers of its rows, and its column {column!r} holds "
                f"the same numbers, which count as an attribute. If they are the class labels, use "
                f"set_index({column!r}); if not, an index of class labels says so."
            )


def _to_float32(values: ArrayLike, name: str) -> NDArray[np.float32]:
    refuse_masked(values, name, "Fill the gaps, or leave these classes out.")
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
            f"{name} is not numeric ({error}). Give one vector of numbers per class."
        ) from error


def _check_labels(labels: NDArray, name: str) -> None:
    duplicated = pd.unique(labels[pd.Index(labels).duplicated()])
    if len(duplicated):
        raise ValueError(
            f"{name} has more than one row for {format_labels(duplicated)}. Keep one row per class."
        )
    if pd.isna(labels).any():
        raise ValueError(f"{name} has a missing class label. Name every row's class.")
    kind = label_kind(labels)
    if kind.startswith("mixed"):
        types = sorted({type(label).__name__ for label in labels.tolist()})
        if len(types) == 1:
            raise ValueError(
                f"{name} has class labels of the type {types[0]}, but they must be strings, whole "
                "numbers or booleans. Convert them to strings."
            )
        raise ValueError(
            f"{name} has class labels of several types ({', '.join(types)}), which cannot be "
            "ordered. Use one type."
        )
