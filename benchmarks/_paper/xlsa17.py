"""Data sets in the xlsa17 format: what to train on, and tests."""

import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler

from _paper.runs import Facts, Run
from skcada import GZSLClassifier
from skcada.datasets import load_sentence_embeddings, load_xlsa17
from skcada.metrics import gzsl_scorer
from skcada.model_selection import few_shot_split

Data = tuple[NDArray[np.float32], NDArray]
# By name, accuracies between 0 and 1, and seconds.
Scores = dict[str, float]


class Xlsa17:
    """A data set in memory, its features scaled to [0, 1] where they are trained on."""

    def __init__(self, name: str, folder: Path) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            bunch = load_xlsa17(folder)
        self.notes = [str(warning.message) for warning in caught]
        scaler = MinMaxScaler(copy=False).fit(bunch.data[bunch.trainval])
        self.X, self.y = scaler.transform(bunch.data), bunch.target
        self.trainval = bunch.trainval
        self.test_seen, self.test_unseen = bunch.test_seen, bunch.test_unseen
        # Classes without any row would compete in no published experiment.
        self.classes = np.union1d(bunch.seen_classes, bunch.unseen_classes)
        kinds = read_side_information(folder, bunch.class_embeddings)
        self.sides = {kind: table.loc[self.classes] for kind, table in kinds.items()}
        _, n_rows = np.unique(self.y[self.test_unseen], return_counts=True)
        arrays = [self.X, self.y, self.trainval, self.test_seen, self.test_unseen]
        arrays += [table.to_numpy() for table in self.sides.values()]
        self.facts = Facts(name, joblib.hash(arrays)[:12], tuple(self.sides), int(n_rows.min()))

    def class_embeddings(self, run: Run) -> dict[str, pd.DataFrame]:
        """Return the side information of a run by kind."""
        first, *others = run.side.split("+")
        # A larger share of the classes contains a smaller one.
        order = np.random.RandomState(run.seed).permutation(self.classes)
        described = order[: round(run.share * len(order) / 100)]
        tables = {first: self.sides[first]}
        return tables | {kind: self.sides[kind].loc[described] for kind in others}

    def training_rows(self) -> Data:
        """Return features and labels of the seen classes."""
        return self.X[self.trainval], self.y[self.trainval]

    def add_shots(self, run: Run, X: NDArray[np.float32], y: NDArray) -> Data:
        """Append the shots of a run to training rows."""
        shots, _ = self._split_unseen(run.n_shots, run.seed)
        return np.concatenate([X, self.X[shots]]), np.concatenate([y, self.y[shots]])

    def classifier_parameters(self) -> dict[str, Any]:
        """Return what a classifier needs to tell shots from rows of seen classes."""
        return {"unseen_classes": np.unique(self.y[self.test_unseen])}

    def score(self, model: GZSLClassifier, run: Run) -> Scores:
        """Test a fitted model."""
        _, unseen = self._split_unseen(run.held_out_shots, run.seed)
        if run.label_space == "unseen":
            return {"T1": model.score(self.X[unseen], self.y[unseen])}
        test = np.concatenate([self.test_seen, unseen])
        return gzsl_scorer(model, self.X[test], self.y[test])

    def _split_unseen(self, n_shots: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        labels = self.y[self.test_unseen]
        shots, rest = few_shot_split(
            labels, unseen_classes=np.unique(labels), n_shots=n_shots, random_state=seed
        )
        return self.test_unseen[shots], self.test_unseen[rest]


def read_side_information(folder: Path, attributes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Read every kind of class embedding in a folder, attributes first."""
    kinds = {"attributes": attributes}
    if (folder / "sent_splits.mat").is_file():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said of att_splits.mat already
            kinds["sentences"] = load_xlsa17(folder, splits_file="sent_splits.mat").class_embeddings
    elif (folder / "CUB_supporting_data.p").is_file():
        kinds["sentences"] = load_sentence_embeddings(
            folder / "CUB_supporting_data.p", classes=attributes.index
        )
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as archive:
            names = archive.get("allclasses_names")
            for key in archive.files if names is not None else []:
                array = archive[key]
                if array.ndim == 2 and len(array) == len(names) and array.dtype.kind in "iuf":
                    kinds.setdefault(key.replace("+", "_"), pd.DataFrame(array, index=names))
    for kind, table in kinds.items():
        if set(table.index) != set(attributes.index):
            raise ValueError(f"The classes of {kind} are not those of att_splits.mat.")
    return kinds
