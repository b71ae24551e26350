"""The page of unseen letters that ``python -m skcada --plot FILE`` draws."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_COLUMNS, N_ROWS = 10, 6
# Okabe and Ito's, which colour-blind readers tell apart; a sign says the same.
RIGHT, WRONG = "#0072B2", "#D55E00"


def check_target(file: str) -> None:
    """Raise an ImportError without matplotlib, a ValueError or OSError if it cannot write `file`.

    Training takes a minute, so that nothing of this should come out after it.
    """
    if find_spec("matplotlib") is None:
        raise ImportError('--plot needs matplotlib. Install it: pip install "skcada[plots]"')
    from matplotlib.backend_bases import FigureCanvasBase

    path = Path(file)
    known = FigureCanvasBase.get_supported_filetypes()
    if path.suffix[1:].lower() not in known:
        raise ValueError(
            f"matplotlib knows no format by the ending of {file!r}. Name a file that ends in "
            f"one of {', '.join(f'.{ending}' for ending in sorted(known))}."
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {str(path.parent)!r} to write {file!r} to.")
    if path.is_dir():
        raise IsADirectoryError(f"{file!r} is a folder. Name a file to write to.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f"{file!r} may not be written. Name a file elsewhere.")


def choose_rows(target: NDArray, rows: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Draw one row of each of as many classes as the page has room for, in the order of labels."""
    shuffled = np.random.default_rng(seed).permutation(rows)
    _, first = np.unique(target[shuffled], return_index=True)
    # The classes whose rows come first are as random as the rows.
    chosen = shuffled[np.sort(first)[: N_COLUMNS * N_ROWS]]
    return chosen[np.argsort(target[chosen])]


def draw_page(
    images: NDArray[np.uint8], letters: NDArray, predicted: NDArray, *, h: float
) -> Figure:
    """Draw each image below its letter and above the letter that it was taken for."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    n_rows = -(-len(images) // N_COLUMNS)
    figure = Figure(
        figsize=(0.85 * N_COLUMNS, 1.4 * n_rows + 0.9), layout=ConstrainedLayoutEngine(hspace=0.15)
    )
    n_right = int(np.sum(letters == predicted))
    figure.suptitle(
        "Letters that were never shown, and below each what the vote took it for\n"
        f"{n_right} of {len(images)} right; H = {h:.3f} over all test rows"
    )
    panels = figure.subplots(n_rows, N_COLUMNS, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for axes, image, letter, guess in zip(panels, images, letters, predicted, strict=False):
        is_right = letter == guess
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=255)
        # The one font of matplotlib's own that has all letters and signs.
        style = {"fontfamily": "DejaVu Sans", "fontsize": "large"}
        axes.set_title(letter, pad=0, **style)
        axes.text(
            0.5,
            0.0,
            f"{'✓' if is_right else '✗'} {guess}",
            color=RIGHT if is_right else WRONG,
            fontweight="normal" if is_right else "bold",
            ha="center",
            va="top",
            transform=axes.transAxes,
            **style,
        )
    return figure
