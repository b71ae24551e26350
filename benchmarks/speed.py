"""Measure how far skcada is from what the hardware allows.

``python benchmarks/speed.py --n-threads 2 --output speed.csv``. Parts:

step        a training step of 50 rows, as in the authors' recipe, against a plain loop and against
            the floor: its matrix products and one pass over the optimiser's state
large-step  the same of 512 rows, against the floor
fit         whole fits of both recipes, against the plain loop by the authors' recipe
predict     prediction against its matrix products, and the memory of predicting many rows
search      twelve candidates that share a VAE, against one fit of it and twelve of the softmax
memory      the memory of a fit
growth      the time of an epoch over rows, classes and features
accuracy    accuracies of both recipes; needs ``--data``

What is compared is timed in turn, once a round. Ratios are of the minima over the rounds. Data are
generated, in the size of CUB. All is measured on the CPU, by default settings where nothing else is
said. The machine should do nothing else meanwhile; on one core it takes about 20 minutes, and
5 GB of memory for the prediction of 500,000 rows.
"""

import argparse
import os
import platform
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from _command_line import Parser, positive, say
from _progress import add_option, make_bars
from _speed._accuracy import load, measure_accuracy
from _speed._fit import measure_fit
from _speed._growth import measure_growth
from _speed._memory import MeasurementError
from _speed._predict import measure_fit_memory, measure_predict
from _speed._results import Result, format_part, save
from _speed._search import measure_search
from _speed._settings import Settings
from _speed._sizes import SIZES
from _speed._steps import measure_large_step, measure_official_step
from _speed._task import Task
from _speed._timing import threads
from sklearn.callback import CallbackSupportMixin, with_callbacks

import skcada
from skcada.exceptions import CollapseWarning

PARTS: dict[str, Callable[[Settings, Task], list[Result]]] = {
    "step": measure_official_step,
    "large-step": measure_large_step,
    "fit": measure_fit,
    "predict": measure_predict,
    "search": measure_search,
    "memory": measure_fit_memory,
    "growth": measure_growth,
    "accuracy": measure_accuracy,
}


class SpeedTest(CallbackSupportMixin):
    """Measures parts and writes their results.

    Parameters
    ----------
    settings : Settings
        How to measure.
    output : Path
        File of all numbers.

    Attributes
    ----------
    n_failed : int
        Number of parts that failed.
    """

    def __init__(self, settings: Settings, output: Path) -> None:
        self.settings = settings
        self.output = output
        self.n_failed = 0

    @with_callbacks
    def run(self, parts: Sequence[str]) -> None:
        """Measure parts, one after the other, and print their tables."""
        context = self._init_callback_context(task_name="run", max_subtasks=len(parts))
        context.call_on_fit_task_begin(estimator=self)
        results: list[Result] = []
        for part in parts:
            try:
                with Task(self, context).part(part, n_parts=None) as task:
                    measured = PARTS[part](self.settings, task)
            except MeasurementError as error:
                say(f"speed.py: {part}: {error}")
                self.n_failed += 1
                continue
            results += measured
            save(results, self.output)
            print(f"\n{part}\n{format_part(measured)}", flush=True)
        context.call_on_fit_task_end(estimator=self)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print tables and write all numbers to a file.

    Parameters
    ----------
    argv : sequence of str or None, default=None
        The arguments; None takes those of the command line.

    Returns
    -------
    int
        The exit status: 0; 1 if a part failed; 2 if something is wrong with the arguments or the
        data, before anything was measured; 130 if interrupted.
    """
    try:
        arguments = _parser().parse_args(argv)
        parts = _choose_parts(arguments)
        bars = make_bars(arguments)
        settings = Settings(
            sizes=SIZES["quick" if arguments.quick else "full"],
            n_rounds=arguments.rounds,
            n_threads=arguments.n_threads,
            folder=arguments.data,
            n_seeds=arguments.n_seeds,
        )
        if "accuracy" in parts:
            load(arguments.data)
        if not arguments.output.absolute().parent.is_dir():
            raise ValueError(f"the folder of --output {str(arguments.output)!r} does not exist")
    except (OSError, ImportError, ValueError) as error:
        say(f"speed.py: {error}")
        return 2
    print(_describe_machine(settings.n_threads))
    speed_test = SpeedTest(settings, arguments.output).set_callbacks(*bars)
    try:
        with threads(settings.n_threads), warnings.catch_warnings():
            # Generated data are random: nothing is to be learnt from them.
            warnings.simplefilter("ignore", CollapseWarning)
            speed_test.run(parts)
    except KeyboardInterrupt:
        say(f"speed.py: interrupted; finished parts are in '{arguments.output}'")
        return 130
    return int(speed_test.n_failed > 0)


def _describe_machine(n_threads: int) -> str:
    cpu = torch.cpu.get_capabilities().get("cpu_name", platform.machine())
    return (
        f"{cpu}, {n_threads} of {os.cpu_count()} threads, skcada {skcada.__version__}, "
        f"torch {torch.__version__}, numpy {np.__version__}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="speed.py", description="Measure how far skcada is from what the hardware allows."
    )
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        metavar="PART",
        help=f"some of {', '.join(PARTS)} (default: all that the arguments allow)",
    )
    parser.add_argument(
        "--n-threads", type=positive, default=1, help="of torch and BLAS (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        default=5,
        help="how often each case is timed, whole fits at most twice (default: %(default)s)",
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that all works")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="a data set in the xlsa17 format, for accuracies",
    )
    parser.add_argument(
        "--n-seeds", type=positive, default=1, help="accuracies to take (default: %(default)s)"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("speed.csv"),
        metavar="FILE",
        help="CSV file of all numbers, replaced (default: %(default)s)",
    )
    add_option(parser)
    return parser


def _choose_parts(arguments: argparse.Namespace) -> list[str]:
    parts = arguments.parts or [part for part in PARTS if part != "accuracy" or arguments.data]
    if "accuracy" in parts and arguments.data is None:
        raise ValueError("the part 'accuracy' needs --data FOLDER, a data set in the xlsa17 format")
    return list(dict.fromkeys(parts))


if __name__ == "__main__":
    sys.exit(main())
