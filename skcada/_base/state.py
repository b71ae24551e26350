"""Estimators as plain data, in which form they are saved.

Pickle, joblib, cloudpickle and skops all ask an object for its state. That of an estimator holds
numbers, texts, arrays, lists, dicts and other estimators, and nothing that belongs to one version
of pandas or torch, to one device or to a private module. Copies need none of that.
"""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy import sparse

from skcada._base.version import __version__
from skcada._training import resolve_device
from skcada.exceptions import VersionWarning, warn_user

# The number of the form of states, which grows when a version could not read those of the next.
FORMAT = 1
FORMAT_KEY, VERSION_KEY = "_skcada_format", "_skcada_version"
# The key by which a dict stands for another object, and tells of which kind that is.
KIND = "skcada_kind"

MASKED_ARRAYS: dict[str, Any] = {
    "integers": pd.arrays.IntegerArray,
    "floats": pd.arrays.FloatingArray,
    "booleans": pd.arrays.BooleanArray,
}

SPARSE_PARTS = {
    "csr": ("data", "indices", "indptr"),
    "csc": ("data", "indices", "indptr"),
    "coo": ("data", "row", "col"),
}
SPARSE_CLASSES = {
    f"{form}_{kind}": getattr(sparse, f"{form}_{kind}")
    for form in SPARSE_PARTS
    for kind in ("array", "matrix")
}


class PlainStateMixin:
    """Save an estimator as plain data, and tell of another version where it is loaded.

    To be put left of :class:`~sklearn.base.BaseEstimator`.
    """

    # The private classes of attributes, which no file names: it cannot ask for any other class.
    _private_parts: ClassVar[dict[str, type]] = {}

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())  # type: ignore[call-overload]
        for name, value in state.items():
            is_part = type(value) is self._private_parts.get(name)
            state[name] = _part_to_plain(value) if is_part else to_plain(value)
        return {**state, VERSION_KEY: __version__, FORMAT_KEY: FORMAT}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        version, number = state.pop(VERSION_KEY, None), state.pop(FORMAT_KEY, FORMAT)
        _check_version(type(self).__name__, version, number)
        for name, value in state.items():
            state[name] = from_plain(value, self._private_parts.get(name))
        self._add_new_parameters(state, version)
        super().__setstate__(state)  # type: ignore[misc]
        self._settle()

    def __copy__(self) -> Self:
        copied = type(self).__new__(type(self))
        vars(copied).update(vars(self))
        copied._settle()
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        vars(copied).update(copy.deepcopy(vars(self).copy(), memo))
        copied._settle()
        return copied

    def _settle(self) -> None:
        """Adapt a copy, or what was loaded, to the machine."""

    def _add_new_parameters(self, state: dict[str, Any], version: str | None) -> None:
        """Set parameters that the version that saved the state did not have to their defaults."""
        for name, parameter in inspect.signature(type(self).__init__).parameters.items():
            is_named = parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            if name == "self" or name in state or not is_named:
                continue
            if parameter.default is parameter.empty:
                raise ValueError(
                    f"A {type(self).__name__} that skcada {version} saved has no parameter "
                    f"{name!r}, which it needs since. Fit it again with skcada {__version__}."
                )
            state[name] = parameter.default


class DeviceStateMixin(PlainStateMixin):
    """Save `network_` from its device, and load it onto the one that `device` asks for.

    A machine without the device on which the estimator was trained loads it onto the CPU, with a
    warning unless `device` is "auto".
    """

    device: str | torch.device
    device_: torch.device
    network_: Any  # a torch.nn.Module

    def _settle(self) -> None:
        if not hasattr(self, "network_"):
            return
        try:
            self.device_ = resolve_device(self.device)
        except ValueError as error:
            warn_user(f"{error} The loaded model runs on the CPU.")
            self.device_ = torch.device("cpu")
        if next(self.network_.parameters()).device != self.device_:
            # A shallow copy of an estimator shares its network.
            self.network_ = copy.deepcopy(self.network_).to(self.device_)


