"""The loop over epochs, reported to scikit-learn's callbacks."""

from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd
from numpy.typing import NDArray
from sklearn.callback import CallbackContext

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
