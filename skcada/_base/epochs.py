"""Tasks of a fit, and its epochs, as scikit-learn's callbacks and checkpoints see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import joblib
from sklearn.frozen import FrozenEstimator

from skcada._base.version import __version__
from skcada._sklearn import CallbackContext
from skcada._training import Checkpoint, Trainer


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

    def train(
        self,
        trainer: Trainer[Any],
        max_iter: int,
        fitted_attributes: Callable[[], dict[str, Any]],
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Train for `max_iter` epochs, or until a callback asked to stop; publish what is fitted.

        Epochs that a checkpoint holds are not run again, and callbacks do not see them.
        """
        state = checkpoint.state("train") if checkpoint else None
        if state:
            trainer.load(state["trainer"])
        is_done = bool(state and state["is_final"])
        for epoch in () if is_done else self.epochs(max_iter, first=trainer.n_epochs):
            trainer.run_epoch()
            epoch.end(fitted_attributes)
            if checkpoint:
                is_final = epoch.is_last or trainer.n_epochs == max_iter
                checkpoint.keep("train", partial(_state, trainer, is_final), is_final=is_final)
        for name, value in fitted_attributes().items():
            setattr(self.estimator, name, value)

    def epochs(self, max_iter: int, *, first: int = 0) -> Iterator[Epoch]:
        """Yield epochs until `max_iter`, or until a callback asked to stop at the end of one."""
        for number in range(first, max_iter):
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


def _state(trainer: Trainer[Any], is_final: bool) -> dict[str, Any]:
    return {"trainer": trainer.state(), "is_final": is_final}


# Parameters that a fit which goes on need not share with the one that was cut off. Embeddings are
# compared as they were read.
FREE_PARAMETERS = {"checkpoint", "class_embeddings", "device", "seen_penalty"}


def open_checkpoint(estimator: Any, X: Any, y: Any, **further: Any) -> Checkpoint | None:
    """Open the checkpoint of an estimator, if it has one, for a fit on such rows and labels.

    To be called before anything is drawn from `random_state`. `further` is what the fit depends on
    besides, by name.
    """
    if estimator.checkpoint is None:
        return None
    refuse_unseeded_checkpoints(estimator)
    parameters = estimator.get_params(deep=False)
    relevant = {name: value for name, value in parameters.items() if name not in FREE_PARAMETERS}
    values = {**relevant, "X": X, "y": y, **further}
    version = __version__.rpartition(".")[0] if "dev" not in __version__ else __version__
    identity = {"class": type(estimator).__qualname__, "version of skcada": version}
    identity |= {name: joblib.hash(value, hash_name="sha1") for name, value in values.items()}
    return Checkpoint(estimator.checkpoint, identity)


def refuse_unseeded_checkpoints(estimator: Any) -> None:
    """Raise an error if a checkpoint, of an estimator or of a part of it, comes without a seed.

    A fit that goes on has to begin with the draws of the one that was cut off.
    """
    parameters = estimator.get_params()
    for name, value in parameters.items():
        *owners, last = name.split("__")
        if last != "checkpoint" or value is None:
            continue
        # An estimator seeds its parts.
        prefixes = ["".join(f"{owner}__" for owner in owners[:n]) for n in range(len(owners) + 1)]
        if all(parameters.get(f"{prefix}random_state") is None for prefix in prefixes):
            raise ValueError(
                f"{name}={str(value)!r} needs a random_state, with which a fit that goes on makes "
                f"the same draws. Set the random_state of {type(estimator).__name__} to an integer."
            )