def _check_version(name: str, version: str | None, number: Any) -> None:
    """Refuse a state that this version cannot read, and warn of that of another version."""
    if version == __version__ and number == FORMAT:
        return
    origin = f"skcada {version}" if version else "an unknown version of skcada"
    if type(number) is not int or number > FORMAT:
        raise ValueError(
            f"This {name} was saved by {origin} in the format {number!r}, and skcada "
            f"{__version__} reads formats up to {FORMAT} only. Load it with {origin} or a later "
            "version."
        )
    warn_user(
        f"A {name} that was saved by {origin} is loaded by skcada {__version__}. Compare some of "
        "its predictions with those that it gave before, or fit it again.",
        VersionWarning,
    )


def to_plain(value: Any) -> Any:
    """Return the plain form of a value: the value itself where it is plain or unknown.

    Containers are the same objects where nothing in them changes, and arrays in any case, so that
    what occurs twice is saved once.
    """
    kind = type(value)
    if kind is dict:
        return _dict_to_plain(value)
    if kind is list or kind is tuple:
        items = [to_plain(item) for item in value]
        is_same = all(item is old for item, old in zip(items, value, strict=True))
        return value if is_same else kind(items)
    if kind is np.memmap:
        return value.view(np.ndarray)
    if kind is torch.device:
        return {KIND: "device", "name": str(value)}
    if kind is torch.Tensor:
        return {KIND: "tensor", "array": _as_array(value)}
    if kind is np.ndarray and value.dtype == np.dtypes.StringDType():
        return {KIND: "texts", "values": value.astype(object), "dtype": "numpy"}
    if kind is SPARSE_CLASSES.get(kind.__name__) and value.ndim == 2:
        parts = {name: getattr(value, name) for name in SPARSE_PARTS[value.format]}
        return {KIND: "sparse", "type": kind.__name__, "shape": [*value.shape], **parts}
    if kind.__module__.partition(".")[0] == "pandas":
        return _pandas_to_plain(value)
    if "polars" in sys.modules and kind is sys.modules["polars"].DataFrame:
        return {KIND: "polars", "ipc": value.write_ipc(None).getvalue()}
    return value


def from_plain(value: Any, part: type | None = None) -> Any:
    """Return what the plain form of a value stands for, `part` being its private class, if any."""
    kind = type(value)
    if kind is list or kind is tuple:
        items = [from_plain(item) for item in value]
        is_same = all(item is old for item, old in zip(items, value, strict=True))
        return value if is_same else kind(items)
    if kind is not dict:
        return value
    if KIND not in value:
        return {key: from_plain(item) for key, item in value.items()}
    if value[KIND] == "part" and part is not None:
        return _part_from_plain(value, part)
    if value[KIND] not in READERS:
        raise ValueError(
            f"A saved estimator holds an object of the kind {value[KIND]!r}, which skcada "
            f"{__version__} does not know. The file is damaged, or of another version."
        )
    return READERS[value[KIND]](value)


def _dict_to_plain(value: dict) -> dict:
    items = {key: to_plain(item) for key, item in value.items()}
    # JSON, in which skops writes keys, has texts only.
    if KIND in value or any(type(key) is not str for key in value):
        return {KIND: "dict", "keys": [*items], "values": [*items.values()]}
    return value if all(items[key] is value[key] for key in value) else items


def _part_to_plain(value: Any) -> dict[str, Any]:
    if isinstance(value, torch.nn.Module):
        arrays = {name: _as_array(tensor) for name, tensor in value.state_dict().items()}
        return {KIND: "part", "architecture": to_plain(value.architecture), "arrays": arrays}
    return {KIND: "part", **to_plain(vars(value))}


def _part_from_plain(plain: dict[str, Any], part: type) -> Any:
    fields = {name: from_plain(item) for name, item in plain.items() if name != KIND}
    if not issubclass(part, torch.nn.Module):
        made = part.__new__(part)
        vars(made).update(fields)
        return made
    # Without a generator it takes no memory for weights, whatever sizes a damaged file declares.
    network = part(**fields["architecture"], generator=None)
    arrays = fields["arrays"]
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    if shapes != {name: array.shape for name, array in arrays.items()}:
        raise ValueError(
            f"The arrays of a saved {part.__name__} do not have the shapes that its architecture "
            "asks for. The file is damaged."
        )
    network = network.to_empty(device="cpu")
    for name, tensor in network.state_dict().items():
        # Into memory of torch: how it is aligned can change the last bit of a product, and torch
        # has no read-only tensors, as memory-mapped arrays are.
        tensor.numpy()[...] = arrays[name]
    return network


