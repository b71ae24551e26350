"""The option of the commands in this folder that shows their progress."""

import argparse

from sklearn.callback import ProgressBar


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that shows progress.

    Parameters
    ----------
    parser : ArgumentParser
        That of the command.
    """
    parser.add_argument("--progress", action="store_true", help="show bars (needs rich)")


def make_bars(arguments: argparse.Namespace) -> list[ProgressBar]:
    """Make what shows the progress, also of what is done in other processes.

    Parameters
    ----------
    arguments : Namespace
        Those of the command.

    Returns
    -------
    list of ProgressBar
        Callbacks; none without the option.

    Raises
    ------
    ImportError
        If rich is not installed.
    """
    if not arguments.progress:
        return []
    try:
        return [ProgressBar(max_propagation_depth=None)]
    except ImportError as error:
        raise ImportError(
            'argument --progress: needs rich: pip install "skcada[progress]"'
        ) from error
