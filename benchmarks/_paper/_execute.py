"""Fits and tests: runs that share a VAE are executed together."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from sklearn.callback import CallbackContext, CallbackSupportMixin
from sklearn.frozen import FrozenEstimator

from _paper._imagenet import ImageNet
from _paper._recipes import RECIPES
from _paper._runs import Run
from _paper._store import Scores
from _paper._xlsa17 import Xlsa17
from skcada import GZSLClassifier
from skcada._base.epochs import task_of_fitting


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Parameters
    ----------
    run : Run
        The run.
    scores : dict of str to float
        Its scores and times, none if it failed.
    error : str
        Why it failed, empty if it did not.
    """

    run: Run
    scores: Scores
    error: str = ""


def group_by_vae(runs: Sequence[Run]) -> list[list[Run]]:
    """Group runs that share a VAE, in the order of their first runs."""
    groups: dict[Run, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.vae, []).append(run)
    return list(groups.values())


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that share a VAE, as tasks that callbacks follow.

    Parameters
    ----------
    command : object
        What has the tasks.
    vae : CallbackContext
        The training of the VAE.
    runs : list of (Run, CallbackContext)
        What is done with it.
    """

    command: CallbackSupportMixin
    vae: CallbackContext
    runs: list[tuple[Run, CallbackContext]]


def make_groups(
    groups: Sequence[Sequence[Run]], command: CallbackSupportMixin, task: CallbackContext
) -> list[Group]:
    """Make tasks of runs.

    Parameters
    ----------
    groups : sequence of sequence of Run
        Runs that share a VAE.
    command : object
        What has the tasks.
    task : CallbackContext
        Its task of executing them all.

    Returns
    -------
    list of Group
        With a task for every VAE and every run.
    """
    numbers = count()
    return [
        Group(
            command,
            task.subcontext("train-vae", task_id=next(numbers)),
            [(run, task.subcontext("run", task_id=next(numbers))) for run in group],
        )
        for group in groups
    ]


def execute(data: Xlsa17 | ImageNet, groups: Sequence[Group], n_jobs: int) -> Iterator[Outcome]:
    """Execute runs on one data set.

    Parameters
    ----------
    data : Xlsa17 or ImageNet
        The data set.
    groups : sequence of Group
        The runs.
    n_jobs : int
        Number of processes, as in joblib. A single one yields each run as it is finished, several
        ones each group.

    Yields
    ------
    Outcome
        Of each run.
    """
    if effective_n_jobs(n_jobs) == 1:
        for group in groups:
            yield from execute_group(data, group)
        return
    finished = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(
        delayed(_execute_whole_group)(data, group) for group in groups
    )
    for outcomes in finished:
        yield from outcomes


def _execute_whole_group(data: Xlsa17 | ImageNet, group: Group) -> list[Outcome]:
    return list(execute_group(data, group))


def execute_group(data: Xlsa17 | ImageNet, group: Group) -> Iterator[Outcome]:
    """Execute runs that share a VAE.

    Parameters
    ----------
    data : Xlsa17 or ImageNet
        The data set.
    group : Group
        The runs.

    Yields
    ------
    Outcome
        Of each run.
    """
    started = time.perf_counter()
    try:
        X, y = data.training_rows()
        vae = _fit_vae(data, group, X, y)
    except (ValueError, RuntimeError, OSError, MemoryError) as error:
        yield from (Outcome(run, {}, _one_line(error)) for run, _ in group.runs)
        return
    vae_seconds = time.perf_counter() - started
    for run, task in group.runs:
        started = time.perf_counter()
        task.call_on_fit_task_begin(estimator=group.command)
        try:
            scores = data.score(_fit_classifier(data, run, vae, X, y), run)
        except (ValueError, RuntimeError, OSError, MemoryError) as error:
            # One run that fails is no reason to give up a campaign of days.
            yield Outcome(run, {}, _one_line(error))
        else:
            seconds = time.perf_counter() - started
            yield Outcome(run, scores | {"vae_seconds": vae_seconds, "seconds": seconds})
        task.call_on_fit_task_end(estimator=group.command)


def _fit_vae(data: Xlsa17 | ImageNet, group: Group, X: NDArray, y: NDArray) -> FrozenEstimator:
    run = group.runs[0][0].vae
    transformer = RECIPES[run.recipe].make_transformer(
        run.model, run.latent_size, run.seed, is_imagenet=isinstance(data, ImageNet)
    )
    with task_of_fitting(transformer, group.vae, estimator=group.command, X=X, y=y):
        transformer.fit(X, y, class_embeddings=data.class_embeddings(run))
    return FrozenEstimator(transformer)


def _fit_classifier(
    data: Xlsa17 | ImageNet, run: Run, vae: FrozenEstimator, X: NDArray, y: NDArray
) -> GZSLClassifier:
    model = GZSLClassifier(
        vae,
        classifier=RECIPES[run.recipe].make_classifier(run.dataset, run.label_space, run.n_shots),
        class_embeddings=data.class_embeddings(run),
        samples_per_class=(run.per_seen, run.per_unseen),
        resample=run.dynamic,
        label_space=run.label_space,
        random_state=run.seed,
        **data.classifier_parameters(run),
    )
    return model.fit(*data.add_shots(run, X, y))


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
