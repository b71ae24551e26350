"""The colors of classes."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from skcada.inspection._style import BLACK, BLUE, ORANGE, SKY, VERMILLION

if TYPE_CHECKING:
    from matplotlib.lines import Line2D

# Ten colors that colour-blind readers tell apart; nobody could with more.
PALETTE = "petroff10"
MAX_COLORS = 10


class ClassColors:
    """Give each class a color, or each of the two roles where there are many classes.

    Parameters
    ----------
    classes : Index
        All classes; the first ones get the colors that differ most.

    Attributes
    ----------
    by_class : bool
        Whether each class has a color.
    """

    def __init__(self, classes: pd.Index) -> None:
        self.classes = classes
        self.by_class = len(classes) <= MAX_COLORS

    def __call__(self, labels: pd.Index, role: str, *, is_embedding: bool) -> list[Any]:
        import matplotlib as mpl

        if self.by_class:
            palette = mpl.color_sequences[PALETTE]
            return [palette[position] for position in self.classes.get_indexer(labels)]
        return [self.of_role(role, is_embedding)] * len(labels)

    def of_role(self, role: str, is_embedding: bool) -> str:
        """Return the color of the legend."""
        if self.by_class:
            return "0.4"
        # Embeddings are darker than the many rows around them.
        light, dark = (SKY, BLUE) if role == "seen" else (ORANGE, VERMILLION)
        return dark if is_embedding else light

    def handle(self, label: str, marker: str, role: str, is_embedding: bool) -> "Line2D":
        """Make an entry of the legend."""
        from matplotlib.lines import Line2D

        color = self.of_role(role, is_embedding)
        return Line2D(
            [],
            [],
            linestyle="none",
            label=label,
            marker=marker,
            color=color,
            markeredgecolor=BLACK if is_embedding else color,
            markersize=10 if marker == "*" else 6 if is_embedding else 4.5,
        )
