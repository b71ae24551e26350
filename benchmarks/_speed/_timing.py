"""Timing with a fixed number of threads, the cases of a comparison in turn."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits

from _speed._task import Task


@contextmanager
def threads(n_threads: int) -> Iterator[None]:
    """Compute with a number of threads, and with as many as before afterwards.

    Parameters
    ----------
    n_threads : int
        Threads of torch and of every BLAS.
    """
    before = torch.get_num_threads()
    with threadpool_limits(limits=n_threads):
        torch.set_num_threads(n_threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def time_in_turn(
    cases: Mapping[str, Callable[[], object]],
    n_rounds: int,
    task: Task,
    *,
    units: Mapping[str, int] | None = None,
    warm_up: bool = True,
) -> dict[str, list[float]]:
    """Time each case once a round, one after the other, so that all see the same machine.

    Parameters
    ----------
    cases : mapping of str to callable
        What to time.
    n_rounds : int
        How often.
    task : Task
        Gets a part, and that one a part for each call.
    units : mapping of str to int or None, default=None
        How many steps a call does, where it is not one.
    warm_up : bool, default=True
        Whether to call each case once before the first round.

    Returns
    -------
    dict of str to list of float
        Seconds a unit, one number a round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    with task.part("time-in-turn", (n_rounds + warm_up) * len(cases)) as calls:
        if warm_up:
            for name, call in cases.items():
                with calls.part(f"warm up {name}"):
                    call()
        for i in range(n_rounds):
            for name, call in cases.items():
                with calls.part(f"{name}, round {i}"):
                    started = time.perf_counter()
                    call()
                    elapsed = time.perf_counter() - started
                seconds[name].append(elapsed / (units or {}).get(name, 1))
    return seconds
