"""Accuracy of both recipes, and the time they take for it."""

import time
from functools import cache
from pathlib import Path
from typing import Any

from _official import OFFICIAL_SOFTMAX, OFFICIAL_VAE
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils import Bunch

from _speed._results import Result
from _speed._settings import Settings
from _speed._sizes import Sizes
from _speed._task import Task
from skcada import GZSLClassifier
from skcada._base.epochs import task_of_fitting
from skcada.datasets import load_xlsa17
from skcada.metrics import gzsl_scores

RECIPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "official recipe": (OFFICIAL_VAE, OFFICIAL_SOFTMAX),
    "default recipe": ({}, {}),
}


@cache
def load(folder: Path) -> Bunch:
    """Load a data set in the xlsa17 format.

    Parameters
    ----------
    folder : Path
        Where it is.

    Returns
    -------
    Bunch
        As :func:`~skcada.datasets.load_xlsa17` returns it.
    """
    return load_xlsa17(folder)


def measure_accuracy(settings: Settings, task: Task) -> list[Result]:
    """Fit and score both recipes on a data set.

    Parameters
    ----------
    settings : Settings
        How to measure; `folder` is not None.
    task : Task
        Of measuring it.

    Returns
    -------
    list of Result
        Seconds of a fit and the accuracies S, U, H and T1 in percent, one value a seed.
    """
    assert settings.folder is not None
    data = load(settings.folder)
    results = []
    for name in RECIPES:
        runs = [_run(name, data, settings.sizes, seed, task) for seed in range(settings.n_seeds)]
        results += [
            Result(
                "accuracy",
                f"{name}, {what}",
                "s" if what == "fit" else "%",
                [run[what] for run in runs],
            )
            for what in runs[0]
        ]
    return results


def _run(name: str, data: Bunch, sizes: Sizes, seed: int, task: Task) -> dict[str, float]:
    vae, softmax = RECIPES[name]
    classifier = GZSLClassifier(
        sizes.transformer(**vae).set_params(random_state=None),
        classifier=sizes.softmax(**softmax).set_params(random_state=None),
        class_embeddings=data.class_embeddings,
        random_state=seed,
    )
    fit = task.context.subcontext(task_name=f"{name}, seed {seed}")
    scaler = MinMaxScaler()
    started = time.perf_counter()
    X, y = scaler.fit_transform(data.data[data.trainval]), data.target[data.trainval]
    with task_of_fitting(classifier, fit, estimator=task.command, X=X, y=y):
        classifier.fit(X, y)
    elapsed = time.perf_counter() - started
    test = [*data.test_seen, *data.test_unseen]
    scores = gzsl_scores(
        data.target[test],
        classifier.decision_function(scaler.transform(data.data[test])),
        classes=classifier.classes_,
        seen_classes=classifier.seen_classes_,
    )
    return {"fit": elapsed, **{key: 100 * value for key, value in scores.items()}}
