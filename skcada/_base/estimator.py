"""Fit methods, documentation links and seeds of all estimators."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from sklearn.base import clone

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


DOCUMENTATION_URL = "https://skcada.readthedocs.io/en/stable/"


class DocLinkMixin:
    """Mixin that links an estimator's HTML representation to its page of the API reference.

    It must come before :class:`~sklearn.base.BaseEstimator`, whose own links lead to scikit-learn.
    A subclass outside of skcada has no page there, and no link.
    """

    _doc_link_module = "skcada"
    _doc_link_template = DOCUMENTATION_URL + "api/generated/{module}.{name}.html"

    def _doc_link_url_param_generator(self) -> dict[str, str]:
        """Return the outermost package that exports the class, and its name."""
        cls = type(self)
        parts = cls.__module__.split(".")
        packages = (".".join(parts[:depth]) for depth in range(1, len(parts)))
        exports = (name for name in packages if hasattr(sys.modules[name], cls.__name__))
        return {"module": next(exports, cls.__module__), "name": cls.__name__}


def clone_seeded(estimator: Any, default: type, random_state: np.random.RandomState) -> Any:
    """Clone an estimator, or make the default one, and seed it where it has no seed yet.

    Parameters
    ----------
    estimator : estimator or None
    default : type
        Class to make an estimator of where `estimator` is None.
    random_state : RandomState
        Source of the seeds.

    Returns
    -------
    estimator
    """
    cloned = default() if estimator is None else clone(estimator)
    # Drawn in any case, so that a seed of one estimator does not change the other's.
    seeds = np.random.RandomState(random_state.randint(np.iinfo(np.int32).max))
    parameters = cloned.get_params()
    seeded_parts = tuple(
        f"{name}__" if name else ""
        for name, part in {"": cloned, **parameters}.items()
        if getattr(part, "_seeds_its_parts", False) and part.random_state is not None
    )
    unseeded = {
        name: seeds.randint(np.iinfo(np.int32).max)
        for name, value in sorted(parameters.items())
        if name.rpartition("__")[2] == "random_state"
        and value is None
        # Another seed than the one that it would get from the estimator that it is part of.
        and not name.startswith(seeded_parts)
    }
    if unseeded:
        cloned.set_params(**unseeded)
    return cloned
