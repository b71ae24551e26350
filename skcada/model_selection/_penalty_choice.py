"""The choice of a penalty by the seen-unseen curves of several folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcada.exceptions import warn_user

# The accuracies S and U of one fold, and the penalties from which on they hold.
Curve = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

# Accuracies are sums of rounded weights: those that differ by less are the same.
ROUNDING = 1e-9

# Penalties that differ by less, relative to their size, are the same: many classifiers subtract
# them from scores of single precision, which could not tell them apart.
RESOLUTION = float(np.finfo(np.float32).eps)


def average(curves: list[Curve]) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Return the ends of the intervals in which no accuracy changes, and `cv_results_`."""
    breaks = np.unique(np.concatenate([penalties[1:-1] for *_, penalties in curves]))
    if not len(breaks):
        breaks = np.zeros(1)
    # Rows that tie at the same penalty may do so in other scores, which are rounded differently. No
    # penalty lies safely in between, so there is no interval either.
    resolution = RESOLUTION * (np.median(np.abs(breaks)) + np.abs(breaks[1:]))
    breaks = breaks[np.append(np.diff(breaks) > resolution, True)]
    # The outer ends stand for infinite ones. They are far enough from the others that rounding
    # cannot give the outer intervals the accuracies of their neighbours.
    margin = 2 * (np.ptp(breaks) / (len(breaks) - 1) if len(breaks) > 1 else 1.0)
    edges = np.concatenate([[breaks[0] - margin], breaks, [breaks[-1] + margin]])
    middles = (edges[:-1] + edges[1:]) / 2

    split_results: dict[str, NDArray[np.float64]] = {}
    for split, (seen, unseen, penalties) in enumerate(curves):
        entry = penalties.searchsorted(middles, side="right") - 1
        s, u = seen[entry], unseen[entry]
        h = np.divide(2 * s * u, s + u, out=np.zeros_like(s), where=s + u > 0)
        split_results |= {f"split{split}_S": s, f"split{split}_U": u, f"split{split}_H": h}
    means = {
        f"mean_{name}": np.mean(
            [split_results[f"split{split}_{name}"] for split in range(len(curves))], axis=0
        )
        for name in "SUH"
    }
    return edges, {"seen_penalty": middles} | means | split_results


def is_highest(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the highest values."""
    return values >= values.max() - ROUNDING


def is_best_at_target(
    seen: NDArray[np.float64], unseen: NDArray[np.float64], least_seen: float
) -> NDArray[np.bool_]:
    """Mark the penalties with the highest U, then S, among those that keep S at the wanted value.

    Where no penalty keeps it, there is a warning, and the highest S is wanted.
    """
    target = min(least_seen, seen.max())
    if target < least_seen - ROUNDING:
        warn_user(
            f"scoring={least_seen} is out of reach: even where no row goes to an unseen class, the "
            f"mean per-class accuracy on seen classes is {target:.3f}, which is kept instead. "
            "Lower scoring, or improve estimator."
        )
    is_best = seen >= target - ROUNDING
    for accuracy in (unseen, seen):
        is_best &= is_highest(np.where(is_best, accuracy, -1.0))
    return is_best


def middle_of_widest(is_best: NDArray[np.bool_], edges: NDArray[np.float64]) -> float:
    """Return the penalty in the middle of the widest run of neighbouring best intervals."""
    steps = np.diff(is_best.astype(np.int8), prepend=0, append=0)
    starts, ends = edges[steps == 1], edges[steps == -1]
    widest = np.argmax(ends - starts)
    # Rows tie at the ends of intervals, so the middle of the interval there is returned.
    interval = edges.searchsorted((starts[widest] + ends[widest]) / 2, side="right") - 1
    return float((edges[interval] + edges[interval + 1]) / 2)
