"""Warnings of skcada."""

from __future__ import annotations

__all__ = ["CollapseWarning"]


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
