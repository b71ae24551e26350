"""All runs that there is no result of yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from _command_line import say
from sklearn.callback import CallbackSupportMixin, with_callbacks

from _paper._execute import execute, make_groups
from _paper._runs import Run
from _paper._sources import Source, load
from _paper._store import Store


@dataclass(frozen=True, eq=False)
class Part:
    """The runs on one data set.

    Parameters
    ----------
    source : Source
        Where the data set is.
    store : Store
        Where the results go.
    groups : list of list of Run
        Runs that share a VAE.
    """

    source: Source
    store: Store
    groups: list[list[Run]]


class Campaign(CallbackSupportMixin):
    """Executes runs and keeps their results as soon as there are some.

    Parameters
    ----------
    parts : sequence of Part
        The runs on all data sets.
    n_jobs : int
        Number of processes, as in joblib.

    Attributes
    ----------
    n_runs, n_done, n_failed : int
        Number of runs: of all, of those that were executed, and of those among them that failed.
    """

    def __init__(self, parts: Sequence[Part], n_jobs: int) -> None:
        self.parts = [part for part in parts if part.groups]
        self.n_jobs = n_jobs
        self.n_runs = sum(len(group) for part in parts for group in part.groups)
        self.n_done = 0
        self.n_failed = 0

    @with_callbacks
    def run(self) -> None:
        """Execute all runs. One that fails is said, and the others go on."""
        context = self._init_callback_context(task_name="run", max_subtasks=len(self.parts))
        context.call_on_fit_task_begin(estimator=self)
        for part in self.parts:
            n_runs = sum(map(len, part.groups))
            task = context.subcontext(
                task_name=part.source.name,
                max_subtasks=len(part.groups) + n_runs,
                sequential_subtasks=False,
            )
            task.call_on_fit_task_begin(estimator=self)
            groups = make_groups(part.groups, self, task)
            for outcome in execute(load(part.source), groups, self.n_jobs):
                self.n_done += 1
                if outcome.error:
                    self.n_failed += 1
                    say(f"{outcome.run} failed, {outcome.error}")
                else:
                    part.store.add(outcome.run, outcome.scores)
            task.call_on_fit_task_end(estimator=self)
        context.call_on_fit_task_end(estimator=self)
