"""Parts that the commands of this folder share."""

import argparse
import sys


def positive(text: str) -> int:
    """Read an argument that is an integer above zero."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return int(text)


def say(line: str) -> None:
    """Print a line to stderr at once."""
    print(line, file=sys.stderr, flush=True)
