"""Where text covers little.

Places are compared in pixels of the axes as they are. A layout that gives the axes another size
afterwards moves each text along with its point.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.path import Path


def boxes_around(middles: ArrayLike, size: ArrayLike) -> NDArray[np.float64]:
    """Return boxes with given middles.

    Parameters
    ----------
    middles : array-like of shape (n_boxes, 2)
    size : float, or array-like of shape (2,), (n_boxes, 1) or (n_boxes, 2)
        Their widths and heights.

    Returns
    -------
    ndarray of shape (n_boxes, 4)
        Left, bottom, right and top.
    """
    middles = np.reshape(np.asarray(middles, dtype=np.float64), (-1, 2))
    half = np.asarray(size) / 2
    return np.hstack([middles - half, middles + half])


def find_free(boxes: NDArray, taken: NDArray, paths: Sequence["Path"] = ()) -> int:
    """Find a place for a text that covers nothing, or as little as there is.

    Parameters
    ----------
    boxes : ndarray of shape (n_places, 4)
        What the text would cover at each place; the best place first.
    taken : ndarray of shape (n_taken, 4)
        The boxes that it should not cover.
    paths : sequence of Path, default=()
        The lines that should not run through it.

    Returns
    -------
    int
        The first of the places that cover the least area.

    Examples
    --------
    >>> from skcada.inspection._free_places import boxes_around, find_free
    >>> boxes = boxes_around([[0, 0], [1, 0], [2, 0], [3, 0]], 2)
    >>> find_free(boxes, boxes_around([[0, 0]], 1))
    2
    """
    from matplotlib.transforms import Bbox

    low = np.maximum(boxes[:, None, :2], taken[:, :2])
    high = np.minimum(boxes[:, None, 2:], taken[:, 2:])
    covered = np.maximum(high - low, 0).prod(axis=2).sum(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    # Touching a corner is no reason to leave the best place.
    covered[covered < 0.1 * areas] = 0
    for path in paths:
        # As bad as another text there.
        crossed = [path.intersects_bbox(Bbox.from_extents(*box), filled=False) for box in boxes]
        covered += areas * crossed
    return int(covered.argmin())
