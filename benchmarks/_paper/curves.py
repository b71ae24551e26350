"""Seen-unseen curves of few points, which can be averaged over runs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Two per degree, both axes included.
ANGLES = np.radians(np.linspace(0, 90, 181))


class Curve(NamedTuple):
    """Accuracies on seen and unseen classes, between 0 and 1, at each of `ANGLES`."""

    seen: NDArray[np.float64]
    unseen: NDArray[np.float64]


def thin(seen: NDArray[np.float64], unseen: NDArray[np.float64]) -> Curve:
    """Return the points in which rays from the origin meet a curve.

    `seen` must fall to 0 and `unseen` rise from 0, so that each ray meets the curve once. Points of
    all curves then lie at the same angles, whatever the scale of the penalties.
    """
    points = np.stack([seen, unseen])
    # Below 0 where a point lies on the side of the seen axis.
    side = np.outer(np.cos(ANGLES), unseen) - np.outer(np.sin(ANGLES), seen)
    after = np.maximum((side >= 0).argmax(axis=1), 1)
    rays = np.arange(len(ANGLES))
    begin, end = side[rays, after - 1], side[rays, after]
    share = np.divide(-begin, end - begin, out=np.zeros(len(rays)), where=end > begin)
    met = points[:, after - 1] + share * (points[:, after] - points[:, after - 1])
    # Several points may lie on an axis.
    met[:, 0], met[:, -1] = points[:, 0], points[:, -1]
    return Curve(*met)


def average(curves: Sequence[Curve]) -> Curve:
    """Return the mean of curves along each ray."""
    return Curve(*np.mean(curves, axis=0))
