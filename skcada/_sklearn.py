"""What skcada takes from scikit-learn that is not public, or not in every version it supports."""

# The only module that knows versions of scikit-learn.

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from sklearn.base import _fit_context
from sklearn.ensemble._base import _BaseHeterogeneousEnsemble
from sklearn.utils import _safe_indexing
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    RealNotInt,
    StrOptions,
    validate_parameter_constraints,
    validate_params,
)
from sklearn.utils._plotting import _validate_style_kwargs
from sklearn.utils.validation import _check_method_params, _num_samples

try:
    from sklearn.utils._repr_html.estimator import _VisualBlock
except ImportError:  # before 1.7
    from sklearn.utils._estimator_html_repr import _VisualBlock

try:
    from sklearn.callback import CallbackContext, CallbackSupportMixin
except ImportError:  # before 1.9

    class CallbackContext:  # type: ignore[no-redef]
        """The context of a fit that no callback follows."""

        def __init__(self, task_id: int = 0) -> None:
            self.task_id = task_id

        def subcontext(self, *, task_id: int = 0, **settings: Any) -> CallbackContext:
            """Return the context of a part."""
            return CallbackContext(task_id)

        def propagate_callback_context(self, estimator: Any) -> AbstractContextManager:
            """Let no callback follow an inner estimator."""
            return nullcontext()

        def call_on_fit_task_begin(self, **details: Any) -> None:
            """Tell no callback."""

        def call_on_fit_task_end(self, **details: Any) -> bool:
            """Tell no callback, none of which asks to stop."""
            return False

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """A mixin of estimators that no callback can follow."""

        def set_callbacks(self, *callbacks: Any) -> Self:
            """Refuse all callbacks.

            Parameters
            ----------
            *callbacks : callback instances
                Callbacks to follow the fit, of which there can be none.

            Returns
            -------
            self : object
                The estimator.

            Raises
            ------
            NotImplementedError
                If there is any.
            """
            if callbacks:
                raise NotImplementedError(
                    "Callbacks need scikit-learn 1.9 or later. Update it, or leave them out."
                )
            return self

        def _init_callback_context(self, **settings: Any) -> CallbackContext:
            return CallbackContext()


__all__ = [
    "CallbackContext",
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "RealNotInt",
    "StrOptions",
    "_BaseHeterogeneousEnsemble",
    "_VisualBlock",
    "_check_method_params",
    "_fit_context",
    "_num_samples",
    "_safe_indexing",
    "_validate_style_kwargs",
    "check_matplotlib_support",
    "validate_parameter_constraints",
    "validate_params",
]
