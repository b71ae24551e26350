"""What the displays look alike in."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers tell apart.
BLACK, BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = (
    "#000000",
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)


def new_figure(n_rows: int = 1, **kwargs: Any) -> tuple["Figure", Any]:
    """Make a figure in which there is room for a legend beside the axes.

    Parameters
    ----------
    n_rows : int, default=1
        Number of axes, one below the other.
    **kwargs
        Of :func:`matplotlib.pyplot.subplots`.

    Returns
    -------
    figure : Figure
    axes : Axes or ndarray of Axes
    """
    import matplotlib.pyplot as plt

    # Not "constrained", which cuts off the legend of axes with an equal aspect.
    width, height = plt.rcParams["figure.figsize"]
    return plt.subplots(n_rows, figsize=(1.25 * width, height), layout="compressed", **kwargs)


def add_legend(ax: "Axes", **kwargs: Any) -> None:
    """Put the legend where it does not cover the data.

    That is beside the axes where the figure has a layout that makes room for it; otherwise it
    would be cut off, and is put where it covers least.

    Parameters
    ----------
    ax : Axes
    **kwargs
        Of its `legend`.
    """
    figure = ax.get_figure(root=True)
    if figure is not None and figure.get_layout_engine() is not None:
        kwargs |= {"loc": "upper left", "bbox_to_anchor": (1, 1), "frameon": False}
    ax.legend(**kwargs)
