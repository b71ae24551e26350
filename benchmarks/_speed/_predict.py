"""Prediction against its matrix products, and the memory it takes."""

from functools import partial

from _speed._fit import make_classifier
from _speed._floor import PredictFloor
from _speed._memory import peak_in_subprocess
from _speed._results import Result
from _speed._settings import Settings
from _speed._sizes import generate, generate_sized
from _speed._task import Task
from _speed._timing import time_in_turn


def measure_predict(settings: Settings, task: Task) -> list[Result]:
    """Time predictions and measure the memory of many.

    Parameters
    ----------
    settings : Settings
        How to measure.
    task : Task
        Of measuring it.

    Returns
    -------
    list of Result
        Seconds and MB.
    """
    sizes = settings.sizes
    problem = generate_sized(sizes)
    model = make_classifier(sizes, problem, max_iter=1).fit(problem.X, problem.y)
    X = generate(sizes.n_test_rows, sizes.n_features, 1, 0, 1).X
    floor = PredictFloor(model.transformer_.network_, len(model.classes_))
    seconds = time_in_turn(
        {
            f"skcada, {len(X)} rows": partial(model.predict, X),
            f"floor, {len(X)} rows": partial(floor.run, X),
        },
        settings.n_rounds,
        task,
    )
    (skcada, values), (floor_name, of_floor) = seconds.items()
    with task.part("memory"):
        peak = peak_in_subprocess("predict", sizes, sizes.n_memory_rows, settings.n_threads)
    return [
        Result("predict", skcada, "s", values, floor=min(of_floor) / min(values)),
        Result("predict", floor_name, "s", of_floor),
        Result(
            "predict",
            f"memory above the input, {sizes.n_memory_rows} rows",
            "MB",
            [peak.above / 1e6],
            note=f"the input has {peak.n_input_bytes / 1e6:.0f} MB, the process took "
            f"{peak.total / 1e6:.0f} MB",
        ),
    ]


def measure_fit_memory(settings: Settings, task: Task) -> list[Result]:
    """Measure the memory of a fit by default settings, but of two epochs.

    Parameters
    ----------
    settings : Settings
        How to measure.
    task : Task
        Of measuring it.

    Returns
    -------
    list of Result
        MB.
    """
    results = []
    for n_rows in settings.sizes.n_fit_rows:
        with task.part(f"{n_rows}-rows"):
            peak = peak_in_subprocess("fit", settings.sizes, n_rows, settings.n_threads)
        bound = 1.3 * peak.n_input_bytes + 500e6
        input_mb = peak.n_input_bytes / 1e6
        results += [
            Result(
                "memory",
                f"above the features, {n_rows} rows",
                "MB",
                [peak.above / 1e6],
                bound=(peak.n_input_bytes + peak.above) / bound,
                note=f"the bound is 1.3 x features + 500 MB = {bound / 1e6:.0f} MB, and the ratio "
                f"counts the features, {input_mb:.0f} MB, too",
            ),
            Result(
                "memory",
                f"whole process, {n_rows} rows",
                "MB",
                [peak.total / 1e6],
                bound=peak.total / bound,
                note="with the interpreter and all libraries",
            ),
        ]
    return results
