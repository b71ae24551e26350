"""Colors, figures, legends and labels of the displays."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patheffects import AbstractPathEffect
    from matplotlib.text import Annotation

# Okabe and Ito's colors, which colour-blind readers tell apart.
BLACK, BLUE, VERMILLION, GREEN, ORANGE, SKY = (
    "#000000",
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#E69F00",
    "#56B4E9",
)
# Ten colors that colour-blind readers tell apart. Nobody tells more than ten apart.
PALETTE = "petroff10"
MAX_COLORS = 10
# Marks the lines of constant H, which are drawn once however many curves share the axes.
ISOLINE_ID = "line of constant H"


class ClassColors:
    """One color per class, or one per role where there are too many classes to tell apart."""

    def __init__(self, classes: pd.Index) -> None:
        # The first classes get the colors that differ most.
        self.classes = classes
        self.by_class = len(classes) <= MAX_COLORS

    def __call__(self, labels: pd.Index, role: str, *, is_embedding: bool) -> list[Any]:
        import matplotlib as mpl

        if self.by_class:
            palette = mpl.color_sequences[PALETTE]
            return [palette[position] for position in self.classes.get_indexer(labels)]
        return [self.role_color(role, is_embedding)] * len(labels)

    def role_color(self, role: str, is_embedding: bool) -> str:
        """Return the color of a role in the legend."""
        if self.by_class:
            return "0.4"
        # Embeddings are darker than the many rows around them.
        light, dark = (SKY, BLUE) if role == "seen" else (ORANGE, VERMILLION)
        return dark if is_embedding else light

    def handle(self, label: str, marker: str, role: str, is_embedding: bool) -> "Line2D":
        """Make an entry of the legend."""
        from matplotlib.lines import Line2D

        color = self.role_color(role, is_embedding)
        return Line2D(
            [],
            [],
            linestyle="none",
            label=label,
            marker=marker,
            color=color,
            markeredgecolor=BLACK if is_embedding else color,
            # Tripods are thin.
            markersize=10 if marker in ("*", "1", "2") else 6 if is_embedding else 4.5,
        )


def new_figure(n_rows: int = 1, **kwargs: Any) -> tuple["Figure", Any]:
    """Make a figure with axes one below the other and room for a legend beside them."""
    import matplotlib.pyplot as plt

    # Not "constrained", which cuts off the legend of axes with an equal aspect.
    width, height = plt.rcParams["figure.figsize"]
    return plt.subplots(n_rows, figsize=(1.25 * width, height), layout="compressed", **kwargs)


def add_legend(ax: "Axes", **kwargs: Any) -> None:
    """Put the legend beside the axes, or inside them if the layout makes no room for it there."""
    figure = ax.get_figure(root=True)
    if figure is not None and figure.get_layout_engine() is not None:
        kwargs |= {"loc": "upper left", "bbox_to_anchor": (1, 1), "frameon": False}
    ax.legend(**kwargs)


def write_names(
    ax: "Axes", classes: pd.Index, points: NDArray, *, is_seen: NDArray[np.bool_], **kwargs: Any
) -> list["Annotation"]:
    """Write the names of classes beside the points of their embeddings."""
    middle = np.mean(ax.get_xlim())
    names = []
    for label, (x, y), seen in zip(classes, points.tolist(), is_seen.tolist(), strict=True):
        # Long names stay in the axes if they point to the middle. An unseen class often lies on a
        # seen one: its name stands above, the other one below.
        is_right = x > middle
        name = ax.annotate(
            str(label),
            (x, y),
            (-5 if is_right else 5, -4 if seen else 4),
            textcoords="offset points",
            ha="right" if is_right else "left",
            va="top" if seen else "bottom",
            fontweight="normal" if seen else "bold",
            path_effects=_outline("white"),
            annotation_clip=True,
            **kwargs,
        )
        names.append(name)
    return names


def draw_isolines(ax: "Axes") -> list["Line2D"]:
    """Draw S against U for H = 0.1, 0.2 and so on, unless the axes have these lines already."""
    if any(line.get_gid() == ISOLINE_ID for line in ax.lines):
        return []
    lines = []
    for h in np.arange(1, 10) / 10:
        # From the U at which S = 1.
        u = np.geomspace(h / (2 - h), 1.0, 100)
        s = h * u / (2 * u - h)
        lines += ax.plot(u, s, color="0.8", linewidth=0.8, zorder=1, gid=ISOLINE_ID)
        # Few curves come as near to the right end as this.
        ax.text(
            0.93,
            np.interp(0.93, u, s),
            f"H = {h:.1f}",
            ha="center",
            va="center",
            fontsize="x-small",
            color="0.5",
            path_effects=_outline(ax.get_facecolor()),
            zorder=1.1,
        )
    return lines


def _outline(color: Any) -> list["AbstractPathEffect"]:
    """Keep text legible on markers and lines."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2, foreground=color)]
