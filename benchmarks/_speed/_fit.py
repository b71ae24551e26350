"""A whole fit of either recipe against the plain loop."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from _official import OFFICIAL_SOFTMAX, OFFICIAL_VAE
from numpy.typing import NDArray

from _speed._latents import draw_latents
from _speed._plain import PlainSoftmax
from _speed._results import Result
from _speed._settings import Settings
from _speed._sizes import Problem, Sizes, generate_sized
from _speed._steps import DTYPES, plain_trainer
from _speed._task import Task
from _speed._timing import time_in_turn
from skcada import GZSLClassifier
from skcada._training import VAETrainer, resolve_precision
from skcada._training.batches import count_steps

PLAIN = "plain loop"
FROM_STEPS = "extrapolated from steps without and with cross-alignment and from softmax steps"
FROM_EPOCHS = (
    "extrapolated from epochs without and with cross-alignment, one draw of the latents and one "
    "epoch of the softmax"
)


def make_classifier(sizes: Sizes, problem: Problem, **parameters: Any) -> GZSLClassifier:
    """Return a classifier of default settings, but on the CPU and seeded.

    Parameters
    ----------
    sizes : Sizes
        Of the networks and of the latents.
    problem : Problem
        Whose attributes it gets.
    **parameters : dict
        Of the transformer.

    Returns
    -------
    GZSLClassifier
        Not fitted.
    """
    return GZSLClassifier(
        sizes.transformer(**parameters),
        classifier=sizes.softmax(),
        class_embeddings=problem.attributes,
        samples_per_class=sizes.samples_per_class,
        random_state=0,
    )


def measure_fit(settings: Settings, task: Task) -> list[Result]:
    """Time a fit by the authors' recipe, extrapolated, and one by default, in full.

    Parameters
    ----------
    settings : Settings
        How to measure.
    task : Task
        Of measuring it.

    Returns
    -------
    list of Result
        Seconds.
    """
    sizes = settings.sizes
    problem = generate_sized(sizes)
    trainers = {
        f"skcada, official recipe, {dtype}": problem.trainer(
            sizes.transformer(**{**OFFICIAL_VAE, "precision": dtype})
        )
        for dtype in DTYPES
    }
    trainer = next(iter(trainers.values()))
    phases = _phases(trainer)
    plain_vae = plain_trainer(problem, trainer)
    transformer = sizes.transformer(max_iter=1, batch_size=512)
    transformer.fit(problem.X, problem.y, problem.attributes)
    latents = draw_latents(transformer, problem, sizes.samples_per_class)
    plain_softmax = PlainSoftmax(*latents, OFFICIAL_SOFTMAX["batch_size"])
    softmax = sizes.softmax(**{**OFFICIAL_SOFTMAX, "max_iter": 1})
    default = make_classifier(sizes, problem)
    precision = str(resolve_precision("auto", torch.device("cpu"))).removeprefix("torch.")
    default_name = f"skcada, default recipe, {precision}"

    cases: dict[str, Callable[[], object]] = {}
    for epoch in phases:
        weights = trainer.weights_at(epoch)
        cases[f"{PLAIN}, epoch {epoch}"] = partial(plain_vae.run, sizes.n_steps, weights)
        for name, each in trainers.items():
            cases[f"{name}, epoch {epoch}"] = partial(each.run_epoch, epoch)
    cases |= {
        "plain softmax": partial(plain_softmax.run, sizes.n_softmax_steps),
        "softmax": partial(softmax.fit, *latents),
        "draw": partial(draw_latents, transformer, problem, sizes.samples_per_class),
        default_name: partial(default.fit, problem.X, problem.y),
    }
    units = {f"{PLAIN}, epoch {epoch}": sizes.n_steps for epoch in phases}
    units["plain softmax"] = sizes.n_softmax_steps
    # Not warmed up: that would be another whole fit.
    seconds = time_in_turn(cases, settings.n_slow_rounds, task, units=units, warm_up=False)

    def total(name: str, steps_per_epoch: int) -> NDArray[np.float64]:
        return sum(
            (
                n * steps_per_epoch * np.array(seconds[f"{name}, epoch {e}"])
                for e, n in phases.items()
            ),
            start=np.zeros(settings.n_slow_rounds),
        )

    n_epochs = OFFICIAL_SOFTMAX["max_iter"]
    n_softmax_steps = n_epochs * count_steps(len(latents[0]), OFFICIAL_SOFTMAX["batch_size"])
    totals = {
        PLAIN: total(PLAIN, count_steps(sizes.n_rows, OFFICIAL_VAE["batch_size"]))
        + n_softmax_steps * np.array(seconds["plain softmax"])
    }
    for name in trainers:
        totals[name] = total(name, 1) + seconds["draw"] + n_epochs * np.array(seconds["softmax"])
    totals[default_name] = np.array(seconds[default_name])
    notes = {PLAIN: FROM_STEPS} | dict.fromkeys(trainers, FROM_EPOCHS)
    fastest_plain = min(totals[PLAIN])
    return [
        Result(
            "fit",
            name,
            "s",
            values.tolist(),
            plain=fastest_plain / min(values),
            note=notes.get(name, "measured in full"),
        )
        for name, values in totals.items()
    ]


def _phases(trainer: VAETrainer) -> dict[int, int]:
    """Return an epoch of each phase, without and with cross-alignment, and how many it stands for.

    An epoch costs more once gamma is positive; the other weights make hardly a difference.
    """
    has_cross = [trainer.weights_at(epoch).gamma > 0 for epoch in range(trainer.max_iter)]
    n_with = sum(has_cross)
    n_without = trainer.max_iter - n_with
    return {n_without - 1: n_without, trainer.max_iter - 1: n_with}
