"""Figures of the gallery that explain themselves.

An axes needs a label for x and y, a figure needs a title, which is also what a screen reader says
of the image, and the text before the code must say what to see. A figure that lacks one of them
fails the build.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sphinx.errors import ExtensionError
from sphinx_gallery.py_source_parser import split_code_and_text_blocks
from sphinx_gallery.scrapers import matplotlib_scraper


def scrape(block: Sequence, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Save the figures of a code block, if each of them explains itself.

    Parameters
    ----------
    block : tuple of (str, str, int)
        Kind, content and first line of the block.
    block_vars : dict
        The variables of the block, of which `src_file` is the path of the example.
    gallery_conf : dict
        The settings of the gallery.

    Returns
    -------
    str
        The images, in reStructuredText.

    Raises
    ------
    ExtensionError
        If a figure lacks a label or a title, or if no text precedes its code.
    """
    faults = [fault for number in plt.get_fignums() for fault in find_faults(plt.figure(number))]
    if plt.get_fignums() and not has_caption(block, block_vars["src_file"]):
        faults.append("no text block right before the code says what to see")
    if faults:
        raise ExtensionError(
            f"{block_vars['src_file']}, figure of the code from line {block[2]}: "
            f"{'; '.join(faults)}. CONTRIBUTING.rst says what a figure needs."
        )
    return matplotlib_scraper(block, block_vars, gallery_conf)


def find_faults(figure: Figure) -> list[str]:
    """Return what a figure lacks.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    list of str
        Empty, if it has a title and each axes a label for x and y. Colour bars and axes that are
        switched off, which hold a legend or an image, need none, and a label counts for all axes
        that share its axis.
    """
    faults = []
    needing = [ax for ax in figure.axes if ax.axison and ax.get_label() != "<colorbar>"]
    for ax in needing:
        for name, found in (
            ("x", figure.get_supxlabel() or _shared_label(ax, "x")),
            ("y", figure.get_supylabel() or _shared_label(ax, "y")),
        ):
            if not found:
                faults.append(f"axes {figure.axes.index(ax)} has no {name}-label")
    if not figure.get_suptitle() and not any(ax.get_title() for ax in figure.axes):
        faults.append("no title")
    return faults


def has_caption(block: Sequence, path: str) -> bool:
    """Return whether a text block comes right before a code block of an example.

    Parameters
    ----------
    block : tuple of (str, str, int)
        Kind, content and first line of the code block.
    path : str
        The file of the example.

    Returns
    -------
    bool
    """
    _, blocks = split_code_and_text_blocks(path)
    lines = [line for _, _, line in blocks]
    kind, text, _ = blocks[lines.index(block[2]) - 1]
    return kind == "text" and bool(text.strip())


def _shared_label(ax: Axes, name: str) -> str:
    siblings = getattr(ax, f"get_shared_{name}_axes")().get_siblings(ax)
    return "".join(getattr(sibling, f"get_{name}label")() for sibling in siblings)
