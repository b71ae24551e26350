"""Parts that the commands of this folder share."""

import argparse
import sys
from collections.abc import Sequence


def positive(text: str) -> int:
    """Read an argument that is an integer above zero."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return int(text)


def say(line: str) -> None:
    """Print a line to stderr at once."""
    print(line, file=sys.stderr, flush=True)


def format_rst_table(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells, of which the first is the header, as a table of reStructuredText."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([rule, texts[0], rule, *texts[1:], rule])
