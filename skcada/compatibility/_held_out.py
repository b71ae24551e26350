"""The choice of settings on classes that are held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcada._classes.roles import ClassRoles
from skcada.compatibility._scaling import EmbeddingScaling, Scaling, find_center
from skcada.compatibility._training_set import TrainingSet
from skcada.metrics import seen_unseen_auc_score
from skcada.model_selection import GZSLShuffleSplit
from skcada.model_selection._held_out_folds import Fold, make_folds

# Splits are cheap in up to so many coordinates. In more, many classes make do with a single one.
FEW_COORDINATES = 1000
MANY_CLASSES = 100


def make_held_out_folds(
    cv: Any,
    rows: NDArray,
    labels: NDArray,
    roles: ClassRoles,
    *,
    random_state: int | np.random.RandomState | None,
) -> list[Fold]:
    """Make folds that hold out whole classes, with all shots in training.

    Where `cv` is None, they are random ones, or none if there is too little to hold out. Without
    class embeddings there are none.
    """
    if not roles.embeddings.is_given:
        return []
    is_costly = rows.shape[1] > FEW_COORDINATES and len(roles.seen) >= MANY_CLASSES
    n_splits = 1 if is_costly else 3
    chosen = GZSLShuffleSplit(n_splits, random_state=random_state) if cv is None else cv
    try:
        return make_folds(chosen, rows, labels, is_shot=roles.is_shot(labels), random_state=None)
    except ValueError:
        if cv is None:
            return []
        raise


class HeldOutFold:
    """What one fold trains on, and what competes in its test.

    Parts of a training set are scaled anew, by what is in the fold. `training` holds them,
    `tested` the scaled rows of the test, and `vectors` the scaled embeddings of its classes: those
    that the fold trains on, and those that it holds out.
    """

    def __init__(
        self,
        data: TrainingSet,
        roles: ClassRoles,
        fold: Fold,
        *,
        feature_scaling: Scaling,
        embedding_scaling: Scaling,
    ) -> None:
        train, test = fold
        self.tested_codes = data.class_codes[test]
        self.is_seen = ~roles.hold_out(data.class_codes[train]).is_unseen
        self.columns = np.union1d(np.flatnonzero(self.is_seen), self.tested_codes)
        # Rows are of unit length already, and the fold has another mean.
        center = find_center(data.rows[train], feature_scaling)
        scaling = EmbeddingScaling.fit(roles.embeddings, self.is_seen, embedding_scaling)
        vectors = scaling.apply(roles.embeddings).astype(data.vectors.dtype)
        rows = data.rows[train] - center
        self.training = TrainingSet(rows, data.class_codes[train], vectors)
        self.tested = data.rows[test] - center
        self.vectors = vectors[self.columns]

    def score(self, class_scores: NDArray) -> float:
        """Return the AUSUC of scores of the tested rows, a column for each of `vectors`."""
        return seen_unseen_auc_score(
            self.tested_codes,
            class_scores,
            classes=self.columns,
            seen_classes=np.flatnonzero(self.is_seen),
        )


@dataclass(frozen=True, eq=False)
class HeldOutFolds:
    """Folds of a training set, each of which is copied and scaled when its turn comes."""

    data: TrainingSet
    roles: ClassRoles
    folds: list[Fold]
    feature_scaling: Scaling
    embedding_scaling: Scaling

    def __len__(self) -> int:
        return len(self.folds)

    def __iter__(self) -> Iterator[HeldOutFold]:
        for fold in self.folds:
            yield HeldOutFold(
                self.data,
                self.roles,
                fold,
                feature_scaling=self.feature_scaling,
                embedding_scaling=self.embedding_scaling,
            )


def choose(
    candidates: dict[str, NDArray], scores: list[list[float]], preferred: int | None = None
) -> tuple[int, dict[str, NDArray]]:
    """Return the position of the best candidate, and `cv_results_`.

    `scores` holds one list per fold, `candidates` the settings, whose middle is the most usual one.
    Of candidates that score alike, the one nearest to that at `preferred`, or else to the middle,
    is the best. Without scores it is the middle.
    """
    values = np.log(np.column_stack(list(candidates.values())))
    mean = np.mean(scores, axis=0) if scores else np.full(len(values), np.nan)
    center = len(values) // 2 if preferred is None or not scores else preferred
    distance = np.abs(values - values[center]).sum(axis=1)
    best = np.lexsort((distance, -np.nan_to_num(mean).round(9)))[0]
    splits = {f"split{i}_test_score": np.asarray(split) for i, split in enumerate(scores)}
    return int(best), {**candidates, **splits, "mean_test_score": mean}
