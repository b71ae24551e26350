"""Warnings of skcada, how they are issued, and errors that name what cannot be read."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["CollapseWarning", "VersionWarning"]

# Frames in these lie between the line of the user and the line that warns.
_INNER_MODULES = ("skcada", "sklearn", "joblib", "contextlib", "functools")


class CollapseWarning(UserWarning):
    """A fit ended in a state from which no good predictions can come.

    The message names what happened and the parameter to change.

    See Also
    --------
    sklearn.exceptions.ConvergenceWarning : Of optimisers that stopped too early.

    Examples
    --------
    >>> import warnings
    >>> from skcada.exceptions import CollapseWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", CollapseWarning)  # stop a search at such a fit
    """


class VersionWarning(UserWarning):
    """A model is loaded by another version of skcada than the one that saved it.

    See Also
    --------
    sklearn.exceptions.InconsistentVersionWarning : The same for estimators of scikit-learn.

    Examples
    --------
    >>> import warnings
    >>> from skcada.exceptions import VersionWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", VersionWarning)  # load no such model
    """


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Issue a warning that points to the line of the user, from however deep in the package."""
    packages, files = _inner_places()
    # Numbered as warnings.warn does it: 1 is this function.
    frame, level = sys._getframe(), 1
    while frame.f_back is not None:
        filename = frame.f_code.co_filename
        if filename not in files and not filename.startswith(packages):
            break
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def reading(name: str, noun: str) -> Iterator[None]:
    """Say which argument cannot be read as what, where the library that reads it does not.

    Such an error becomes a TypeError if it is one, and a ValueError otherwise, as for a number
    beyond the largest float.

    >>> with reading("X", "a table of numbers"):
    ...     float(10**400)
    Traceback (most recent call last):
        ...
    ValueError: X cannot be read as a table of numbers: int too large to convert to float
    """
    try:
        yield
    except Warning:  # where a filter turns warnings into errors
        raise
    except Exception as error:
        is_named = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", str(error))
        if is_named and isinstance(error, TypeError | ValueError):
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name} cannot be read as {noun}: {error}") from error


def _inner_places() -> tuple[tuple[str, ...], set[str]]:
    """Return the folders and files of the modules that no user wrote, of those that are loaded."""
    # Looked up, not imported: this module must not load scikit-learn.
    loaded = [sys.modules[name] for name in _INNER_MODULES if name in sys.modules]
    folders = tuple(folder + os.sep for m in loaded for folder in getattr(m, "__path__", ()))
    return folders, {m.__file__ for m in loaded if m.__file__}
