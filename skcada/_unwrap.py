"""Unwrap pipelines, searches and frozen estimators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

# Where searches, TunedSeenPenaltyClassifierCV and GZSLClassifier keep what they have fitted.
FITTED_PARTS = ("best_estimator_", "estimator_", "transformer_")


def layers(estimator: Any) -> Iterator[Any]:
    """Yield a fitted estimator, what it wraps, what that wraps, and so on.

    A pipeline wraps its last step, and a :class:`~skcada.GZSLClassifier` its transformer.
    """
    while estimator is not None:
        yield estimator
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        elif isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        else:
            parts = (getattr(estimator, name, None) for name in FITTED_PARTS)
            estimator = next((part for part in parts if part is not None), None)


def find_layer(estimator: Any, *attributes: str, caller: str, example: str) -> Any:
    """Find the outermost layer with some attributes, for a public method named `caller`.

    `example` is a class that has them, for the message.
    """
    for layer in layers(estimator):
        if all(hasattr(layer, name) for name in attributes):
            return layer
    if not hasattr(estimator, "fit"):
        raise TypeError(
            f"{caller} needs a fitted estimator, but {estimator!r} is not an estimator."
        )
    check_is_fitted(estimator)
    lacking = next(name for name in attributes if not hasattr(layer, name))
    raise TypeError(
        f"{caller} needs a fitted {example}, or a pipeline that ends in one or a refitted search "
        f"over one, but {type(layer).__name__} has no {lacking}."
    )


def find_owner(estimator: Any, parameter: str) -> tuple[str, Any]:
    """Find the part of an unfitted estimator that has a parameter, and the prefix of its names.

    The search goes along last steps of pipelines and what searches and other meta-estimators call
    `estimator`, and ends at a frozen part, whose parameters cannot be set. The part is None where
    there is neither.
    """
    prefix = ""
    while not isinstance(estimator, FrozenEstimator):
        if not hasattr(estimator, "get_params"):
            return prefix, None
        parameters = estimator.get_params(deep=False)
        if parameter in parameters:
            break
        if isinstance(estimator, Pipeline):
            name, estimator = estimator.steps[-1]
        elif "estimator" in parameters:
            name, estimator = "estimator", parameters["estimator"]
        else:
            return prefix, None
        prefix += f"{name}__"
    return prefix, estimator
