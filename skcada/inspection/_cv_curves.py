"""The seen-unseen curves in the results of a cross-validation.

The keys are those that `average` of :mod:`skcada.model_selection._penalty_choice` writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada.exceptions import reading

# S and U of one fold.
FoldCurve = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class CVCurves:
    """The mean curve over the folds, and the curves of the folds."""

    # Increasing; S, U and H are the means at each.
    penalties: NDArray[np.float64]
    s: NDArray[np.float64]
    u: NDArray[np.float64]
    h: NDArray[np.float64]
    folds: list[FoldCurve]

    def at(self, seen_penalty: float) -> tuple[float, float, float]:
        """Return S, U and H at one of the penalties."""
        nearest = int(np.abs(self.penalties - seen_penalty).argmin())
        # Each penalty stands for an interval whose ends are not known, so no other one will do.
        if not np.isclose(self.penalties[nearest], seen_penalty):
            raise ValueError(
                f"seen_penalty={seen_penalty!r} is not one of the penalties in cv_results, the "
                f"nearest of which is {self.penalties[nearest]:.6g}. Pass best_seen_penalty_ of "
                "the same fit, or None."
            )
        return float(self.s[nearest]), float(self.u[nearest]), float(self.h[nearest])


def read_cv_results(cv_results: Mapping[str, ArrayLike] | pd.DataFrame | None) -> CVCurves:
    """Read the `cv_results_` of a `TunedSeenPenaltyClassifierCV`."""
    needed = ("seen_penalty", "mean_S", "mean_U", "mean_H", "split0_S", "split0_U")
    if not isinstance(cv_results, Mapping | pd.DataFrame) or any(
        key not in cv_results for key in needed
    ):
        found = "is None" if cv_results is None else "holds no seen-unseen curves"
        raise ValueError(
            f"cv_results {found}. Pass the cv_results_ of a fitted TunedSeenPenaltyClassifierCV, "
            "which is None only where it had nothing to tune; for any other classifier use "
            "from_estimator."
        )

    def read(key: str) -> NDArray[np.float64]:
        with reading("cv_results", "seen-unseen curves"):
            return np.asarray(cv_results[key], dtype=np.float64)

    n_penalties = read("seen_penalty").size

    def column(key: str) -> NDArray[np.float64]:
        values = read(key)
        if values.ndim != 1 or len(values) < 2 or len(values) != n_penalties:
            raise ValueError(
                f"cv_results[{key!r}] has the shape {values.shape}, but must hold one number for "
                "each of two or more penalties. Pass what a fit left there, as it is."
            )
        if np.isnan(values).any():
            raise ValueError(f"cv_results[{key!r}] holds NaN. Pass what a fit left there.")
        return values

    splits = takewhile(lambda split: f"split{split}_S" in cv_results, count())
    folds = [(column(f"split{split}_S"), column(f"split{split}_U")) for split in splits]
    penalties, s, u, h = map(column, needed[:4])
    return CVCurves(penalties, s, u, h, folds)
