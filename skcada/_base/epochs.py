"""Tasks of a fit, reported to scikit-learn's callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import pandas as pd
from numpy.typing import NDArray
from sklearn.callback import CallbackContext
from sklearn.frozen import FrozenEstimator

Losses = TypeVar("Losses")


def run_epochs(
    estimator: Any,
    context: CallbackContext,
    X: NDArray | pd.DataFrame,
    y: NDArray,
    *,
    max_iter: int,
    run_epoch: Callable[[int], Losses],
    state: Callable[[list[Losses]], dict[str, Any]],
) -> list[Losses]:
    """Run epochs until `max_iter`, or until a callback asks to stop.

    Parameters
    ----------
    estimator : estimator
        The one that is fitted.
    context : CallbackContext
        Of its fit.
    X : ndarray or DataFrame of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    max_iter : int
        Number of epochs.
    run_epoch : callable
        Runs the epoch of a number, from 0, and returns its losses.
    state : callable
        Returns the fitted attributes as of now from the losses of the epochs so far. It is called
        only if a callback needs them.

    Returns
    -------
    list
        The losses of each epoch.
    """
    history: list[Losses] = []
    for i in range(max_iter):
        epoch = context.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
        history.append(run_epoch(i))
        if epoch.call_on_fit_task_end(
            estimator=estimator, X=X, y=y, reconstruction_attributes=lambda: state(history)
        ):
            break
    return history


@contextmanager
def task_of_fitting(
    inner: Any, task: CallbackContext, *, estimator: Any, X: Any, y: Any
) -> Iterator[None]:
    """Report the fit of an estimator inside another one, and let callbacks follow it.

    Parameters
    ----------
    inner : estimator
        The one that is fitted in the context.
    task : CallbackContext
        A task of the other one, without subtasks.
    estimator : estimator
        The other one.
    X : array-like of shape (n_samples, n_features)
        What `inner` is fitted on.
    y : array-like of shape (n_samples,)
    """
    # The fit of a frozen one would report nothing. And what it hands out as its own are the
    # callbacks of the fit that it had before it was frozen, which would be refused here.
    is_frozen = isinstance(inner, FrozenEstimator)
    with nullcontext() if is_frozen else task.propagate_callback_context(inner):
        task.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
        yield
    task.call_on_fit_task_end(estimator=estimator, X=X, y=y)
