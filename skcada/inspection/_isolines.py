"""Lines of constant harmonic mean."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

# Marks the lines, which are drawn once however many curves share the axes.
GROUP_ID = "line of constant H"
U_OF_LABEL = 0.95


def draw_isolines(ax: "Axes") -> list["Line2D"]:
    """Draw S against U for H = 0.1, 0.2 and so on, unless the axes have these lines already.

    Parameters
    ----------
    ax : Axes
        With U on the horizontal and S on the vertical axis.

    Returns
    -------
    list of Line2D
        The lines that were drawn, each with its value written near its end.
    """
    from matplotlib.patheffects import withStroke

    if any(line.get_gid() == GROUP_ID for line in ax.lines):
        return []
    lines = []
    for h in np.arange(1, 10) / 10:
        # From S = 1 on, where U is the least.
        u = np.geomspace(h / (2 - h), 1.0, 100)
        s = h * u / (2 * u - h)
        lines += ax.plot(u, s, color="0.8", linewidth=0.8, zorder=1, gid=GROUP_ID)
        ax.annotate(
            f"H = {h:.1f}",
            (U_OF_LABEL, float(np.interp(U_OF_LABEL, u, s))),
            ha="center",
            va="center",
            fontsize="x-small",
            color="0.5",
            path_effects=[withStroke(linewidth=3, foreground=ax.get_facecolor())],
            zorder=1.1,
        )
    return lines
