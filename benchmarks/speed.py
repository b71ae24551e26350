"""Measure how far skcada is from what the hardware allows; see ``benchmarks/README.rst``.

``python benchmarks/speed.py --n-threads 2 --output speed.csv``
"""

import argparse
import os
import platform
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from _command_line import Parser, positive, say
from _speed import parts
from _speed.measures import set_threads

import skcada
from skcada.exceptions import CollapseWarning

PARTS: dict[str, Callable[[argparse.Namespace], pd.DataFrame]] = {
    "step": parts.step,
    "large-step": partial(parts.step, batch_size=512),
    "fit": parts.fit,
    "predict": parts.predict,
    "search": parts.search,
    "memory": parts.memory,
    "growth": parts.growth,
    "accuracy": parts.accuracy,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print tables and write all numbers to a file.

    Returns
    -------
    int
        The exit status: 0; 1 if a part failed; 2 if something is wrong with the arguments, before
        anything was measured; 130 if interrupted.
    """
    try:
        settings = _parser().parse_args(argv)
        chosen = settings.parts or [part for part in PARTS if part != "accuracy" or settings.data]
        if "accuracy" in chosen and not (settings.data and settings.data.is_dir()):
            raise ValueError("the part 'accuracy' needs --data FOLDER, in the xlsa17 format")
        if not settings.output.absolute().parent.is_dir():
            raise ValueError(f"the folder of --output {str(settings.output)!r} does not exist")
    except ValueError as error:
        say(f"speed.py: {error}")
        return 2
    settings.sizes = parts.SIZES["quick" if settings.quick else "full"]
    set_threads(settings.n_threads)
    cpu = torch.cpu.get_capabilities().get("cpu_name", platform.machine())
    versions = f"skcada {skcada.__version__}, torch {torch.__version__}, numpy {np.__version__}"
    print(f"{cpu}, {settings.n_threads} of {os.cpu_count()} threads, {versions}")
    frames: list[pd.DataFrame] = []
    chosen = list(dict.fromkeys(chosen))
    try:
        for part in chosen:
            try:
                with warnings.catch_warnings():
                    # Generated data are random: nothing is to be learnt from them.
                    warnings.simplefilter("ignore", CollapseWarning)
                    frames.append(PARTS[part](settings))
            except (RuntimeError, MemoryError, OSError, ValueError) as error:
                # A process that measures memory is killed where there is too little of it.
                say(f"speed.py: {part}: {type(error).__name__}: {error}")
                continue
            pd.concat(frames).to_csv(settings.output, index=False)
            print(f"\n{part}\n{_format(frames[-1])}", flush=True)
    except KeyboardInterrupt:
        say(f"speed.py: interrupted; finished parts are in '{settings.output}'")
        return 130
    return int(len(frames) < len(chosen))


def _format(frame: pd.DataFrame) -> str:
    """Lay out one part without ratios that it does not have, then its notes."""
    table = frame.drop(columns=["part", "note", "numbers"]).dropna(axis="columns", how="all")
    text = table.to_string(index=False, float_format="{:.4g}".format, na_rep="")
    return "\n".join([text, *frame["note"].dropna().unique()])


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="speed.py", description="Measure how far skcada is from what the hardware allows."
    )
    add = parser.add_argument
    what = f"some of {', '.join(PARTS)} (default: all that the arguments allow)"
    add("--parts", nargs="+", choices=PARTS, metavar="PART", help=what)
    what = "of torch and BLAS (default: %(default)s)"
    add("--n-threads", type=positive, default=1, help=what)
    what = "how often each case is timed, whole fits at most twice (default: %(default)s)"
    add("--rounds", type=positive, default=5, help=what)
    add("--quick", action="store_true", help="tiny sizes, to see that all works")
    what = "a data set in the xlsa17 format, for accuracies"
    add("--data", type=Path, metavar="FOLDER", help=what)
    what = "accuracies to take (default: %(default)s)"
    add("--n-seeds", type=positive, default=1, help=what)
    what = "CSV file of all numbers, replaced (default: %(default)s)"
    add("--output", type=Path, default=Path("speed.csv"), metavar="FILE", help=what)
    add("--progress", action="store_true", help="say what is being timed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
