"""Measure how far skcada is from what the hardware allows; see ``benchmarks/README.rst``.

``python benchmarks/speed.py --n-threads 2 --output speed.csv``
"""

import argparse
import platform
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from _command_line import positive, say
from _speed import parts
from _speed.measures import set_threads

import skcada
from skcada.exceptions import CollapseWarning

PARTS: dict[str, Callable[..., pd.DataFrame]] = {
    "step": parts.step,
    "large-step": partial(parts.step, batch_size=512),
}
_others: tuple[Any, ...] = (parts.fit, parts.predict, parts.search, parts.ranking, parts.systems)
_others += (parts.generators, parts.memory, parts.growth, parts.accuracy)
PARTS |= {part.__name__: part for part in _others}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print tables and write all numbers to a file; return 1 if a part failed."""
    parser = _parser()
    settings = parser.parse_args(argv)
    chosen = settings.parts or [part for part in PARTS if part != "accuracy" or settings.data]
    if "accuracy" in chosen and not (settings.data and settings.data.is_dir()):
        parser.error("the part 'accuracy' needs --data FOLDER, in the xlsa17 format")
    if not settings.output.absolute().parent.is_dir():
        parser.error(f"the folder of --output '{settings.output}' does not exist")
    settings.sizes = parts.SIZES["quick" if settings.quick else "full"]
    set_threads(settings.n_threads)
    cpu = getattr(torch.cpu, "get_capabilities", dict)().get("cpu_name", platform.machine())
    versions = f"skcada {skcada.__version__}, torch {torch.__version__}"
    print(f"{cpu}, {settings.n_threads} threads, {versions}")
    frames: list[pd.DataFrame] = []
    n_failed = 0
    for part in dict.fromkeys(chosen):
        try:
            with warnings.catch_warnings():
                # Generated data are random: nothing is to be learnt from them.
                warnings.simplefilter("ignore", CollapseWarning)
                frames.append(PARTS[part](settings).assign(part=part))
        except (RuntimeError, MemoryError, OSError, ValueError) as error:
            # A process that measures memory is killed where there is too little of it.
            n_failed += 1
            say(f"speed.py: {part}: {type(error).__name__}: {error}")
            continue
        pd.concat(frames).to_csv(settings.output, index=False)
        # Without ratios that the part does not have.
        table = frames[-1].drop(columns=["part", "note", "numbers"]).dropna(axis=1, how="all")
        text = table.to_string(index=False, float_format="{:.4g}".format, na_rep="")
        print("", part, text, *frames[-1]["note"].dropna().unique(), sep="\n", flush=True)
    return int(n_failed > 0)


def _parser() -> argparse.ArgumentParser:
    what = "Measure how far skcada is from what the hardware allows."
    parser = argparse.ArgumentParser(prog="speed.py", description=what)
    add = parser.add_argument
    what = f"some of {', '.join(PARTS)} (default: all that the arguments allow)"
    add("--parts", nargs="+", choices=PARTS, metavar="PART", help=what)
    add("--n-threads", type=positive, default=1, help="of torch and BLAS (default: %(default)s)")
    what = "how often each case is timed, whole fits at most twice (default: %(default)s)"
    add("--rounds", type=positive, default=5, help=what)
    add("--quick", action="store_true", help="tiny sizes, to see that all works")
    add("--data", type=Path, metavar="FOLDER", help="data set in the xlsa17 format, for accuracies")
    add("--n-seeds", type=positive, default=1, help="accuracies to take (default: %(default)s)")
    what = "CSV file of all numbers, replaced (default: %(default)s)"
    add("--output", type=Path, default=Path("speed.csv"), metavar="FILE", help=what)
    add("--progress", action="store_true", help="say what is being timed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
