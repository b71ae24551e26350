"""The work of a command as tasks, which scikit-learn's callbacks follow as those of a fit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from sklearn.callback import CallbackContext, CallbackSupportMixin


@dataclass(frozen=True, eq=False)
class Task:
    """A task of a command.

    Parameters
    ----------
    command : object
        What has callbacks.
    context : CallbackContext
        Of the task.
    """

    command: CallbackSupportMixin
    context: CallbackContext

    @contextmanager
    def part(self, name: str, n_parts: int | None = 0) -> Iterator[Self]:
        """Do a part of the task in the context.

        Parameters
        ----------
        name : str
            Its name.
        n_parts : int or None, default=0
            How many parts it has itself; None where nobody knows.

        Yields
        ------
        Task
            The part, itself a task.
        """
        context = self.context.subcontext(task_name=name, max_subtasks=n_parts)
        context.call_on_fit_task_begin(estimator=self.command)
        yield type(self)(self.command, context)
        context.call_on_fit_task_end(estimator=self.command)
