"""How the time of an epoch grows with the size of the data."""

from functools import partial

import numpy as np

from _speed._results import Result
from _speed._settings import Settings
from _speed._sizes import generate
from _speed._steps import last_epoch
from _speed._task import Task
from _speed._timing import time_in_turn
from skcada._training import VAETrainer


def measure_growth(settings: Settings, task: Task) -> list[Result]:
    """Time an epoch over rows, classes and features.

    Parameters
    ----------
    settings : Settings
        How to measure.
    task : Task
        Of measuring it.

    Returns
    -------
    list of Result
        Seconds of each size, and for each kind the slope of log seconds over log size.
    """
    sizes = settings.sizes
    kinds = {"rows": sizes.rows, "classes": sizes.classes, "features": sizes.features}
    results = []
    for kind, values in kinds.items():
        cases = {}
        for value in values:
            trainer = _make_trainer(settings, kind, value)
            cases[f"{value} {kind}"] = partial(trainer.run_epoch, last_epoch(trainer))
        seconds = time_in_turn(cases, min(settings.n_rounds, 3), task)
        best = np.array([min(seconds[name]) for name in cases])
        ratios = best / best[0] / (np.array(values) / values[0])
        results += [
            Result("growth", name, "s an epoch", seconds[name], linear=ratio)
            for name, ratio in zip(cases, ratios, strict=True)
        ]
        slope = np.polyfit(np.log(values), np.log(best), 1)[0]
        results.append(Result("growth", f"slope over {kind}", "log s / log size", [slope]))
    return results


def _make_trainer(settings: Settings, kind: str, value: int) -> VAETrainer:
    sizes = settings.sizes
    size = {"rows": sizes.n_rows, "features": sizes.n_features}
    size["classes"] = sizes.n_seen
    size[kind] = value
    problem = generate(size["rows"], size["features"], size["classes"], 0, sizes.n_attributes)
    # "auto" would take other batches for few rows, and growth would be one of two things.
    return problem.trainer(sizes.transformer(batch_size=512))
