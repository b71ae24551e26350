"""The fit method, validated rows and layers, documentation link and seeds of estimators."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_array, indexable
from sklearn.utils.validation import check_is_fitted, validate_data

from skcada._classes.labels import check_class_labels, check_lengths, refuse_masked
from skcada._intervals import Interval
from skcada._sklearn import _fit_context
from skcada.exceptions import reading

MASKED_ADVICE = (
    "Impute them, for instance with SimpleImputer on X.filled(np.nan), or drop their rows."
)

POSITIVE = Interval(Integral, 1, None, closed="left")

Method = TypeVar("Method", bound=Callable[..., Any])


def fit_method(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Validate parameters before a fit, and let it change the estimator entirely or not at all.

    A fit that fails half-way, on bad input or by an interrupt, would leave for instance
    ``n_features_in_`` of the new data beside the weights of an earlier fit, and so would one that
    another thread predicts in the middle of. So the method works on another object, whose
    attributes become those of the estimator all at once. It may set attributes, and must not change
    the objects that earlier ones hold.
    """

    def decorate(fit: Method) -> Method:
        validated = _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)(fit)

        # Outermost, so that callbacks are torn down before the attributes go.
        @functools.wraps(fit)
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            aside = _alias(self, vars(self).copy())
            validated(aside, *args, **kwargs)
            attributes, current = vars(aside), vars(self)
            # A parameter may have been set meanwhile, by a callback for instance.
            names = [name for name in self._get_param_names() if name in current]
            attributes.update({name: current[name] for name in names})
            self.__dict__ = attributes
            return self

        return wrapper  # type: ignore[return-value]

    return decorate


def fitted_method(method: Method) -> Method:
    """Let a method see one fitted model to its end, whatever another thread fits meanwhile."""

    @functools.wraps(method)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        # A fit gives the estimator a new dict of attributes; this one stays as it is.
        return method(_alias(self, vars(self)), *args, **kwargs)

    return wrapper  # type: ignore[return-value]


def _alias(estimator: Any, attributes: dict[str, Any]) -> Any:
    """Return another estimator of the same class that has these attributes, not a copy of them."""
    alias = object.__new__(type(estimator))
    alias.__dict__ = attributes
    return alias


def validate_rows(
    estimator: Any, X: Any, y: Any, *, dtype: Any = np.float32, reset: bool = True
) -> tuple[Any, Any]:
    """Return the rows and the labels of a fit, in forms that can be computed with."""
    # First: scikit-learn would fail to sort mixed labels, and call a missing one NaN in the input.
    labels = check_class_labels(y)
    with _reading_rows(X):
        if X is not None:  # for which scikit-learn has words of its own
            check_lengths(X=X, y=labels)
        # scikit-learn cannot read StringDType.
        is_read = getattr(getattr(y, "dtype", None), "kind", None) != "T"
        rows, _ = validate_data(estimator, X, y if is_read else labels, dtype=dtype, reset=reset)
    return rows, labels


def validate_new_rows(estimator: Any, X: Any, *, dtype: Any = np.float32) -> Any:
    """Return rows to predict or to transform, in a form that can be computed with."""
    check_is_fitted(estimator)
    with _reading_rows(X):
        return validate_data(estimator, X, dtype=dtype, reset=False)


def validate_vectors(X: Any) -> NDArray[np.float32]:
    """Return vectors that need not be features, such as latents, as they come from `transform`."""
    with _reading_rows(X):
        return check_array(X, dtype=np.float32, input_name="X")


def index_rows(X: Any) -> Any:
    """Return rows as they come, in a form in which some of them can be selected."""
    # A sparse array of scipy may be a mapping, too.
    if X is None or (isinstance(X, str | bytes | Mapping) and not hasattr(X, "shape")):
        raise TypeError(f"X holds no rows: it is a {type(X).__name__}. Pass an array.")
    with reading("X", "rows"):
        (rows,) = indexable(X)
        check_lengths(X=rows)
    return rows


def index_labelled_rows(X: Any, y: Any) -> tuple[Any, Any, NDArray]:
    """Return rows and labels as they come, to select some, and the labels as an array."""
    labels = check_class_labels(y)
    rows, (given,) = index_rows(X), indexable(y)
    check_lengths(X=rows, y=labels)
    return rows, given, labels


@contextmanager
def _reading_rows(X: Any) -> Iterator[None]:
    """Refuse rows that NumPy would misread, and name X where a library cannot read it."""
    refuse_masked(X, "X", MASKED_ADVICE)
    _refuse_times(X)
    # What overflows becomes infinite, and is refused.
    with reading("X", "a table of numbers"), np.errstate(over="ignore"):
        yield


def _refuse_times(X: Any) -> None:
    """Raise if rows hold dates or durations, which would become numbers of some unit of time."""
    dtypes = getattr(X, "dtypes", None)  # of a frame
    listed = list(dtypes) if isinstance(dtypes, Iterable) else [getattr(X, "dtype", None)]
    odd = [dtype for dtype in listed if getattr(dtype, "kind", "") in {"m", "M"}]
    if odd:
        raise ValueError(
            f"X holds {odd[0]}, which are times. Convert them to numbers in a unit of your choice."
        )


def publish_features(estimator: Any, parts: Iterable[Any]) -> None:
    """Publish the number and the names of features, each of the first fitted part that has it."""
    for name in ("n_features_in_", "feature_names_in_"):
        vars(estimator).pop(name, None)  # of an earlier fit
        values = (getattr(part, name, None) for part in parts)
        value = next((value for value in values if value is not None), None)
        if value is not None:
            setattr(estimator, name, value)


def read_layers(name: str, layers: Any) -> tuple[int, ...]:
    """Return the sizes of hidden layers; an int is one layer."""
    sizes = (layers,) if isinstance(layers, Integral) else tuple(layers)
    if not all(map(POSITIVE.is_satisfied_by, sizes)):
        raise ValueError(
            f"{name} must hold the sizes of hidden layers, got {layers!r}. Pass positive integers, "
            "such as 512 or (512, 256)."
        )
    return sizes


def spread(n_rows: int, most: int) -> slice:
    """Select at most `most` rows from all over the data, which may be sorted by class."""
    return slice(None, None, -(-n_rows // most) or 1)


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


def clone_seeded(estimator: Any, random_state: np.random.RandomState) -> Any:
    """Clone an estimator, and seed it where it has no seed yet."""
    cloned = clone(estimator)
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
