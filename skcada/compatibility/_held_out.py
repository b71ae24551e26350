"""The choice of settings on classes that are held out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcada._classes.roles import ClassRoles
from skcada.metrics import seen_unseen_auc_score
from skcada.model_selection import GZSLShuffleSplit
from skcada.model_selection._held_out_folds import Fold, make_folds


def make_held_out_folds(
    cv: Any,
    rows: NDArray,
    labels: NDArray,
    roles: ClassRoles,
    *,
    n_splits: int,
    random_state: int | np.random.RandomState | None,
) -> list[Fold]:
    """Make folds that hold out whole classes, with all shots in training.

    Where `cv` is None, there are `n_splits` random ones, or none if there is too little to hold
    out.
    """
    chosen = GZSLShuffleSplit(n_splits, random_state=random_state) if cv is None else cv
    try:
        return make_folds(chosen, rows, labels, is_shot=roles.is_shot(labels), random_state=None)
    except ValueError:
        if cv is None:
            return []
        raise


class HeldOutClasses:
    """The classes of one fold: those it trains on, and those that compete in its test."""

    def __init__(self, class_codes: NDArray[np.intp], roles: ClassRoles, fold: Fold) -> None:
        train, test = fold
        self.tested_codes = class_codes[test]
        self.is_seen = ~roles.hold_out(class_codes[train]).is_unseen
        self.columns = np.union1d(np.flatnonzero(self.is_seen), self.tested_codes)

    def score(self, class_scores: NDArray) -> float:
        """Return the AUSUC of scores of the test rows, a column for each of `columns`."""
        return seen_unseen_auc_score(
            self.tested_codes,
            class_scores,
            classes=self.columns,
            seen_classes=np.flatnonzero(self.is_seen),
        )


def choose(
    candidates: dict[str, NDArray], scores: list[list[float]]
) -> tuple[int, dict[str, NDArray]]:
    """Return the position of the best candidate, and `cv_results_`.

    `scores` holds one list per fold, `candidates` the settings, whose middle is the most usual one.
    Of candidates that score alike, the one nearest to the middle is the best.
    """
    values = np.log(np.column_stack(list(candidates.values())))
    mean = np.mean(scores, axis=0) if scores else np.full(len(values), np.nan)
    distance = np.abs(values - values[len(values) // 2]).sum(axis=1)
    best = np.lexsort((distance, -np.nan_to_num(mean).round(9)))[0]
    splits = {f"split{i}_test_score": np.asarray(split) for i, split in enumerate(scores)}
    return int(best), {**candidates, **splits, "mean_test_score": mean}
