"""Times of cases that run in turn, and the memory of a call in a process of its own."""

import re
import time
import warnings
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from _command_line import say
from threadpoolctl import threadpool_limits

RATIOS = ["plain/this", "floor/this", "this/bound", "this/linear"]
COLUMNS = ["part", "case", "unit", "minimum", "median", *RATIOS, "note", "numbers"]
NAN = float("nan")
Cases = dict[str, Callable[[], object]]
Numbers = dict[str, list[float]]  # one per round, by case


def set_threads(n_threads: int) -> None:
    """Let torch and every BLAS of this process use a number of threads."""
    torch.set_num_threads(n_threads)
    threadpool_limits(n_threads)


def time_in_turn(settings: Namespace, cases: Cases, *, is_slow: bool = False) -> Numbers:
    """Time each case once per round, in seconds, so that all of them see the same machine."""
    seconds: Numbers = {name: [] for name in cases}
    # What is slow is not warmed up either: that would be another whole fit.
    for i in range(min(settings.rounds, 2)) if is_slow else range(-1, settings.rounds):
        for name, call in cases.items():
            if settings.progress:
                say(f"{name}, {f'round {i + 1}' if i >= 0 else 'warm-up'}")
            started = time.perf_counter()
            call()
            if i >= 0:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def tabulate(
    unit: str,
    numbers: Mapping[str, Any],
    *,
    plain: str = "",
    floors: Mapping[str, str] | None = None,
    bound: float = NAN,
    sizes: Sequence[float] | None = None,
    note: str | None = None,
) -> pd.DataFrame:
    """Make a row per case from its numbers, one per round; ratios are those of minima.

    `plain` names the case that "plain/this" compares with, `floors` maps a case to that of its
    unavoidable work, and times may grow with `sizes`, one per case.
    """
    best = pd.Series({case: min(values) for case, values in numbers.items()})
    frame = pd.DataFrame({"unit": unit, "minimum": best}, columns=COLUMNS)
    frame["case"], frame["note"] = frame.index, note
    frame["median"] = [float(pd.Series(values).median()) for values in numbers.values()]
    frame["numbers"] = [" ".join(f"{value:.6g}" for value in v) for v in numbers.values()]
    frame["plain/this"] = best.get(plain, NAN) / best
    frame["floor/this"] = pd.Series(floors or {}, dtype=object).map(best).astype(float) / best
    frame["this/bound"] = best / bound
    growth = pd.Series(sizes or NAN, index=best.index)
    frame["this/linear"] = best / best.iloc[0] / (growth / growth.iloc[0])
    return frame.reset_index(drop=True)


def measure_peak(n_threads: int, prepare: Callable, *arguments: Any) -> tuple[int, int, int]:
    """Return bytes of the input, of the peak above it and of a whole new process, on Linux.

    `prepare` gets the arguments; it returns the size of the input, in memory from then on, and the
    call to measure.
    """
    # A forked process would have the memory of this one.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(_measure_here, n_threads, prepare, arguments).result()


def _measure_here(n_threads: int, prepare: Callable, arguments: Any) -> tuple[int, int, int]:
    set_threads(n_threads)
    warnings.simplefilter("ignore")
    n_input, call = prepare(*arguments)
    before = _peak_bytes()
    call()
    return n_input, _peak_bytes() - before, _peak_bytes()


def _peak_bytes() -> int:
    # Not ru_maxrss, with which a process starts at that of its parent, which would hide its own.
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return 1024 * int(kilobytes)
