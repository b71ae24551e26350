"""Tasks of a fit, and its epochs, as scikit-learn's callbacks see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Self

from sklearn.callback import CallbackContext
from sklearn.frozen import FrozenEstimator


@dataclass(frozen=True, eq=False)
class FitTask:
    """A task of the fit of one estimator, with the rows that callbacks are shown."""

    context: CallbackContext
    estimator: Any
    X: Any
    y: Any

    @classmethod
    def start(cls, estimator: Any, X: Any, y: Any, **settings: Any) -> Self:
        """Begin the fit itself, of which all other tasks are parts."""
        task = cls(estimator._init_callback_context(**settings), estimator, X, y)
        task.begin()
        return task

    def finish(self) -> None:
        """End the fit itself; the estimator has all its fitted attributes."""
        self.context.call_on_fit_task_end(
            estimator=self.estimator, X=self.X, y=self.y, reconstruction_attributes={}
        )

    def begin(self) -> None:
        """Report that the task begins."""
        self.context.call_on_fit_task_begin(estimator=self.estimator, X=self.X, y=self.y)

    def end(self) -> None:
        """Report that the task ends."""
        self.context.call_on_fit_task_end(estimator=self.estimator, X=self.X, y=self.y)

    def skip(self) -> None:
        """Report a task that has nothing to do."""
        self.begin()
        self.end()

    def part(self, name: str, **settings: Any) -> Self:
        """Return a part of this task, which has not begun."""
        return replace(self, context=self.context.subcontext(task_name=name, **settings))

    def parts(self, names: Iterable[str]) -> list[Self]:
        """Return parts that may run side by side, which get their rows where they run.

        All are made before the first one runs: they are pickled with their siblings.
        """
        return [self.part(name, task_id=i).on(None, None) for i, name in enumerate(names)]

    def on(self, X: Any, y: Any) -> Self:
        """Return the same task on other rows."""
        return replace(self, X=X, y=y)

    @contextmanager
    def fitting(self, inner: Any) -> Iterator[None]:
        """Report this task as the fit of an inner estimator, and let callbacks follow it."""
        # The fit of a frozen estimator reports nothing, and its callbacks are those of an earlier
        # fit, which scikit-learn would refuse here.
        is_frozen = isinstance(inner, FrozenEstimator)
        with nullcontext() if is_frozen else self.context.propagate_callback_context(inner):
            self.begin()
            yield
        self.end()

    def epochs(self, max_iter: int) -> Iterator[Epoch]:
        """Yield epochs until `max_iter`, or until a callback asked to stop at the end of one."""
        for number in range(max_iter):
            epoch = Epoch(self.part("epoch"), number)
            epoch.task.begin()
            yield epoch
            if epoch.is_last:
                break


@dataclass(eq=False)
class Epoch:
    """One epoch of a training."""

    task: FitTask
    number: int
    is_last: bool = False

    def end(self, fitted_attributes: Callable[[], dict[str, Any]]) -> None:
        """Report the end; the fitted attributes as of now are made only for callbacks that ask."""
        task = self.task
        self.is_last = bool(
            task.context.call_on_fit_task_end(
                estimator=task.estimator,
                X=task.X,
                y=task.y,
                reconstruction_attributes=fitted_attributes,
            )
        )
