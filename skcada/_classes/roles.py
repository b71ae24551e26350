"""The roles of classes: seen or unseen, and told apart or not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.labels import check_class_labels, check_labels, format_labels, suggest_labels
from skcada.exceptions import reading, warn_user

LabelSpace = Literal["all", "unseen"]


@dataclass(frozen=True, eq=False)
class ClassRoles:
    """The embeddings of all classes, sorted, which of these are unseen, and which to tell apart."""

    embeddings: ClassEmbeddings
    is_unseen: NDArray[np.bool_]
    label_space: LabelSpace

    @classmethod
    def resolve(
        cls,
        y: NDArray,
        *candidates: Any,
        unseen_classes: ArrayLike | None = None,
        label_space: LabelSpace = "all",
    ) -> ClassRoles:
        """Work out the roles from the labels of a fit, and refuse whatever is wrong about classes.

        The class embeddings are the first of the candidates that is not None. Rows of
        `unseen_classes` are few-shot examples; classes without rows are unseen in any case.
        """
        source = next((candidate for candidate in candidates if candidate is not None), None)
        if source is None and unseen_classes is not None:
            raise ValueError(
                "unseen_classes needs class_embeddings: without them nothing relates an unseen "
                "class to seen ones."
            )
        embeddings = ClassEmbeddings.for_training(source, np.unique(y))
        is_unseen = ~np.isin(embeddings.classes, y)
        if unseen_classes is not None:
            is_unseen |= _mark_listed(embeddings.classes, unseen_classes)
        if is_unseen.all():
            raise ValueError(
                "Every class in y is one of unseen_classes, so that no row is left to train on. "
                "Add rows of other classes, or shorten unseen_classes."
            )
        if label_space == "unseen" and not is_unseen.any():
            raise ValueError(
                "label_space='unseen' leaves no class to predict, because every class with an "
                "embedding has rows in y. Add embeddings of unseen classes, or list unseen_classes."
            )
        _warn_of_equal_descriptions(embeddings, is_unseen)
        return cls(embeddings, is_unseen, label_space)

    @property
    def seen(self) -> NDArray:
        """Labels of the classes that have rows which are no shots, sorted."""
        return self.embeddings.classes[~self.is_unseen]

    @property
    def unseen(self) -> NDArray:
        """Labels of the other classes, sorted."""
        return self.embeddings.classes[self.is_unseen]

    @property
    def classes(self) -> NDArray:
        """Labels of the classes that are told apart, sorted."""
        return self.unseen if self.label_space == "unseen" else self.embeddings.classes

    def hold_out(self, class_codes: NDArray[np.intp]) -> ClassRoles:
        """Return the roles in a fold that trains on rows of these classes only."""
        has_rows = np.isin(np.arange(len(self.is_unseen)), class_codes)
        return replace(self, is_unseen=self.is_unseen | ~has_rows)

    def join(self, class_embeddings: Any) -> ClassRoles:
        """Return the roles with further unseen classes, or with other embeddings of unseen ones."""
        embeddings = self.embeddings.joined_with(class_embeddings, self.seen)
        is_unseen = ~np.isin(embeddings.classes, self.seen)
        _warn_of_equal_descriptions(embeddings, is_unseen)
        return replace(self, embeddings=embeddings, is_unseen=is_unseen)

    def is_shot(self, y: NDArray) -> NDArray[np.bool_]:
        """Mark the rows that are examples of unseen classes."""
        return self.is_unseen[self.embeddings.index_of(y)]


def _mark_listed(classes: NDArray, unseen_classes: ArrayLike) -> NDArray[np.bool_]:
    """Mark the classes that the user lists as unseen, each of which must be among them."""
    is_list = isinstance(unseen_classes, list | tuple)
    with reading("unseen_classes", "a list of labels"):
        listed = np.asarray(unseen_classes, dtype=object if is_list else None)
    if listed.ndim != 1 or any(isinstance(label, list | tuple) for label in listed[:1]):
        raise ValueError(
            f"unseen_classes must be a one-dimensional list of labels, got {unseen_classes!r}. "
            "Pass the labels in one flat list."
        )
    if not len(listed):
        return np.zeros(len(classes), dtype=bool)
    listed = check_class_labels(unseen_classes, "unseen_classes")
    unknown = listed[pd.Index(classes).get_indexer(listed) < 0]
    if len(unknown):
        question = suggest_labels(unknown, classes, "unseen_classes", "class_embeddings")
        raise ValueError(
            f"unseen_classes holds labels that have no embedding: {format_labels(unknown)}. "
            f"Add rows to class_embeddings, or leave them out. {question}".rstrip()
        )
    return np.isin(classes, listed)


def _warn_of_equal_descriptions(embeddings: ClassEmbeddings, is_unseen: NDArray[np.bool_]) -> None:
    """Warn of unseen classes that are described exactly as another class."""
    if not is_unseen.any():
        return
    table = np.column_stack([*embeddings.tables.values(), *embeddings.present.values()])
    is_repeated = pd.DataFrame(table).duplicated(keep=False).to_numpy()
    alike = embeddings.classes[is_repeated & is_unseen]
    if len(alike):
        warn_user(
            f"class_embeddings describes unseen classes exactly as it describes another class: "
            f"{format_labels(alike)}. They cannot be told from these. "
            "Give one row per class, not per sample, and describe what differs."
        )


def find_told_apart(y: ArrayLike, classes: NDArray, seen_classes: NDArray) -> NDArray[np.bool_]:
    """Mark the rows of the classes that a model tells apart, where it knows the seen ones, too."""
    labels, told_apart, seen = check_labels(y=y, classes_=classes, seen_classes_=seen_classes)
    is_told_apart = np.asarray(labels.isin(told_apart))
    unknown = labels[~is_told_apart & ~labels.isin(seen)].unique()
    if len(unknown):
        raise ValueError(
            f"y holds classes that the model does not know: {format_labels(unknown)}. Drop their "
            "rows, or give it embeddings of them."
        )
    if not is_told_apart.any():
        raise ValueError(
            f"y holds no row of the classes that the model tells apart: {format_labels(classes)}. "
            "Add some."
        )
    return is_told_apart