def _as_array(tensor: torch.Tensor) -> NDArray:
    return tensor.detach().cpu().numpy()


def _pandas_to_plain(value: Any) -> Any:
    """Return the plain form of an object of pandas, or itself where it has none."""
    if type(value) is pd.DataFrame:
        plain = _frame_to_plain(value)
    elif type(value) is pd.Series:
        plain = _series_to_plain(value)
    elif isinstance(value, pd.Index):
        plain = _index_to_plain(value)
    elif isinstance(value, pd.api.extensions.ExtensionArray):
        plain = _array_to_plain(value)
    else:
        plain = None
    return value if plain is None else plain


def _frame_to_plain(frame: pd.DataFrame) -> dict[str, Any] | None:
    index, columns = (_index_to_plain(axis) for axis in frame.axes)
    dtypes = set(frame.dtypes)
    # An array of objects is written as lists, which have no shape.
    is_table = len(dtypes) == 1 and all(
        isinstance(dtype, np.dtype) and dtype.kind != "O" for dtype in dtypes
    )
    if is_table:
        values, is_transposed = _find_owner(frame.to_numpy())
        parts: dict[str, Any] = {"values": values, "is_transposed": is_transposed}
    else:
        arrays = [_array_to_plain(frame.iloc[:, i]) for i in range(frame.shape[1])]
        if any(array is None for array in arrays):
            return None
        parts = {"arrays": arrays}
    if index is None or columns is None:
        return None
    attrs = {"attrs": to_plain(frame.attrs)} if frame.attrs else {}
    return {KIND: "frame", "index": index, "columns": columns, **parts, **attrs}


def _frame_from_plain(plain: dict[str, Any]) -> pd.DataFrame:
    index, columns = from_plain(plain["index"]), from_plain(plain["columns"])
    if "values" in plain:
        values = plain["values"].T if plain["is_transposed"] else plain["values"]
        frame = pd.DataFrame(values, index=index, columns=columns, copy=False)
    else:
        arrays = [from_plain(array) for array in plain["arrays"]]
        series = {i: pd.Series(x, index=index, dtype=x.dtype) for i, x in enumerate(arrays)}
        frame = pd.DataFrame(series, index=index)
        frame.columns = columns
    frame.attrs.update(from_plain(plain.get("attrs", {})))
    return frame


def _find_owner(values: NDArray) -> tuple[NDArray, bool]:
    """Return the array that a view shows whole, and whether it is transposed.

    The views of one table are different objects at every access, and would be saved twice where
    two estimators hold the table.
    """
    owner = values.base
    if type(owner) is np.ndarray and owner.dtype == values.dtype and owner.ndim == 2:
        for is_transposed, view in ((False, owner), (True, owner.T)):
            if _is_same_view(view, values):
                return owner, is_transposed
    return (values.view(np.ndarray) if isinstance(values, np.memmap) else values), False


def _is_same_view(first: NDArray, second: NDArray) -> bool:
    starts = (array.__array_interface__["data"][0] for array in (first, second))
    return first.shape == second.shape and first.strides == second.strides and len(set(starts)) == 1


def _series_to_plain(series: pd.Series) -> dict[str, Any] | None:
    array, index = _array_to_plain(series), _index_to_plain(series.index)
    if array is None or index is None:
        return None
    return {KIND: "series", "array": array, "index": index, "name": series.name}


def _series_from_plain(plain: dict[str, Any]) -> pd.Series:
    array = from_plain(plain["array"])
    return pd.Series(
        array, index=from_plain(plain["index"]), dtype=array.dtype, name=plain["name"], copy=False
    )


