"""Fits that change an estimator entirely or not at all."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def atomic_fit(fit: Method) -> Method:
    """Make a fit method leave the estimator as it was if it fails.

    A fit that fails half-way, on bad input or by an interrupt, would leave for instance
    ``n_features_in_`` of the new data beside the weights of an earlier fit.

    Parameters
    ----------
    fit : callable
        Method of an estimator that sets attributes, and does not change the objects that
        earlier ones hold.

    Returns
    -------
    callable
        To be the outermost decorator, so that callbacks are torn down before the attributes go.
    """

    @functools.wraps(fit)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = vars(self).copy()
        try:
            return fit(self, *args, **kwargs)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise

    return wrapper  # type: ignore[return-value]
