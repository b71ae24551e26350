"""Every accepted form of side information, made into one aligned table a modality."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator

from skcada._classes.labels import format_labels, label_kind
from skcada._classes.tables import (
    FEATURES,
    Table,
    check_modality_names,
    count_rows,
    maps_modalities,
    parse_table,
)

# The name of the modality where the user gives one table.
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
    columns : dict of str to tuple of str
        The names of the columns, of the modalities that have some.
    """

    classes: NDArray
    tables: dict[str, NDArray[np.float32]]
    present: dict[str, NDArray[np.bool_]]
    is_given: bool = True
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

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
            If labels occur twice or are of several kinds, values are missing, infinite or not
            numeric, or names of modalities are no strings. The message names them.
        """
        if isinstance(class_embeddings, ClassEmbeddings):
            return class_embeddings
        if isinstance(class_embeddings, Mapping) and maps_modalities(class_embeddings):
            check_modality_names(list(class_embeddings))
            # A modality without rows covers no class: as if it had not been given.
            parsed = {
                name: parse_table(table, f"class_embeddings[{name!r}]")
                for name, table in class_embeddings.items()
                if count_rows(table) or len(class_embeddings) == 1
            }
            if not parsed:
                raise ValueError(
                    f"None of the modalities {format_labels(class_embeddings)} of class_embeddings "
                    "has a row. Give at least one of them one row a class."
                )
        else:
            parsed = {DEFAULT_MODALITY: parse_table(class_embeddings, "class_embeddings")}
        return cls._align(parsed)

    @classmethod
    def _align(cls, parsed: dict[str, Table]) -> ClassEmbeddings:
        (first, (labels, *_)), *others = parsed.items()
        kind = label_kind(labels)
        for name, (other, *_) in others:
            if label_kind(other) != kind:
                raise ValueError(
                    f"The class labels of class_embeddings[{first!r}] are {kind}, those of "
                    f"class_embeddings[{name!r}] are {label_kind(other)}. Use the same labels."
                )
        classes = pd.unique(np.concatenate([table.labels for table in parsed.values()]))
        tables, present = {}, {}
        for name, table in parsed.items():
            rows = pd.Index(table.labels).get_indexer(classes)
            present[name] = rows >= 0
            tables[name] = np.where(present[name][:, None], table.vectors[rows], np.float32(0))
        columns = {name: table.columns for name, table in parsed.items() if table.columns}
        return cls(classes, tables, present, columns=columns)

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
        in_columns = np.isin(seen_classes, list(parsed.columns.get(DEFAULT_MODALITY, ())))
        # Classes may be described by their similarity to the seen ones.
        if in_columns.all() and (parsed.index_of(seen_classes) < 0).all():
            raise ValueError(
                "class_embeddings has a column for each class in y. Pass class_embeddings.T, with "
                "one row a class."
            )
        if kind_y != kind:
            if np.isin(list(parsed.tables), seen_classes).any():
                raise ValueError(
                    "class_embeddings maps the labels in y to tables, and was taken for a dict of "
                    "modalities. Make its values one-dimensional, such as vector.ravel()."
                )
            raise ValueError(
                f"The labels in y are {kind_y} ({format_labels(seen_classes, 1)}), but the class "
                f"labels of class_embeddings are {kind} ({format_labels(parsed.classes, 1)}). "
                "Convert one of them so that the labels are equal."
            )
        rows = parsed.index_of(seen_classes)
        missing = seen_classes[rows < 0]
        is_1_to_k = np.array_equal(seen_classes, np.arange(1, len(seen_classes) + 1))
        counts_from_1 = is_1_to_k and _is_counted(class_embeddings)
        if len(missing):
            raise ValueError(
                f"class_embeddings lacks {len(missing)} of the {len(seen_classes)} classes in y: "
                f"{format_labels(missing)}. Add a row for each, or drop their samples."
                + _guess(missing, parsed.classes)
                + (" If the labels count from 1, subtract 1." if counts_from_1 else "")
            )
        if counts_from_1:
            warnings.warn(
                f"The labels in y are 1 to {len(seen_classes)}, and row i of class_embeddings "
                "describes class i, so that row 0 is of an unseen class 0. If the labels count "
                "from 1, as in MATLAB files, subtract 1.",
                stacklevel=2,
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
        classes = _as_type_of(parsed.classes, seen_classes)
        order = np.argsort(classes)
        return parsed._rows(order, classes[order])

    def _rows(self, rows: NDArray[np.intp], classes: NDArray) -> ClassEmbeddings:
        return replace(
            self,
            classes=classes,
            tables={name: table[rows] for name, table in self.tables.items()},
            present={name: present[rows] for name, present in self.present.items()},
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
        """Check that these embeddings have modalities and columns that a model was fitted with.

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
            If a modality is unknown, of another width, or has columns of other names or in another
            order.
        """
        if len(self.tables) == len(fitted.tables) == 1:
            ((name, table),) = self.tables.items()
            (fitted_name,) = fitted.tables
            given = replace(
                self,
                tables={fitted_name: table},
                present={fitted_name: self.present[name]},
                columns=dict(zip(fitted.tables, self.columns.values(), strict=False)),
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
            columns, expected = given.columns.get(name), fitted.columns.get(name)
            if columns and expected and columns != expected:
                odd = [column for column in columns if column not in expected]
                what = f"columns that were not there at fit: {format_labels(odd)}"
                raise ValueError(
                    f"class_embeddings has, in {name!r}, "
                    + (what if odd else "the columns of fit in another order")
                    + ". Give the same columns in the same order, or an array without names."
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
    if is_sliceable and count_rows(in_fit) == n_samples:
        raise ValueError(
            f"class_embeddings passed to fit has as many rows as X ({n_samples}). Cross-validation "
            "slices such an array as if its rows were samples. Pass class_embeddings to the "
            "constructor, or in a dict as the only modality, {'embeddings': class_embeddings}."
        )
    return in_fit


def embeddings_of(classifier: Any) -> Any:
    """Return the side information that a classifier has without any in ``fit``.

    Parameters
    ----------
    classifier : GZSLClassifier

    Returns
    -------
    DataFrame, array-like, dict, ClassEmbeddings or None
    """
    if classifier.class_embeddings is not None:
        return classifier.class_embeddings
    return _brought_by(classifier.transformer)


def _brought_by(transformer: Any) -> Any:
    """Return the side information of a transformer: if frozen, what it was fitted with."""
    fitted = getattr(transformer, "_class_embeddings", None)
    if isinstance(transformer, FrozenEstimator) and isinstance(fitted, ClassEmbeddings):
        return fitted if fitted.is_given else None
    return getattr(transformer, "class_embeddings", None)


def _is_counted(class_embeddings: Any) -> bool:
    """Tell whether classes have no labels but the numbers of their rows."""
    if isinstance(class_embeddings, Mapping):
        return maps_modalities(class_embeddings) and all(
            map(_is_counted, class_embeddings.values())
        )
    return not isinstance(class_embeddings, pd.DataFrame | ClassEmbeddings)


def _guess(missing: NDArray, classes: NDArray) -> str:
    """Return a question whether the user meant another label, or nothing."""
    if label_kind(classes) == "strings":
        spellings = {str(label).lower(): str(label) for label in classes}
        close = get_close_matches(str(missing[0]).strip().lower(), spellings, n=1)
        if close:
            return f" Did you mean {spellings[close[0]]!r} by {str(missing[0])!r}?"
    return ""


def _as_type_of(classes: NDArray, seen_classes: NDArray) -> NDArray:
    """Return labels in the type of those in ``y`` where it can hold them, else in a common one."""
    if classes.dtype == seen_classes.dtype:
        return classes
    if label_kind(classes) != "numbers":
        return np.concatenate([seen_classes[:0], classes])
    # A common type of integers may be a float, which cannot tell large ones apart.
    both = np.concatenate([classes.astype(object), seen_classes.astype(object)])
    for dtype in (seen_classes.dtype, classes.dtype):
        with np.errstate(invalid="ignore", over="ignore"):
            try:
                is_held = (both.astype(dtype) == both).all()
            except OverflowError:
                continue
        if is_held:
            return classes.astype(dtype)
    return np.concatenate([seen_classes[:0], classes])
