"""A search over what comes after the VAE against the work that it cannot avoid."""

import tempfile

from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterGrid

from _speed._fit import make_classifier
from _speed._latents import draw_latents
from _speed._results import Result
from _speed._settings import Settings
from _speed._sizes import Problem, generate_sized
from _speed._task import Task
from _speed._timing import time_in_turn
from skcada.model_selection import GZSLShuffleSplit


def measure_search(settings: Settings, task: Task) -> list[Result]:
    """Time a search of 12 candidates that share a VAE kept on disk.

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
    train, test = next(GZSLShuffleSplit(n_splits=1, random_state=0).split(problem.X, problem.y))
    n_seen, n_unseen = sizes.samples_per_class
    samples_per_class = [(n_seen, n_unseen), (n_seen // 2, n_unseen)]
    grid = {
        "samples_per_class": samples_per_class,
        "seen_penalty": [0.0, 0.5, 1.0],
        "classifier__learning_rate": [2e-3, 5e-3],
    }
    model = make_classifier(sizes, problem)

    def search() -> None:
        with tempfile.TemporaryDirectory() as memory:
            GridSearchCV(
                clone(model).set_params(memory=memory),
                grid,
                cv=[(train, test)],
                refit=False,
                error_score="raise",
            ).fit(problem.X, problem.y)

    fold = Problem(problem.X[train], problem.y[train], problem.attributes)
    untrained = sizes.transformer(max_iter=1).fit(fold.X, fold.y, fold.attributes)
    draws = {n: draw_latents(untrained, fold, n) for n in samples_per_class}

    def unavoidable() -> None:
        sizes.transformer().fit(fold.X, fold.y, fold.attributes)
        for candidate in ParameterGrid(grid):
            softmax = sizes.softmax(learning_rate=candidate["classifier__learning_rate"])
            softmax.fit(*draws[candidate["samples_per_class"]])

    n_candidates = len(ParameterGrid(grid))
    floor_name = f"one fit of the VAE and {n_candidates} of the softmax"
    # Not warmed up: that would be another whole fit.
    seconds = time_in_turn(
        {f"search of {n_candidates} candidates": search, floor_name: unavoidable},
        settings.n_slow_rounds,
        task,
        warm_up=False,
    )
    floor = min(seconds[floor_name])
    return [
        Result("search", name, "s", values, floor=floor / min(values))
        for name, values in seconds.items()
    ]
