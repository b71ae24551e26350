"""Parts that both commands of this folder use."""

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Parser whose complaints a command prints in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print before it exits."""
        raise ValueError(message)


def positive(text: str) -> int:
    """Read an argument that is an integer above zero."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def say(line: str) -> None:
    """Print a line to stderr at once."""
    print(line, file=sys.stderr, flush=True)
