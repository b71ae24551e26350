"""Fitted transformers kept on disk, so that a search trains each distinct one once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import joblib
from filelock import FileLock
from numpy.typing import NDArray
from sklearn.callback import CallbackContext
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_memory

from skcada._base.epochs import task_of_fitting
from skcada._base.version import __version__
from skcada._classes.embeddings import ClassEmbeddings

# Of a cache of somebody else, which says nothing of a folder.
NOWHERE = object()


def fit_or_load(
    transformer: Any,
    X: Any,
    y: NDArray,
    embeddings: ClassEmbeddings,
    *,
    memory: Any,
    determined: Any,
    estimator: Any,
    task: CallbackContext,
) -> Any:
    """Fit a transformer, unless one fitted alike is in the cache.

    Parameters
    ----------
    transformer : estimator
        Not fitted, or frozen.
    X : ndarray or DataFrame of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    embeddings : ClassEmbeddings
        What it is fitted with.
    memory : str, object with the joblib.Memory interface or None
        The cache.
    determined : estimator
        The same one with the parameters that the user determined, and no others.
    estimator : estimator
        The one that the transformer is a part of.
    task : CallbackContext
        Its task of fitting the transformer.

    Returns
    -------
    estimator
        The fitted transformer.

    Notes
    -----
    Processes that need the same transformer at the same time wait for the one that came first,
    which joblib's cache alone does not do.

    A training that a callback stopped is not kept: its parameters do not tell where it ended.
    """

    def fit() -> Any:
        with task_of_fitting(transformer, task, estimator=estimator, X=X, y=y):
            return transformer.fit(X, y, class_embeddings=embeddings)

    if memory is None or isinstance(transformer, FrozenEstimator):
        return fit()
    memory = check_memory(memory)
    location = getattr(memory, "location", NOWHERE)
    if location is None:  # joblib's way to say that nothing is kept
        return fit()
    relevant = {
        # Embeddings take precedence over the parameter of that name.
        name: value
        for name, value in determined.get_params().items()
        if name != "class_embeddings"
    }
    columns = list(getattr(X, "columns", []))
    kind = f"{type(transformer).__module__}.{type(transformer).__qualname__}"
    key = joblib.hash(
        [__version__, kind, relevant, X, columns, y, vars(embeddings)], hash_name="sha1"
    )
    with _lock(location, key):
        try:
            fitted = memory.cache(_fit_whole, ignore=["fit"])(key, fit)
        except _StoppedError as stopped:
            return stopped.transformer
    if fitted is not transformer:
        # There was nothing to do.
        task.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
        task.call_on_fit_task_end(estimator=estimator, X=X, y=y)
    return fitted


def _lock(location: Any, key: str) -> AbstractContextManager:
    if location is NOWHERE:
        return nullcontext()
    locks = Path(location) / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    return FileLock(locks / f"{key}.lock")


class _StoppedError(Exception):
    """Training that was stopped, raised because a cache keeps whatever is returned."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer


def _fit_whole(key: str, fit: Callable[[], Any]) -> Any:
    """Fit; joblib keeps the result by the key alone."""
    transformer = fit()
    planned = getattr(transformer, "max_iter_", None)
    if planned is not None and getattr(transformer, "n_iter_", planned) < planned:
        raise _StoppedError(transformer)
    return transformer
