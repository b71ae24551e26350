"""ImageNet with its 21,842 classes: what to train on, and tests whose rows stay on disk."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils import Bunch

from _paper._runs import Facts, Run
from _paper._store import HITS, Scores
from _paper._xlsa17 import fingerprint
from skcada import GZSLClassifier
from skcada.datasets import load_imagenet21k

FEATURES_FILE = "ILSVRC2012_res101_feature.mat"
FILES = ("ImageNet_w2v.mat", "ImageNet_splits.mat")
SIDE = "word vectors"
# Rows scored at a time: with 22,000 classes their scores take 90 MB.
CHUNK = 1024
_SEEN = ("train_classes", "val_classes")


@dataclass(eq=False)
class ImageNet:
    """The data set, its features on disk.

    Parameters
    ----------
    name : str
        Its name.
    parts : list of Bunch
        Of each file with features; the first one has the rows to train on.
    """

    name: str
    parts: list[Bunch]
    _scaler: MinMaxScaler = field(init=False, repr=False)

    @classmethod
    def load(cls, name: str, folder: Path) -> "ImageNet":
        """Load the files but the features.

        Parameters
        ----------
        name : str
            The name of the data set.
        folder : Path
            The folder with the files of `load_imagenet21k`. Other files ``*feature*.mat`` have
            further rows of unseen classes.

        Returns
        -------
        ImageNet
            The data set.

        Raises
        ------
        OSError, ImportError, ValueError
            If the folder cannot be read.
        """
        others = sorted({path.name for path in folder.glob("*feature*.mat")} - {FEATURES_FILE})
        with warnings.catch_warnings():
            # That splits hold seen classes: these are taken out, which the notes say.
            warnings.simplefilter("ignore")
            parts = [
                load_imagenet21k(folder, features_file=file) for file in (FEATURES_FILE, *others)
            ]
        data = cls(name, parts)
        if not len(data.seen_classes):
            raise ValueError(f"'{folder}' has no row of a seen class that has a word vector.")
        return data

    @cached_property
    def seen_classes(self) -> NDArray[np.intp]:
        """Seen classes that have a vector and rows to train on."""
        first = self.parts[0]
        return np.intersect1d(
            np.intersect1d(first.seen_classes, first.target), first.class_embeddings.index
        )

    @cached_property
    def splits(self) -> dict[str, NDArray[np.intp]]:
        """Unseen classes of each split that have a vector, of the splits with rows to test on."""
        first = self.parts[0]
        usable = np.setdiff1d(first.class_embeddings.index, first.seen_classes)
        candidates = {
            name: np.intersect1d(classes, usable)
            for name, classes in first.splits.items()
            if name not in _SEEN
        }
        return {
            name: classes
            for name, classes in candidates.items()
            if any(np.isin(part.target, classes).any() for part in self.parts)
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What is left out of the splits."""
        first = self.parts[0]
        notes = []
        for name, listed in first.splits.items():
            if name in _SEEN:
                continue
            classes = np.unique(listed)
            is_seen = np.isin(classes, first.seen_classes)
            has_vector = np.isin(classes, first.class_embeddings.index)
            n_seen, n_bare = is_seen.sum(), (~is_seen & ~has_vector).sum()
            if name not in self.splits:
                notes.append(f"{name} left out: it has no rows to test on")
            elif n_seen or n_bare:
                notes.append(
                    f"{name}: {n_seen} seen classes and {n_bare} without a vector taken out of "
                    f"{len(classes)}"
                )
        return tuple(notes)

    @cached_property
    def facts(self) -> Facts:
        """What must be known to list runs."""
        vectors = self.parts[0].class_embeddings
        shapes = np.array([part.data.shape for part in self.parts])
        arrays = [part.target for part in self.parts] + list(self.splits.values())
        return Facts(
            name=self.name,
            fingerprint=fingerprint(
                vectors.to_numpy(),
                vectors.index.to_numpy(),
                shapes,
                *arrays,
            ),
            sides=(SIDE,),
            classes=vectors.index.to_numpy(),
            seen_classes=self.seen_classes,
            splits=tuple(self.splits),
        )

    def class_embeddings(self, run: Run) -> dict[str, pd.DataFrame]:
        """Return the vectors of the seen classes and of the split of a run."""
        unseen = self.splits[run.split] if run.split else self.seen_classes[:0]
        return {SIDE: self.parts[0].class_embeddings.loc[[*self.seen_classes, *unseen]]}

    def training_rows(self) -> tuple[NDArray[np.float32], NDArray]:
        """Read the rows of the seen classes and scale them."""
        first = self.parts[0]
        rows = np.flatnonzero(np.isin(first.target, self.seen_classes))
        X = first.data[rows]
        # In place, as there may be 10 GB of them.
        self._scaler = MinMaxScaler(copy=False).fit(X)
        return self._scaler.transform(X), first.target[rows]

    def add_shots(
        self, run: Run, X: NDArray[np.float32], y: NDArray
    ) -> tuple[NDArray[np.float32], NDArray]:
        """Return the training rows as they are."""
        return X, y

    def classifier_parameters(self, run: Run) -> dict[str, Any]:
        """Return what a run needs besides its latents and its label space: nothing."""
        return {}

    def score(self, model: GZSLClassifier, run: Run) -> Scores:
        """Test a fitted model on the rows of its split, a chunk at a time."""
        n_classes = len(model.classes_)
        n_rows, n_hits = np.zeros(n_classes), np.zeros((len(HITS), n_classes))
        for X, y in self._read_test_rows(self.splits[run.split]):
            columns = np.searchsorted(model.classes_, y)
            ranks = _ranks(model.decision_function(self._scaler.transform(X)), columns)
            n_rows += np.bincount(columns, minlength=n_classes)
            for hits, k in zip(n_hits, HITS, strict=True):
                hits += np.bincount(columns[ranks < k], minlength=n_classes)
        is_tested = n_rows > 0
        return {
            f"Hit@{k}": float(np.mean(hits[is_tested] / n_rows[is_tested]))
            for hits, k in zip(n_hits, HITS, strict=True)
            if k < n_classes
        }

    def _read_test_rows(
        self, classes: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.intp]]]:
        for part in self.parts:
            rows = np.flatnonzero(np.isin(part.target, classes))
            for start in range(0, len(rows), CHUNK):
                chunk = rows[start : start + CHUNK]
                yield part.data[chunk], part.target[chunk]


def _ranks(scores: NDArray, columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """Count the classes ahead of the true one, ties in their order as in `hit_at_k_score`."""
    if scores.ndim == 1:  # of two classes
        scores = np.column_stack([np.zeros_like(scores), scores])
    own = np.take_along_axis(scores, columns[:, np.newaxis], axis=1)
    is_before = np.arange(scores.shape[1]) < columns[:, np.newaxis]
    return ((scores > own) | ((scores == own) & is_before)).sum(axis=1)
