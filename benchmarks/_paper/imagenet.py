"""ImageNet with its 21,842 classes: what to train on, and tests whose rows stay on disk."""

import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler

from _paper.runs import Facts, Run
from _paper.xlsa17 import Data, Scores
from skcada import GZSLClassifier
from skcada.datasets import load_imagenet21k

FEATURES_FILE = "ILSVRC2012_res101_feature.mat"
FILES = ("ImageNet_w2v.mat", "ImageNet_splits.mat")
SIDE = "word vectors"
HITS = (1, 2, 5, 10, 20)
# Rows scored at a time: with 22,000 classes their scores take 90 MB.
CHUNK = 1024


class ImageNet:
    """The data set, its features on disk; files ``*feature*.mat`` have rows of unseen classes."""

    def __init__(self, name: str, folder: Path) -> None:
        others = sorted({path.name for path in folder.glob("*feature*.mat")} - {FEATURES_FILE})
        with warnings.catch_warnings():
            # That splits hold seen classes: these are taken out, which the notes say.
            warnings.simplefilter("ignore")
            self.parts = [
                load_imagenet21k(folder, features_file=f) for f in (FEATURES_FILE, *others)
            ]
        first = self.parts[0]
        self.vectors, targets = first.class_embeddings, [part.target for part in self.parts]
        seen_with_rows = np.intersect1d(first.seen_classes, first.target)
        self.seen_classes = np.intersect1d(seen_with_rows, self.vectors.index)
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
            if len(classes) < len(listed):
                self.notes.append(
                    f"{split}: {len(listed) - len(unseen)} seen classes and "
                    f"{len(unseen) - len(classes)} without a vector taken out of {len(listed)}"
                )
        shapes = [part.data.shape for part in self.parts]
        arrays = [self.vectors.to_numpy(), self.vectors.index.to_numpy(), *self.splits.values()]
        fingerprint = joblib.hash([*arrays, *targets, shapes])[:12]
        self.facts = Facts(name, fingerprint, (SIDE,), splits=tuple(self.splits))

    def class_embeddings(self, run: Run) -> dict[str, pd.DataFrame]:
        """Return the vectors of the seen classes and of the split of a run."""
        unseen = self.splits[run.split] if run.split else self.seen_classes[:0]
        return {SIDE: self.vectors.loc[[*self.seen_classes, *unseen]]}

    def training_rows(self) -> Data:
        """Read the rows of the seen classes and scale them."""
        first = self.parts[0]
        rows = np.flatnonzero(np.isin(first.target, self.seen_classes))
        X = first.data[rows]
        # In place, as there may be 10 GB of them.
        self.scaler = MinMaxScaler(copy=False).fit(X)
        return self.scaler.transform(X), first.target[rows]

    def add_shots(self, run: Run, X: NDArray[np.float32], y: NDArray) -> Data:
        """Return the training rows as they are: there are no shots."""
        return X, y

    def classifier_parameters(self) -> dict[str, Any]:
        """Return nothing: without shots a classifier knows by itself what is unseen."""
        return {}

    def score(self, model: GZSLClassifier, run: Run) -> Scores:
        """Test a fitted model on the rows of its split, a chunk at a time."""
        ranks, labels = [], []
        for part in self.parts:
            rows = np.flatnonzero(np.isin(part.target, self.splits[run.split]))
            for chunk in np.split(rows, range(CHUNK, len(rows), CHUNK)):
                y = part.target[chunk]
                if len(y):
                    scores = model.decision_function(self.scaler.transform(part.data[chunk]))
                    ranks.append(rank_of_label(scores, np.searchsorted(model.classes_, y)))
                    labels.append(y)
        rank = np.concatenate(ranks)
        hits = {f"Hit@{k}": rank < k for k in HITS if k < len(model.classes_)}
        means = pd.DataFrame(hits).groupby(np.concatenate(labels)).mean().mean()
        return {str(name): value for name, value in means.items()}


def rank_of_label(scores: NDArray, columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """Count the classes ahead of the true one, ties in their order as in `hit_at_k_score`."""
    if scores.ndim == 1:  # of two classes
        scores = np.column_stack([np.zeros_like(scores), scores])
    own = np.take_along_axis(scores, columns[:, np.newaxis], axis=1)
    is_before = np.arange(scores.shape[1]) < columns[:, np.newaxis]
    return ((scores > own) | ((scores == own) & is_before)).sum(axis=1)
