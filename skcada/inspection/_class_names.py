"""The names of classes beside their embeddings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skcada._classes.labels import check_labels, format_labels
from skcada.inspection._class_colors import MAX_COLORS
from skcada.inspection._free_places import boxes_around, find_free

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.text import Annotation


def classes_to_name(annotate: Any, classes: pd.Index) -> pd.Index:
    """Return the classes whose names are wanted.

    Parameters
    ----------
    annotate : "auto", bool or array-like of class labels
        As of :meth:`LatentSpaceDisplay.plot`.
    classes : Index
        The class of each embedding.

    Returns
    -------
    Index

    Raises
    ------
    ValueError
        If `annotate` lists a class that has no embedding.
    """
    if isinstance(annotate, str):  # "auto"
        annotate = classes.nunique() <= MAX_COLORS
    if isinstance(annotate, bool | np.bool_):
        return classes if annotate else classes[:0]
    if not len(annotate):
        return classes[:0]
    classes, listed = check_labels(class_embeddings=classes, annotate=annotate)
    unknown = listed[~listed.isin(classes)].unique()
    if len(unknown):
        raise ValueError(
            f"annotate lists classes that have no embedding: {format_labels(unknown)}. Leave them "
            "out, or add rows to class_embeddings."
        )
    return listed


def write_names(
    ax: "Axes",
    classes: pd.Index,
    points: NDArray,
    *,
    is_seen: NDArray[np.bool_],
    fontsize: str | None,
    markers: Sequence["PathCollection"],
) -> list["Annotation"]:
    """Write names beside points, where they cover neither markers nor each other, if they can.

    Parameters
    ----------
    ax : Axes
        With all points and with the shape that it will have.
    classes : Index of shape (n_names,)
    points : ndarray of shape (n_names, 2)
    is_seen : ndarray of shape (n_names,)
        Which of the classes are seen.
    fontsize : str or None
        None is matplotlib's default.
    markers : sequence of PathCollection
        What is drawn below the names, and should not be covered by them.

    Returns
    -------
    list of Annotation
    """
    from matplotlib.patheffects import withStroke

    # The axes get their shape only when they are drawn.
    ax.apply_aspect()
    unit = ax.figure.dpi / 72
    diameters = [np.sqrt(each.get_sizes())[:, None] for each in markers]
    taken = np.concatenate(
        [
            boxes_around(ax.transData.transform(each.get_offsets()), unit * diameter)
            for each, diameter in zip(markers, diameters, strict=True)
        ]
    )
    radius = max(diameter.max() for diameter in diameters) / 2
    middle = np.mean(ax.get_xlim())
    names = []
    for label, xy, of_seen in zip(classes, points, is_seen.tolist(), strict=True):
        name = ax.annotate(
            str(label),
            (xy[0], xy[1]),
            (0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=fontsize,
            fontweight="normal" if of_seen else "bold",
            # Legible on the dots.
            path_effects=[withStroke(linewidth=2, foreground="white")],
            annotation_clip=True,
            zorder=1 + max(each.get_zorder() for each in markers),
        )
        size = np.array(name.get_window_extent().size) / unit
        places = _places_beside(size, radius, is_right=xy[0] > middle, is_seen=of_seen)
        boxes = boxes_around(ax.transData.transform(xy) + unit * places, unit * size)
        best = find_free(boxes, taken)
        name.xyann = tuple(places[best])
        taken = np.vstack([taken, boxes[best]])
        names.append(name)
    return names


def _places_beside(size: NDArray, radius: float, *, is_right: bool, is_seen: bool) -> NDArray:
    """Return where the middle of a name may lie, in points from its point, the best place first."""
    # Towards the middle, so that long names stay in the axes; an unseen class often lies on a seen
    # one, so that their names go to different sides.
    x, y = (-1 if is_right else 1), (-1 if is_seen else 1)
    width, height = size / 2
    places = []
    for gap in (radius + 1, radius + 7):
        corners = [(i * (width + gap), j * (gap + 2)) for i in (x, -x) for j in (y, -y)]
        sides = [(i * (width + gap + 1), 0) for i in (x, -x)]
        ends = [(0, j * (height + gap)) for j in (y, -y)]
        places += corners + sides + ends
    return np.array(places)
