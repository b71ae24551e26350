"""Data sets in the xlsa17 format: what to train on, and tests."""

import hashlib
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import MinMaxScaler

from _paper._runs import Facts, Run, described_classes
from _paper._side_information import read_side_information
from _paper._store import Scores
from skcada import GZSLClassifier
from skcada.datasets import load_xlsa17
from skcada.metrics import gzsl_scorer
from skcada.model_selection import few_shot_split

Rows = NDArray[np.intp]


def fingerprint(*arrays: NDArray) -> str:
    """Return a short text that differs where the arrays do."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Xlsa17:
    """A data set that is in memory.

    Parameters
    ----------
    name : str
        Its name.
    X : ndarray of shape (n_samples, n_features)
        Features, scaled.
    y : ndarray of shape (n_samples,)
        Class labels.
    trainval, test_seen, test_unseen : ndarray of int
        Row numbers.
    sides : dict of str to DataFrame
        The kinds of side information, with the classes that have rows.
    notes : tuple of str
        What is to be said about the data.
    """

    name: str
    X: NDArray[np.float32]
    y: NDArray
    trainval: Rows
    test_seen: Rows
    test_unseen: Rows
    sides: dict[str, pd.DataFrame]
    notes: tuple[str, ...]

    @classmethod
    def load(cls, name: str, folder: Path) -> "Xlsa17":
        """Load a folder and scale its features to [0, 1] where they are trained on.

        Parameters
        ----------
        name : str
            The name of the data set.
        folder : Path
            The folder.

        Returns
        -------
        Xlsa17
            The data set.

        Raises
        ------
        OSError, ImportError, ValueError
            If the folder cannot be read.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            bunch = load_xlsa17(folder)
        sides = read_side_information(folder, bunch.class_embeddings)
        # Classes without any row would compete in no published experiment.
        classes = np.union1d(bunch.seen_classes, bunch.unseen_classes)
        scaler = MinMaxScaler(copy=False).fit(bunch.data[bunch.trainval])
        return cls(
            name=name,
            X=scaler.transform(bunch.data),
            y=bunch.target,
            trainval=bunch.trainval,
            test_seen=bunch.test_seen,
            test_unseen=bunch.test_unseen,
            sides={kind: table.loc[classes] for kind, table in sides.items()},
            notes=tuple(str(warning.message) for warning in caught),
        )

    @cached_property
    def facts(self) -> Facts:
        """What must be known to list runs."""
        _, n_rows = np.unique(self.y[self.test_unseen], return_counts=True)
        rows = (self.trainval, self.test_seen, self.test_unseen)
        tables = (table.to_numpy() for table in self.sides.values())
        return Facts(
            name=self.name,
            fingerprint=fingerprint(self.X, self.y, *rows, *tables),
            sides=tuple(self.sides),
            classes=np.unique(self.y[np.concatenate(rows)]),
            seen_classes=np.unique(self.y[self.trainval]),
            smallest_unseen=int(n_rows.min()),
        )

    def class_embeddings(self, run: Run) -> dict[str, pd.DataFrame]:
        """Return the side information of a run by kind."""
        first, *others = run.sides
        described = described_classes(self.facts.classes, run.share, run.seed)
        tables = {first: self.sides[first]}
        return tables | {kind: self.sides[kind].loc[described] for kind in others}

    def training_rows(self) -> tuple[NDArray[np.float32], NDArray]:
        """Return features and labels of the seen classes."""
        return self.X[self.trainval], self.y[self.trainval]

    def add_shots(
        self, run: Run, X: NDArray[np.float32], y: NDArray
    ) -> tuple[NDArray[np.float32], NDArray]:
        """Append the shots of a run to training rows."""
        if not run.n_shots:
            return X, y
        shots, _ = self._split_unseen(run.n_shots, run.seed)
        return np.concatenate([X, self.X[shots]]), np.concatenate([y, self.y[shots]])

    def classifier_parameters(self, run: Run) -> dict[str, Any]:
        """Return what a run needs besides its latents and its label space."""
        return {"unseen_classes": np.unique(self.y[self.test_unseen])}

    def score(self, model: GZSLClassifier, run: Run) -> Scores:
        """Test a fitted model."""
        _, unseen = self._split_unseen(run.held_out_shots, run.seed)
        if run.label_space == "unseen":
            return {"T1": model.score(self.X[unseen], self.y[unseen])}
        test = np.concatenate([self.test_seen, unseen])
        return gzsl_scorer(model, self.X[test], self.y[test])

    def _split_unseen(self, n_shots: int, seed: int) -> tuple[Rows, Rows]:
        labels = self.y[self.test_unseen]
        shots, rest = few_shot_split(
            labels, unseen_classes=np.unique(labels), n_shots=n_shots, random_state=seed
        )
        return self.test_unseen[shots], self.test_unseen[rest]
