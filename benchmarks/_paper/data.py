"""Data sets on disk, the rows to train on, and tests of fitted models."""

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import Bunch

from _paper.curves import Curve, thin
from _paper.runs import Facts, Run
from skcada.datasets import (
    load_accented_letters,
    load_imagenet21k,
    load_sentence_embeddings,
    load_xlsa17,
)
from skcada.metrics import gzsl_scorer, seen_unseen_curve
from skcada.model_selection import few_shot_split

XLSA17_FILES = ("res101.mat", "att_splits.mat")
IMAGENET_FILES = ("ILSVRC2012_res101_feature.mat", "ImageNet_w2v.mat", "ImageNet_splits.mat")
# The data set that needs no folder.
LETTERS = "letters"
HITS = (1, 2, 5, 10, 20)
# Rows of ImageNet scored at a time: with 22,000 classes their scores take 90 MB.
CHUNK = 1024
Data = tuple[NDArray[np.float32], NDArray]
# By name, accuracies between 0 and 1, and seconds.
Scores = dict[str, float]


class InMemory:
    """A data set in memory, with a scaler that is fitted to training rows.

    `kinds` are tables of side information by their names.
    """

    notes: tuple[str, ...] = ()

    def __init__(
        self, name: str, bunch: Bunch, kinds: dict[str, pd.DataFrame], scaler: Any
    ) -> None:
        self.y, self.trainval = bunch.target, bunch.trainval
        self.test_seen, self.test_unseen = bunch.test_seen, bunch.test_unseen
        # Classes without any row would compete in no published experiment.
        self.classes = np.union1d(bunch.seen_classes, bunch.unseen_classes)
        self.sides = {kind: table.loc[self.classes] for kind, table in kinds.items()}
        self.unseen_classes, n_rows = np.unique(self.y[self.test_unseen], return_counts=True)
        arrays = [bunch.data, self.y, self.trainval, self.test_seen, self.test_unseen]
        fingerprint = joblib.hash([*arrays, *(each.to_numpy() for each in self.sides.values())])
        self.X = bunch.data
        facts = Facts(name, fingerprint[:12], tuple(self.sides), int(n_rows.min()))
        self.facts = facts._replace(n_features=self.X.shape[1])
        self.scaler = clone(scaler).fit(self.X[self.trainval])

    def class_embeddings(self, run: Run) -> dict[str, pd.DataFrame]:
        """Return the side information of a run by kind."""
        first, *others = run.side.split("+")
        # A larger share of the classes contains a smaller one.
        order = np.random.RandomState(run.seed).permutation(self.classes)
        described = order[: round(run.share * len(order) / 100)]
        tables = {first: self.sides[first]}
        return tables | {kind: self.sides[kind].loc[described] for kind in others}

    def training_rows(self, run: Run) -> Data:
        """Return features and labels of the seen classes."""
        return self._rows(run, self.trainval)

    def _rows(self, run: Run, rows: NDArray[np.intp]) -> Data:
        """Return some rows, scaled if a VAE reads them."""
        X = self.X[rows]
        # A minimum and a maximum per feature would change the angles that the systems compare;
        # they scale by themselves. The scaling may be in place: X is a copy.
        return self.scaler.transform(X) if run.has_vae and len(X) else X, self.y[rows]

    def add_shots(self, run: Run, X: NDArray[np.float32], y: NDArray) -> Data:
        """Append the shots of a run to training rows."""
        shots, _ = self._split_unseen(run.n_shots, run.seed)
        X_shots, y_shots = self._rows(run, shots)
        return np.concatenate([X, X_shots]), np.concatenate([y, y_shots])

    def score(self, model: Any, run: Run) -> Scores:
        """Test a fitted model."""
        _, unseen = self._split_unseen(run.held_out_shots, run.seed)
        if run.label_space == "unseen":
            return {"T1": model.score(*self._rows(run, unseen))}
        return gzsl_scorer(model, *self._rows(run, np.concatenate([self.test_seen, unseen])))

    def curve(self, model: Any, run: Run) -> Curve:
        """Return the seen-unseen curve of a fitted model of all classes."""
        X, y = self._rows(run, np.concatenate([self.test_seen, self.test_unseen]))
        labels = {"classes": model.classes_, "seen_classes": model.seen_classes_}
        seen, unseen, _ = seen_unseen_curve(y, model.decision_function(X), **labels)
        return thin(seen, unseen)

    def _split_unseen(self, n: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows = self.test_unseen
        options: dict[str, Any] = {"unseen_classes": self.unseen_classes, "random_state": seed}
        shots, rest = few_shot_split(self.y[rows], n_shots=n, **options)
        return rows[shots], rows[rest]


class Xlsa17(InMemory):
    """A data set in the xlsa17 format."""

    def __init__(self, name: str, folder: Path, scaler: Any) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            bunch = load_xlsa17(folder)
        self.notes = tuple(str(warning.message) for warning in caught)
        kinds = _read_side_information(folder, bunch.class_embeddings)
        super().__init__(name, bunch, kinds, scaler)


class Letters(InMemory):
    """The accented letters, which come with skcada."""

    def __init__(self, name: str, folder: Path | None, scaler: Any) -> None:
        bunch = load_accented_letters()
        super().__init__(name, bunch, {"attributes": bunch.class_embeddings}, scaler)


def _read_side_information(folder: Path, attributes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Read the attributes, and the sentences if there are some."""
    kinds, pickled = {"attributes": attributes}, folder / "CUB_supporting_data.p"
    if (folder / "sent_splits.mat").is_file():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said of att_splits.mat already
            kinds["sentences"] = load_xlsa17(folder, splits_file="sent_splits.mat").class_embeddings
    elif pickled.is_file():
        kinds["sentences"] = load_sentence_embeddings(pickled, classes=attributes.index)
    return kinds


class ImageNet:
    """The 21,842 classes, their features on disk; test rows are in files ``*feature*.mat``."""

    unseen_classes = None  # what has no row to train on: there are no shots

    def __init__(self, name: str, folder: Path, scaler: Any) -> None:
        features = {path.name for path in folder.glob("*feature*.mat")} - {IMAGENET_FILES[0]}
        with warnings.catch_warnings():
            # Splits may hold seen classes: these are taken out, and the notes say so.
            warnings.simplefilter("ignore")
            files = [IMAGENET_FILES[0], *sorted(features)]
            self.parts = [load_imagenet21k(folder, features_file=file) for file in files]
        first, targets = self.parts[0], [part.target for part in self.parts]
        self.scaler = clone(scaler)
        self.vectors = first.class_embeddings
        usable = np.intersect1d(first.seen_classes, self.vectors.index)
        self.seen_classes = np.intersect1d(usable, first.target)
        if not len(self.seen_classes):
            raise ValueError(f"'{folder}' has no row of a seen class that has a word vector.")
        self.splits: dict[str, NDArray[np.intp]] = {}
        self.notes = []
        for split in [key for key in first.splits if key not in ("train_classes", "val_classes")]:
            listed = np.unique(first.splits[split])
            unseen = np.setdiff1d(listed, first.seen_classes)
            classes = np.intersect1d(unseen, self.vectors.index)
            if not any(np.isin(target, classes).any() for target in targets):
                self.notes.append(f"{split} left out: it has no rows to test on")
                continue
            self.splits[split] = classes
            n_seen, n_bare = len(listed) - len(unseen), len(unseen) - len(classes)
            if n_seen or n_bare:
                out = f"{n_seen} seen classes and {n_bare} without a vector"
                self.notes.append(f"{split}: {out} taken out of {len(listed)}")
        arrays = [self.vectors.to_numpy(), self.vectors.index.to_numpy(), *self.splits.values()]
        shapes = [part.data.shape for part in self.parts]
        fingerprint = joblib.hash([*arrays, *targets, shapes])[:12]
        self.facts = Facts(name, fingerprint, ("word vectors",), splits=tuple(self.splits))

    def class_embeddings(self, run: Run) -> dict[str, pd.DataFrame]:
        """Return the vectors of the seen classes and of the split of a run."""
        unseen = self.splits[run.split] if run.split else self.seen_classes[:0]
        return {run.side: self.vectors.loc[[*self.seen_classes, *unseen]]}

    def training_rows(self, run: Run) -> Data:
        """Read the rows of the seen classes and scale them."""
        first = self.parts[0]
        rows = np.flatnonzero(np.isin(first.target, self.seen_classes))
        X = first.data[rows]
        return self.scaler.fit(X).transform(X), first.target[rows]

    def score(self, model: Any, run: Run) -> Scores:
        """Test a fitted model on the rows of its split, a chunk at a time."""
        ranks, labels = [], []
        for part in self.parts:
            rows = np.flatnonzero(np.isin(part.target, self.splits[run.split]))
            for start in range(0, len(rows), CHUNK):
                chunk = rows[start : start + CHUNK]
                scores = model.decision_function(self.scaler.transform(part.data[chunk]))
                if scores.ndim == 1:  # of two classes
                    scores = np.column_stack([np.zeros_like(scores), scores])
                labels.append(part.target[chunk])
                columns = np.searchsorted(model.classes_, labels[-1])[:, np.newaxis]
                own = np.take_along_axis(scores, columns, axis=1)
                # Ties are in the order of the classes, as in `hit_at_k_score`.
                is_tied_before = (scores == own) & (np.arange(scores.shape[1]) < columns)
                ranks.append(((scores > own) | is_tied_before).sum(axis=1))
        rank, n_classes = np.concatenate(ranks), len(model.classes_)
        hits = pd.DataFrame({f"Hit@{k}": rank < k for k in HITS if k < n_classes})
        return {str(k): v for k, v in hits.groupby(np.concatenate(labels)).mean().mean().items()}


def find_datasets(folder: Path | None) -> list[tuple[str, Path | None, Any]]:
    """Find a data set, or those in its subfolders; return their names, places and classes.

    Without a folder, these are the letters.
    """
    if folder is None:
        return [(LETTERS, None, Letters)]
    if not folder.is_dir():
        raise ValueError(f"There is no folder '{folder}'. Pass one with data sets as --data.")
    if _count(folder, XLSA17_FILES) == 2:
        return [(folder.resolve().name, folder, Xlsa17)]
    children = sorted(path for path in folder.iterdir() if path.is_dir())
    found: list[Any] = [(p.name, p, Xlsa17) for p in children if _count(p, XLSA17_FILES) == 2]
    # The files of ImageNet may lie beside the other data sets.
    for place in [*children, folder]:
        if _count(place, IMAGENET_FILES) and ImageNet not in [kind for *_, kind in found]:
            found.append(("ImageNet", place, ImageNet))
    if not found:
        files = f"{' and '.join(XLSA17_FILES)}, or with {', '.join(IMAGENET_FILES)}"
        raise ValueError(f"'{folder}' holds no data set, a folder with {files}.")
    return found


def _count(folder: Path, files: tuple[str, ...]) -> int:
    return sum((folder / file).is_file() for file in files)


@lru_cache(maxsize=1)
def load(name: str, folder: Path | None, kind: Any, scaler: Any) -> InMemory | ImageNet:
    """Load a data set that was found; the last one is kept."""
    return kind(name, folder, scaler)