def _index_to_plain(index: pd.Index) -> dict[str, Any] | None:
    if type(index) is pd.RangeIndex:
        bounds = [index.start, index.stop, index.step]
        return {KIND: "range", "bounds": bounds, "name": index.name}
    if type(index) is pd.MultiIndex:
        levels = [_index_to_plain(level) for level in index.levels]
        if any(level is None for level in levels):
            return None
        codes = [np.asarray(code) for code in index.codes]
        return {KIND: "multi-index", "levels": levels, "codes": codes, "names": [*index.names]}
    # Those of dates have a frequency besides.
    is_known = type(index) in (pd.Index, pd.CategoricalIndex)
    array = _array_to_plain(index) if is_known else None
    return None if array is None else {KIND: "index", "array": array, "name": index.name}


def _index_from_plain(plain: dict[str, Any]) -> pd.Index:
    array = from_plain(plain["array"])
    return pd.Index(array, dtype=array.dtype, name=plain["name"], copy=False)


def _range_from_plain(plain: dict[str, Any]) -> pd.RangeIndex:
    start, stop, step = plain["bounds"]
    return pd.RangeIndex(start, stop, step, name=plain["name"])


def _multi_index_from_plain(plain: dict[str, Any]) -> pd.MultiIndex:
    levels = [from_plain(level) for level in plain["levels"]]
    return pd.MultiIndex(levels, plain["codes"], names=plain["names"])


def _array_to_plain(values: Any) -> Any:
    """Return the plain form of the values of a column, or None where they have none."""
    if isinstance(values.dtype, np.dtype):
        return np.asarray(values)
    array = getattr(values, "array", values)
    if isinstance(array.dtype, pd.StringDtype):
        # Where pyarrow is missing, texts are stored in another way.
        texts = np.asarray(array.astype(object))
        texts[np.asarray(array.isna())] = None
        return {KIND: "texts", "values": texts, "dtype": str(array.dtype)}
    if isinstance(array, pd.Categorical):
        categories = _index_to_plain(array.categories)
        if categories is None:
            return None
        codes = np.asarray(array.codes)
        ordered = bool(array.ordered)
        return {KIND: "categories", "codes": codes, "categories": categories, "ordered": ordered}
    for kind, cls in MASKED_ARRAYS.items():
        if type(array) is cls:
            values = array.to_numpy(array.dtype.numpy_dtype, na_value=0)
            return {KIND: "masked", "type": kind, "values": values, "mask": array.isna()}
    return None


def _texts_from_plain(plain: dict[str, Any]) -> Any:
    values = plain["values"]
    if plain["dtype"] == "numpy":
        return values.astype(np.dtypes.StringDType())
    # "str" is the type of texts since pandas 3; before, they were objects.
    is_known = plain["dtype"] == "string" or int(pd.__version__.split(".")[0]) >= 3
    return pd.array(values, dtype=plain["dtype"]) if is_known else values


def _categories_from_plain(plain: dict[str, Any]) -> pd.Categorical:
    return pd.Categorical.from_codes(
        plain["codes"], from_plain(plain["categories"]), ordered=plain["ordered"]
    )


def _masked_from_plain(plain: dict[str, Any]) -> Any:
    return MASKED_ARRAYS[plain["type"]](plain["values"], plain["mask"])


def _sparse_from_plain(plain: dict[str, Any]) -> Any:
    cls, (data, *positions) = (
        SPARSE_CLASSES[plain["type"]],
        (plain[name] for name in SPARSE_PARTS[plain["type"][:3]]),
    )
    is_coo = plain["type"].startswith("coo")
    parts = (data, tuple(positions)) if is_coo else (data, *positions)
    return cls(parts, shape=tuple(plain["shape"]))


def _dict_from_plain(plain: dict[str, Any]) -> dict:
    return dict(zip(plain["keys"], from_plain(plain["values"]), strict=True))


def _polars_from_plain(plain: dict[str, Any]) -> Any:
    import polars

    return polars.read_ipc(plain["ipc"])


READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "dict": _dict_from_plain,
    "device": lambda plain: torch.device(plain["name"]),
    "tensor": lambda plain: torch.tensor(plain["array"]),
    "polars": _polars_from_plain,
    "frame": _frame_from_plain,
    "series": _series_from_plain,
    "index": _index_from_plain,
    "range": _range_from_plain,
    "multi-index": _multi_index_from_plain,
    "texts": _texts_from_plain,
    "categories": _categories_from_plain,
    "masked": _masked_from_plain,
    "sparse": _sparse_from_plain,
}
