"""Every accepted form of side information, made into one aligned table a modality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada._labels import format_labels, label_kind

# Names of modalities: of the features, and of the class embeddings where the user gives one table.
FEATURES = "features"
DEFAULT_MODALITY = "embeddings"


@dataclass(frozen=True, eq=False)
class ClassEmbeddings:
    """Class embeddings of one or several modalities, aligned by class.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Class labels, each once.
    tables : dict of str to ndarray of shape (n_classes, n_dimensions)
        One float32 table a modality; rows of absent classes are zero.
    present : dict of str to ndarray of shape (n_classes,)
        Whether a class has an embedding in that modality.
    is_given : bool, default=True
        Whether somebody described the classes. One-hot ones that were made up relate no class to
        another.
    """

    classes: NDArray
    tables: dict[str, NDArray[np.float32]]
    present: dict[str, NDArray[np.bool_]]
    is_given: bool = True

    @classmethod
    def parse(cls, class_embeddings: Any) -> ClassEmbeddings:
        """Read any accepted form.

        Parameters
        ----------
        class_embeddings : DataFrame, array-like, dict or ClassEmbeddings
            A DataFrame indexed by class label; an array whose row i belongs to class i; a dict
            of class label to vector; or a dict of modality name to one of these.

        Returns
        -------
        ClassEmbeddings
            Classes in the order in which they were given.

        Raises
        ------
        ValueError
            If labels occur twice or are of several kinds, or values are missing, infinite or
            not numeric. The message names them.
        """
        if isinstance(class_embeddings, ClassEmbeddings):
            return class_embeddings
        if isinstance(class_embeddings, Mapping) and _maps_modalities(class_embeddings):
            # A modality without rows covers no class: as if it had not been given.
            parsed = {
                str(name): _parse_table(table, f"class_embeddings[{name!r}]")
                for name, table in class_embeddings.items()
                if len(table) or len(class_embeddings) == 1
            }
        else:
            parsed = {DEFAULT_MODALITY: _parse_table(class_embeddings, "class_embeddings")}
        return cls._align(parsed)

    @classmethod
    def _align(cls, parsed: dict[str, tuple[NDArray, NDArray[np.float32]]]) -> ClassEmbeddings:
        (first, (labels, _)), *others = parsed.items()
        kind = label_kind(labels)
        for name, (other, _) in others:
            if label_kind(other) != kind:
                raise ValueError(
                    f"The class labels of class_embeddings[{first!r}] are {kind}, those of "
                    f"class_embeddings[{name!r}] are {label_kind(other)}. Use the same labels."
                )
        classes = pd.unique(np.concatenate([labels for labels, _ in parsed.values()]))
        tables, present = {}, {}
        for name, (labels, values) in parsed.items():
            rows = pd.Index(labels).get_indexer(classes)
            present[name] = rows >= 0
            tables[name] = np.where(present[name][:, None], values[rows], np.float32(0))
        return cls(classes, tables, present)

    @classmethod
    def one_hot(cls, classes: NDArray) -> ClassEmbeddings:
        """Describe each class by nothing but its identity.

        Parameters
        ----------
        classes : ndarray of shape (n_classes,)

        Returns
        -------
        ClassEmbeddings
        """
        table = np.eye(len(classes), dtype=np.float32)
        present = np.ones(len(classes), dtype=bool)
        return cls(classes, {DEFAULT_MODALITY: table}, {DEFAULT_MODALITY: present}, is_given=False)

    @classmethod
    def for_training(cls, class_embeddings: Any, seen_classes: NDArray) -> ClassEmbeddings:
        """Read the embeddings for a fit and check that they cover its classes.

        Parameters
        ----------
        class_embeddings : DataFrame, array-like, dict, ClassEmbeddings or None
            As in :meth:`parse`; None is one-hot.
        seen_classes : ndarray of shape (n_seen_classes,)
            The sorted labels in ``y``.

        Returns
        -------
        ClassEmbeddings
            Classes sorted, labels in the type of those in ``y`` where it can hold them.

        Raises
        ------
        ValueError
            As in :meth:`parse`, and if a class in ``y`` has no embedding or its label is of
            another kind than those of the embeddings.
        """
        if class_embeddings is None:
            return cls.one_hot(seen_classes)
        parsed = cls.parse(class_embeddings)
        kind_y, kind = label_kind(seen_classes), label_kind(parsed.classes)
        if kind_y != kind:
            raise ValueError(
                f"The labels in y are {kind_y} ({format_labels(seen_classes, 1)}), but the class "
                f"labels of class_embeddings are {kind} ({format_labels(parsed.classes, 1)}). "
                "Convert one of them so that the labels are equal."
            )
        rows = parsed.index_of(seen_classes)
        missing = seen_classes[rows < 0]
        if len(missing):
            raise ValueError(
                f"class_embeddings lacks {len(missing)} of the {len(seen_classes)} classes in y: "
                f"{format_labels(missing)}. Add a row for each, or drop their samples."
            )
        for name, present in parsed.present.items():
            if name == FEATURES:
                raise ValueError(
                    f"class_embeddings has a modality {name!r}, which is the name of X in losses. "
                    "Give it another name."
                )
            if not present[rows].any():
                raise ValueError(
                    f"The modality {name!r} of class_embeddings covers no class in y, so that "
                    "nothing could be learnt about it. Leave it out, or add embeddings of seen "
                    "classes."
                )
        classes = parsed.classes
        if classes.dtype != seen_classes.dtype:
            classes = np.concatenate([seen_classes[:0], classes])
        order = np.argsort(classes)
        return parsed._rows(order, classes[order])

    def _rows(self, rows: NDArray[np.intp], classes: NDArray) -> ClassEmbeddings:
        return ClassEmbeddings(
            classes,
            {name: table[rows] for name, table in self.tables.items()},
            {name: present[rows] for name, present in self.present.items()},
            self.is_given,
        )

    def select(self, labels: NDArray) -> ClassEmbeddings:
        """Return the rows of some classes, in the order of `labels`.

        Parameters
        ----------
        labels : ndarray of shape (n_labels,)
            Each one of `classes`.

        Returns
        -------
        ClassEmbeddings
        """
        return self._rows(self.index_of(labels), labels)

    def index_of(self, labels: NDArray) -> NDArray[np.intp]:
        """Return the row of each label.

        Parameters
        ----------
        labels : ndarray of shape (n_labels,)

        Returns
        -------
        ndarray of shape (n_labels,)
            -1 for a label that is not one of `classes`.
        """
        return pd.Index(self.classes).get_indexer(labels)

    def matched_to(self, fitted: ClassEmbeddings) -> ClassEmbeddings:
        """Check that these embeddings have modalities and widths that a model was fitted with.

        Parameters
        ----------
        fitted : ClassEmbeddings

        Returns
        -------
        ClassEmbeddings
            The same; a single modality takes the name of a single fitted one.

        Raises
        ------
        ValueError
            If a modality is unknown or of another width.
        """
        if len(self.tables) == len(fitted.tables) == 1:
            ((name, table),) = self.tables.items()
            (fitted_name,) = fitted.tables
            given = ClassEmbeddings(
                self.classes, {fitted_name: table}, {fitted_name: self.present[name]}
            )
        else:
            given = self
        for name, table in given.tables.items():
            if name not in fitted.tables:
                raise ValueError(
                    f"The transformer was fitted with the modalities {format_labels(fitted.tables)}"
                    f", but class_embeddings has {name!r}. Use a dict of these names."
                )
            n_columns, n_expected = table.shape[1], fitted.tables[name].shape[1]
            if n_columns != n_expected:
                raise ValueError(
                    f"class_embeddings has {n_columns} columns in {name!r}, but the transformer "
                    f"was fitted with {n_expected}. Give the same columns as at fit."
                )
        return given

    def share_out(self, counts: NDArray[np.integer]) -> dict[str, NDArray[np.integer]]:
        """Share numbers of latents out evenly among the modalities that each class has.

        Parameters
        ----------
        counts : ndarray of shape (n_classes,)
            Number of latents of each class.

        Returns
        -------
        dict of str to ndarray of shape (n_classes,)
            For each modality its part. Where a number cannot be divided, modalities that come
            first get one more.
        """
        present = np.column_stack(list(self.present.values()))
        n_modalities = present.sum(axis=1, keepdims=True)
        rank = present.cumsum(axis=1) - 1
        of_class = counts[:, np.newaxis]
        shares = present * (of_class // n_modalities + (rank < of_class % n_modalities))
        return dict(zip(self.present, shares.T, strict=True))


def choose_class_embeddings(in_fit: Any, n_samples: int, *constructor_values: Any) -> Any:
    """Return the side information that takes precedence: the first that is not None.

    Parameters
    ----------
    in_fit : DataFrame, array-like, dict or None
        What was passed to ``fit``.
    n_samples : int
        Number of rows of ``X``.
    *constructor_values : DataFrame, array-like, dict or None
        What was passed to constructors, the nearest first.

    Returns
    -------
    DataFrame, array-like, dict or None

    Raises
    ------
    ValueError
        If what was passed to ``fit`` has one row a sample: scikit-learn's searches and
        cross-validation cut such an array to the rows of the training fold, and the rows that
        are left would describe other classes.
    """
    if in_fit is None:
        return next((value for value in constructor_values if value is not None), None)
    is_sliceable = hasattr(in_fit, "__len__") and not isinstance(in_fit, Mapping)
    if is_sliceable and len(in_fit) == n_samples:
        raise ValueError(
            f"class_embeddings passed to fit has as many rows as X ({n_samples}). Cross-validation "
            "slices such an array as if its rows were samples. Pass class_embeddings to the "
            "constructor, or as a dict of class label to vector."
        )
    return in_fit


def _maps_modalities(mapping: Mapping) -> bool:
    """Tell a dict of modalities from a dict of vectors by its values."""
    is_table = [isinstance(v, pd.DataFrame | Mapping) or np.ndim(v) == 2 for v in mapping.values()]
    if any(is_table) and not all(is_table):
        odd = [name for name, table in zip(mapping, is_table, strict=True) if not table]
        raise ValueError(
            "class_embeddings mixes tables (one a modality) with vectors (one a class): "
            f"{format_labels(odd)} hold no table. Use a dict of either kind."
        )
    return bool(is_table) and all(is_table)


def _parse_table(table: Any, name: str) -> tuple[NDArray, NDArray[np.float32]]:
    """Return the labels and float32 values of one modality, checked."""
    if isinstance(table, Mapping):
        labels, values = _read_dict(table, name)
    elif isinstance(table, pd.DataFrame):
        labels, values = table.index.to_numpy(), _read_frame(table, name)
    else:
        values = _to_float32(table, name)
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
    return labels, values


def _read_dict(table: Mapping, name: str) -> tuple[NDArray, NDArray[np.float32]]:
    if not table:
        raise ValueError(f"{name} is an empty dict. Give one entry a class.")
    labels = pd.Index(list(table), tupleize_cols=False).to_numpy()
    shapes = [np.shape(vector) for vector in table.values()]
    odd = [label for label, shape in zip(table, shapes, strict=True) if shape != shapes[0]]
    if len(shapes[0]) != 1 or odd:
        raise ValueError(
            f"{name} must map every class to a vector of the same length; {labels[0]!r} has shape "
            f"{shapes[0]}" + (f", unlike {format_labels(odd)}." if odd else ".")
        )
    return labels, _to_float32(list(table.values()), name)


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
            f"{name} has columns that are not numeric: {format_labels(odd)}. Encode them, for "
            "instance with pandas.get_dummies, or drop them."
        )
    return _to_float32(table.to_numpy(dtype=np.float64, na_value=np.nan), name)


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
