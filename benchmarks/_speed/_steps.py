"""A step of the training against the plain loop and against the unavoidable work."""

import math
from collections.abc import Callable
from functools import partial

import torch
from _official import OFFICIAL_VAE

from _speed._floor import StepFloor
from _speed._plain import PlainTrainer, PlainVAE
from _speed._results import Result
from _speed._settings import Settings
from _speed._sizes import Problem, generate_sized
from _speed._task import Task
from _speed._timing import time_in_turn
from skcada._training import VAETrainer

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
PLAIN = "plain loop, float32"


def last_epoch(trainer: VAETrainer) -> int:
    """Return an epoch in which all three weights are at their full value."""
    return trainer.max_iter - 1


def plain_trainer(problem: Problem, trainer: VAETrainer) -> PlainTrainer:
    """Make a plain loop with the network and the batch size of one of skcada."""
    return PlainTrainer(
        PlainVAE(trainer.network), problem.X, problem.y, problem.attributes, trainer.batch_size
    )


def measure_official_step(settings: Settings, task: Task) -> list[Result]:
    """Time steps of 50 rows, as the authors take them.

    Parameters
    ----------
    settings : Settings
        How to measure.
    task : Task
        Of measuring it.

    Returns
    -------
    list of Result
        Milliseconds a step.
    """
    return _measure(settings, task, "step", settings.sizes.n_steps, OFFICIAL_VAE, with_plain=True)


def measure_large_step(settings: Settings, task: Task) -> list[Result]:
    """Time steps of 512 rows, the most that the default settings take.

    Parameters
    ----------
    settings : Settings
        How to measure.
    task : Task
        Of measuring it.

    Returns
    -------
    list of Result
        Milliseconds a step.
    """
    recipe = {"batch_size": 512}
    return _measure(
        settings, task, "large-step", settings.sizes.n_large_steps, recipe, with_plain=False
    )


def _measure(
    settings: Settings, task: Task, part: str, n_steps: int, recipe: dict, *, with_plain: bool
) -> list[Result]:
    # So many rows that one epoch is n_steps steps, each of the full batch size.
    sizes = settings.sizes
    n_rows = n_steps * recipe["batch_size"]
    problem = generate_sized(sizes, n_rows)
    trainers = {
        name: problem.trainer(sizes.transformer(**{**recipe, "precision": name})) for name in DTYPES
    }
    cases: dict[str, Callable[[], object]] = {}
    if with_plain:
        like = trainers["float32"]
        plain = plain_trainer(problem, like)
        cases[PLAIN] = partial(plain.run, n_steps, like.weights_at(last_epoch(like)))
    for name, trainer in trainers.items():
        floor = StepFloor(trainer.network, trainer.batch_size, trainer.dtype)
        cases[f"skcada, {name}"] = partial(trainer.run_epoch, last_epoch(trainer))
        cases[f"floor, {name}"] = partial(floor.run, n_steps)
    seconds = time_in_turn(cases, settings.n_rounds, task, units=dict.fromkeys(cases, n_steps))
    best = {name: min(values) for name, values in seconds.items()}
    floors = {f"skcada, {name}": best[f"floor, {name}"] for name in trainers}
    return [
        Result(
            part,
            name,
            "ms a step",
            [1000 * value for value in values],
            plain=best.get(PLAIN, math.nan) / best[name],
            floor=floors.get(name, math.nan) / best[name],
        )
        for name, values in seconds.items()
    ]
