"""The cache of fitted transformers on disk, by which a search trains each distinct one once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import joblib
from filelock import FileLock
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_memory

from skcada._base.epochs import FitTask
from skcada._base.version import __version__
from skcada._classes.embeddings import ClassEmbeddings

# The location of another kind of cache, which has no folder.
NOWHERE = object()
# Where joblib writes before it gives a file its name, in folders of packages, functions and calls.
UNFINISHED_FILES = f"joblib/{__name__.replace('.', '/')}/_fit_whole/*/*.*.*"
# Seconds after which a file that nobody writes to is one that nobody will finish.
LONGEST_PAUSE = 3600


def fit_or_load(
    transformer: Any,
    X: Any,
    y: NDArray,
    embeddings: ClassEmbeddings,
    *,
    memory: Any,
    parameters: dict[str, Any],
    task: FitTask,
) -> Any:
    """Fit a transformer, or load one that was fitted with the same data and parameters.

    `parameters` are those that tell which fitted transformers are alike. Processes that need the
    same transformer at the same time wait for the one that came first, which joblib's cache alone
    does not do. A training that a callback stopped is not kept: its parameters do not tell where
    it ended.
    """

    def fit() -> Any:
        with task.fitting(transformer):
            return transformer.fit(X, y, class_embeddings=embeddings.frames())

    if memory is None or isinstance(transformer, FrozenEstimator):
        return fit()
    memory = check_memory(memory)
    location = getattr(memory, "location", NOWHERE)
    if location is None:  # joblib's way to say that nothing is kept
        return fit()
    # Embeddings take precedence over the parameter of that name.
    relevant = {name: value for name, value in parameters.items() if name != "class_embeddings"}
    columns = list(getattr(X, "columns", []))
    kind = f"{type(transformer).__module__}.{type(transformer).__qualname__}"
    key = joblib.hash(
        [__version__, kind, relevant, X, columns, y, vars(embeddings)], hash_name="sha1"
    )
    _remove_leftovers(location)
    with _lock(location, key):
        try:
            fitted = memory.cache(_fit_whole, ignore=["fit"])(key, fit)
        except _StoppedError as stopped:
            return stopped.transformer
    if fitted is not transformer:
        task.skip()
    return fitted


@contextmanager
def _lock(location: Any, key: str) -> Iterator[None]:
    """Let one process at a time fit or load a transformer, in a cache that is a folder."""
    if location is NOWHERE:
        yield
        return
    lock = FileLock(Path(location, "locks", f"{key}.lock"))
    try:
        lock.acquire()
    except OSError:
        # What cannot be written to still serves what it has, and nobody writes to it meanwhile.
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _remove_leftovers(location: Any) -> None:
    """Remove the unfinished files of writers that were killed, which have been still for long."""
    if location is NOWHERE:
        return
    for path in Path(location).glob(UNFINISHED_FILES):
        with suppress(OSError):  # removed meanwhile, or in a folder that is read-only
            if time.time() - path.stat().st_mtime > LONGEST_PAUSE:
                path.unlink()


class _StoppedError(Exception):
    """Training that was stopped, raised because a cache keeps whatever is returned."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer


def _fit_whole(key: str, fit: Callable[[], Any]) -> Any:
    """Run a fit; joblib files the result under the key alone."""
    transformer = fit()
    planned = getattr(transformer, "max_iter_", None)
    if planned is not None and getattr(transformer, "n_iter_", planned) < planned:
        raise _StoppedError(transformer)
    return transformer
