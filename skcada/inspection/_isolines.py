"""Lines of constant harmonic mean."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

# Marks the lines, which are drawn once however many curves share the axes, and their labels.
GROUP_ID = "line of constant H"
VALUES = np.arange(1, 10) / 10


def draw_isolines(ax: "Axes") -> list["Line2D"]:
    """Draw S against U for H = 0.1, 0.2 and so on, unless the axes have these lines already.

    Parameters
    ----------
    ax : Axes
        With U on the horizontal and S on the vertical axis.

    Returns
    -------
    list of Line2D
        The lines that were drawn. :func:`label_isolines` writes their values on them.
    """
    if any(line.get_gid() == GROUP_ID for line in ax.lines):
        return []
    lines = []
    for h in VALUES:
        # To S = 1, where U is the least.
        u = np.geomspace(h / (2 - h), 1.0, 100)
        lines += ax.plot(u, _seen_on(h, u), color="0.8", linewidth=0.8, zorder=1, gid=GROUP_ID)
    return lines


def label_isolines(ax: "Axes") -> None:
    """Write H on the lines, where no curve runs through it.

    That is at the right end of a line, or as near to it as the curves on the axes let it. Values
    that were written before a further curve was drawn are moved.

    Parameters
    ----------
    ax : Axes
        With all curves and with the limits that they will have.
    """
    from matplotlib.patheffects import withStroke

    from skcada.inspection._free_places import boxes_around, find_free

    if not any(line.get_gid() == GROUP_ID for line in ax.lines):
        return
    for text in [text for text in ax.texts if text.get_gid() == GROUP_ID]:
        text.remove()
    # The axes get their shape only when they are drawn.
    ax.apply_aspect()
    points = ax.figure.dpi / 72
    curves = [line for line in ax.lines if line.get_gid() != GROUP_ID]
    paths = [line.get_transform().transform_path(line.get_path()) for line in curves]
    paths.append(ax.patch.get_transform().transform_path(ax.patch.get_path()))
    taken = np.concatenate(
        [
            boxes_around(
                line.get_transform().transform(line.get_xydata()), points * line.get_markersize()
            )
            for line in curves
            if line.get_marker() not in ("None", "none", None)
        ]
        or [np.empty((0, 4))]
    )
    for h in VALUES:
        places = _places_along(h)
        text = ax.annotate(
            f"H = {h:.1f}",
            places[0],
            ha="center",
            va="center",
            fontsize="x-small",
            color="0.5",
            path_effects=[withStroke(linewidth=3, foreground=ax.get_facecolor())],
            zorder=1.1,
            gid=GROUP_ID,
        )
        size = np.array(text.get_window_extent().size) + 4 * points
        boxes = boxes_around(ax.transData.transform(places), size)
        best = find_free(boxes, taken, paths)
        text.xy = places[best]
        text.set_position(places[best])
        taken = np.vstack([taken, boxes[best]])


def _seen_on(h: float, u: NDArray) -> NDArray:
    return h * u / (2 * u - h)


def _places_along(h: float) -> NDArray:
    """Return points of a line at equal distances, from its right end on."""
    u = np.geomspace(1.0, h / (2 - h), 1000)
    line = np.column_stack([u, _seen_on(h, u)])
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    stops = np.arange(0, length[-1], 0.005)
    return np.column_stack([np.interp(stops, length, column) for column in line.T])
