"""Class embeddings of all classes, as one aligned table per modality."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skcada._classes.labels import format_labels, label_kind, suggest_labels
from skcada._classes.tables import (
    FEATURES,
    Table,
    check_modality_names,
    count_rows,
    is_unlabelled,
    maps_modalities,
    parse_table,
)
from skcada.exceptions import reading, warn_user

# The name of the modality where the user gives one table.
DEFAULT_MODALITY = "embeddings"
# How alike, from 0 to 1, two labels are that are taken for two spellings of one.
LEAST_LIKENESS = 0.85

# Class embeddings as they cross a public border.
Frames = pd.DataFrame | dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class ClassEmbeddings:
    """Class embeddings of one or several modalities, aligned by class."""

    classes: NDArray
    # Rows of absent classes are zero.
    tables: dict[str, NDArray[np.float32]]
    present: dict[str, NDArray[np.bool_]]
    # One-hot embeddings, which nobody gave, relate no class to another.
    is_given: bool = True
    # Of the modalities whose columns have names.
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, class_embeddings: Any) -> ClassEmbeddings:
        """Read any accepted form; classes stand in the order of their first appearance.

        The forms are a pandas frame indexed by class label; a frame of another library with one
        column of text, the labels; an array whose row i belongs to class i; a dict of class label
        to vector; and a dict of modality name to one of these.
        """
        with reading("class_embeddings", "one vector of numbers per class"):
            return cls._parse(class_embeddings)

    @classmethod
    def _parse(cls, class_embeddings: Any) -> ClassEmbeddings:
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
                    "has a row. Give at least one of them one row per class."
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
        classes = order_of_appearance(table.labels for table in parsed.values())
        tables, present = {}, {}
        for name, table in parsed.items():
            rows = pd.Index(table.labels).get_indexer(classes)
            present[name] = rows >= 0
            tables[name] = np.where(present[name][:, None], table.vectors[rows], np.float32(0))
        columns = {name: table.columns for name, table in parsed.items() if table.columns}
        return cls(classes, tables, present, columns=columns)

    @classmethod
    def one_hot(cls, classes: NDArray) -> ClassEmbeddings:
        """Describe each class by nothing but its identity."""
        table = np.eye(len(classes), dtype=np.float32)
        present = np.ones(len(classes), dtype=bool)
        return cls(classes, {DEFAULT_MODALITY: table}, {DEFAULT_MODALITY: present}, is_given=False)

    @classmethod
    def for_training(cls, class_embeddings: Any, fitted_classes: NDArray) -> ClassEmbeddings:
        """Read the embeddings for a fit, and check that they cover the sorted classes in ``y``.

        Classes become sorted, their labels of the type of those in ``y`` where it can hold them.
        None is one-hot.
        """
        if class_embeddings is None:
            return cls.one_hot(fitted_classes)
        parsed = cls.parse(class_embeddings)
        parsed._check_kind(fitted_classes)
        parsed._check_coverage(fitted_classes, is_unlabelled=is_unlabelled(class_embeddings))
        parsed._warn_of_two_spellings()
        classes = _as_type_of(parsed.classes, fitted_classes)
        order = np.argsort(classes)
        return parsed._rows(order, classes[order])

    @classmethod
    def of_fit(cls, class_embeddings: Frames | None, fitted_classes: NDArray) -> ClassEmbeddings:
        """Return what a model was fitted with from what it publishes, None for one-hot."""
        if class_embeddings is None:
            return cls.one_hot(fitted_classes)
        return cls.parse(class_embeddings)

    def refuse_incomplete(self, modalities: Iterable[str] | None = None) -> None:
        """Raise an error if a class lacks one of some modalities, by default of those there are."""
        for name in self.tables if modalities is None else modalities:
            present = self.present.get(name, np.zeros(len(self.classes), dtype=bool))
            absent = self.classes[~present]
            if len(absent):
                raise ValueError(
                    f"class_embeddings[{name!r}] lacks {len(absent)} classes: "
                    f"{format_labels(absent)}. Every class needs every modality here. Add a row "
                    f"for each, drop these classes, or leave out {name!r}."
                )

    def _check_kind(self, fitted_classes: NDArray) -> None:
        """Check that labels can be equal to those in ``y``."""
        in_columns = np.isin(fitted_classes, list(self.columns.get(DEFAULT_MODALITY, ())))
        # Classes may be described by their similarity to the seen ones.
        if in_columns.all() and (self.index_of(fitted_classes) < 0).all():
            raise ValueError(
                "class_embeddings has a column for each class in y. Pass class_embeddings.T, with "
                "one row per class."
            )
        kind_y, kind = label_kind(fitted_classes), label_kind(self.classes)
        if kind_y == kind:
            return
        if np.isin(list(self.tables), fitted_classes).any():
            raise ValueError(
                "class_embeddings maps the labels in y to tables, and was taken for a dict of "
                "modalities. Make its values one-dimensional, such as vector.ravel()."
            )
        raise ValueError(
            f"The labels in y are {kind_y} ({format_labels(fitted_classes, 1)}), but the class "
            f"labels of class_embeddings are {kind} ({format_labels(self.classes, 1)}). "
            "Convert one of them so that the labels are equal."
        )

    def _check_coverage(self, fitted_classes: NDArray, *, is_unlabelled: bool) -> None:
        """Check that every class in ``y`` is described, and that every modality describes one."""
        rows = self.index_of(fitted_classes)
        missing = fitted_classes[rows < 0]
        is_1_to_k = np.array_equal(fitted_classes, np.arange(1, len(fitted_classes) + 1))
        counts_from_1 = is_1_to_k and is_unlabelled
        if len(missing):
            without_rows = self.classes[~np.isin(self.classes, fitted_classes)]
            raise ValueError(
                f"class_embeddings lacks {len(missing)} of the {len(fitted_classes)} classes in y: "
                f"{format_labels(missing)}. Add a row for each, or drop their samples."
                + _prefixed(suggest_labels(missing, without_rows, "y", "class_embeddings"))
                + (" If the labels count from 1, subtract 1." if counts_from_1 else "")
            )
        if counts_from_1:
            warn_user(
                f"The labels in y are 1 to {len(fitted_classes)}, and row i of class_embeddings "
                "describes class i, so that row 0 is of an unseen class 0. If the labels count "
                "from 1, as in MATLAB files, subtract 1."
            )
        for name, present in self.present.items():
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

    def _warn_of_two_spellings(self) -> None:
        """Warn of labels that one modality has alone and that resemble a label of another."""
        for a, b in combinations(self.present, 2):
            only_a = self.classes[self.present[a] & ~self.present[b]]
            only_b = self.classes[self.present[b] & ~self.present[a]]
            names = (f"class_embeddings[{name!r}]" for name in (b, a))
            question = suggest_labels(only_b, only_a, *names, least_likeness=LEAST_LIKENESS)
            if question:
                warn_user(f"{question} If so, spell it alike: it counts as two classes.")

    def _rows(self, rows: NDArray[np.intp], classes: NDArray) -> ClassEmbeddings:
        return replace(
            self,
            classes=classes,
            tables={name: table[rows] for name, table in self.tables.items()},
            present={name: present[rows] for name, present in self.present.items()},
        )

    def select(self, labels: NDArray) -> ClassEmbeddings:
        """Return the rows of some of the classes, in the order of their labels."""
        return self._rows(self.index_of(labels), labels)

    def in_order_of_appearance(self) -> ClassEmbeddings:
        """Return the same in the order in which classes first appear in the tables."""
        order = order_of_appearance(self.classes[present] for present in self.present.values())
        return self.select(order)

    def joined_with(self, class_embeddings: Any, seen_classes: NDArray) -> ClassEmbeddings:
        """Add classes, and replace the embeddings of some that are not seen; sorted again."""
        if not self.is_given:
            raise ValueError(
                "The model was fitted without class_embeddings: nothing describes its classes, so "
                "that no other class can be related to them. Fit it with class_embeddings."
            )
        parsed = ClassEmbeddings.parse(class_embeddings)
        parsed._check_kind(self.classes)
        added = parsed.matched_to(self)
        added = replace(added, classes=_as_type_of(added.classes, self.classes))
        known = added.classes[np.isin(added.classes, seen_classes)]
        old, new = self.select(known), added.select(known)
        is_changed = np.zeros(len(known), dtype=bool)
        for name, table in new.tables.items():
            is_other = (table != old.tables[name]).any(axis=1) | ~old.present[name]
            is_changed |= new.present[name] & is_other
        if is_changed.any():
            raise ValueError(
                f"class_embeddings describes seen classes otherwise than at fit: "
                f"{format_labels(known[is_changed])}. The model has learnt from their embeddings; "
                "leave them out, or fit it again."
            )
        rest = added.select(added.classes[~np.isin(added.classes, known)])
        kept = self.select(self.classes[~np.isin(self.classes, rest.classes)])
        classes = np.concatenate([kept.classes, rest.classes])
        order = np.argsort(classes)
        absent = np.zeros(len(rest.classes), dtype=bool)
        tables, present = {}, {}
        for name, table in kept.tables.items():
            zeros = np.zeros((len(absent), table.shape[1]), table.dtype)
            tables[name] = np.concatenate([table, rest.tables.get(name, zeros)])[order]
            is_there = rest.present.get(name, absent)
            present[name] = np.concatenate([kept.present[name], is_there])[order]
        return replace(self, classes=classes[order], tables=tables, present=present)

    def index_of(self, labels: NDArray) -> NDArray[np.intp]:
        """Return the row of each label, -1 for one that is not among the classes."""
        return pd.Index(self.classes).get_indexer(labels)

    def frames(self) -> Frames | None:
        """Return the public form, None if nobody described the classes."""
        if not self.is_given:
            return None
        frames = {
            name: pd.DataFrame(
                table[self.present[name]],
                index=self.classes[self.present[name]],
                columns=self.columns.get(name),
            )
            for name, table in self.tables.items()
        }
        return frames[DEFAULT_MODALITY] if list(frames) == [DEFAULT_MODALITY] else frames

    def matched_to(self, fitted: ClassEmbeddings) -> ClassEmbeddings:
        """Check that modalities and columns are those that a model was fitted with.

        A single modality takes the name of a single fitted one.
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
                    f"The model was fitted with the modalities {format_labels(fitted.tables)}"
                    f", but class_embeddings has {name!r}. Use a dict of these names."
                )
            n_columns, n_expected = table.shape[1], fitted.tables[name].shape[1]
            if n_columns != n_expected:
                raise ValueError(
                    f"class_embeddings has {n_columns} columns in {name!r}, but the model was "
                    f"fitted with {n_expected}. Give the same columns as at fit."
                )
            columns, expected = given.columns.get(name), fitted.columns.get(name)
            if columns and expected and columns != expected:
                odd = [column for column in columns if column not in expected]
                problem = f"columns that were not there at fit: {format_labels(odd)}"
                raise ValueError(
                    f"class_embeddings has, in {name!r}, "
                    + (problem if odd else "the columns of fit in another order")
                    + ". Give the same columns in the same order, or an array without names."
                )
        return given

    def share_out(self, counts: NDArray[np.integer]) -> dict[str, NDArray[np.integer]]:
        """Share a number of latents per class out evenly among the modalities that it has.

        Where a number cannot be divided, modalities that come first get one more.
        """
        present = np.column_stack(list(self.present.values()))
        n_modalities = present.sum(axis=1, keepdims=True)
        rank = present.cumsum(axis=1) - 1
        class_counts = counts[:, np.newaxis]
        shares = present * (class_counts // n_modalities + (rank < class_counts % n_modalities))
        return dict(zip(self.present, shares.T, strict=True))


def order_of_appearance(labels: Iterable[NDArray]) -> NDArray:
    """Return each label of several tables once, in the order of its first appearance."""
    return pd.unique(np.concatenate(list(labels)))


def refuse_sliced(class_embeddings: Any, n_samples: int) -> None:
    """Refuse what cross-validation would slice, if it is passed to ``fit``.

    scikit-learn cuts an array of one row per sample to the rows of the training fold, and the rows
    that are left would describe other classes.
    """
    is_sliceable = hasattr(class_embeddings, "__len__") and not isinstance(
        class_embeddings, Mapping
    )
    if is_sliceable and count_rows(class_embeddings) == n_samples:
        raise ValueError(
            f"class_embeddings passed to fit has as many rows as X ({n_samples}). Cross-validation "
            "slices such an array as if its rows were samples. Pass class_embeddings to the "
            "constructor, or in a dict as the only modality, {'embeddings': class_embeddings}."
        )


def _prefixed(sentence: str) -> str:
    return f" {sentence}" if sentence else ""


def _as_type_of(classes: NDArray, fitted_classes: NDArray) -> NDArray:
    """Return labels in the type of those in ``y`` where it can hold them, else in a common one."""
    if classes.dtype == fitted_classes.dtype:
        return classes
    if label_kind(classes) != "numbers":
        return np.concatenate([fitted_classes[:0], classes])
    # A common type of integers may be a float, which cannot tell large ones apart.
    both = np.concatenate([classes.astype(object), fitted_classes.astype(object)])
    for dtype in (fitted_classes.dtype, classes.dtype):
        with np.errstate(invalid="ignore", over="ignore"):
            try:
                is_held = (both.astype(dtype) == both).all()
            except OverflowError:
                continue
        if is_held:
            return classes.astype(dtype)
    return np.concatenate([fitted_classes[:0], classes])
