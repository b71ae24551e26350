"""Kinds of hostile values for each role that an argument can play, and what they are equal to."""

import datetime
import decimal
import fractions
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp
import torch


@dataclass(frozen=True)
class Kind:
    """A hostile value, made from a good one.

    `equal` makes the good value that it is equal to: what accepts it must answer as for that. None
    where nothing may accept it. `names` is a pattern of further words by which a message may name
    the offender, and `warns` one of the warnings that are documented.
    """

    name: str
    make: Callable[[Any], Any]
    equal: Callable[[Any], Any] | None = None
    names: str = ""
    warns: str = ""


def itself(value):
    """Return the good value: the hostile one is equal to it."""
    return value


def anything(value):
    """Mark what may be accepted, with any answer."""
    raise NotImplementedError


def replaced(values, entry, row=1, dtype=object):
    """Return an array of one dimension, or a list of it, with another entry."""
    array = np.array(values, dtype=dtype)
    array[row] = entry
    return array


def with_entry(X, entry, dtype=float):
    """Return a table with another first entry."""
    X = np.array(X, dtype=dtype)
    X[0, 0] = entry
    return X


def frame(X, columns=None):
    """Return a table with names of columns."""
    return pd.DataFrame(X, columns=columns or [f"c{i}" for i in range(np.shape(X)[1])])


def far_float64(X):
    """Return a copy with a negative stride in both dimensions and in foreign byte order."""
    return np.asarray(X)[::-1, ::-1].astype(">f8")[::-1, ::-1]


def read_only(X):
    """Return a copy that cannot be written."""
    X = np.array(X)
    X.flags.writeable = False
    return X


class Incomparable:
    """An object that can neither be compared nor hashed nor printed in a useful way."""

    __hash__ = None

    def __eq__(self, other):
        raise RuntimeError("incomparable")

    def __lt__(self, other):
        raise RuntimeError("incomparable")

    def __reduce__(self):
        return Incomparable, ()


class Unconvertible:
    """An array-like whose conversion fails."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("no array")

    def __len__(self):
        return 3


class OnlyConvertible:
    """An array-like that numpy can convert, and nothing else."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


NAMES_WARN = "X (has feature names|does not have valid feature names)"
ROWS = [
    Kind("None", lambda X: None),
    Kind("scalar", lambda X: 3.0),
    Kind("NumPy scalar", lambda X: np.float64(3)),
    Kind("0-d", lambda X: np.array(3.0)),
    Kind("one dimension", lambda X: X[0]),
    Kind("three dimensions", lambda X: X[None]),
    Kind("no rows", lambda X: X[:0]),
    Kind("no columns", lambda X: X[:, :0]),
    Kind("empty list", lambda X: []),
    Kind("list of empty lists", lambda X: [[] for _ in X]),
    Kind("words", lambda X: np.full(X.shape, "word")),
    Kind("object words", lambda X: np.full(X.shape, "word", dtype=object)),
    Kind("StringDType", lambda X: np.full(X.shape, "word", dtype=np.dtypes.StringDType())),
    Kind("texts of numbers", lambda X: X.astype(str), itself),
    Kind("bytes of numbers", lambda X: X.astype("S32"), itself),
    Kind("object numbers", lambda X: X.astype(object), itself),
    Kind("objects", lambda X: with_entry(X, object(), object)),
    Kind("incomparable", lambda X: with_entry(X, Incomparable(), object)),
    Kind("None entry", lambda X: with_entry(X, None, object)),
    Kind("list entry", lambda X: with_entry(X, [1, 2], object)),
    Kind("text entry", lambda X: with_entry(X, "word", object)),
    Kind("NaN", lambda X: with_entry(X, np.nan)),
    Kind("inf", lambda X: with_entry(X, np.inf)),
    Kind("-inf", lambda X: with_entry(X, -np.inf)),
    Kind("all NaN", lambda X: np.full(X.shape, np.nan)),
    Kind("complex", lambda X: X.astype(complex)),
    Kind("complex entry", lambda X: with_entry(X, 1j, object)),
    Kind("masked", lambda X: np.ma.array(X, mask=X.mean() < X)),
    Kind("masked nothing", lambda X: np.ma.array(X), itself),
    Kind("sparse", sp.csr_matrix, itself),
    Kind("sparse array", sp.coo_array, itself),
    Kind("1e39", lambda X: with_entry(X, 1e39), lambda X: with_entry(X, 1e39)),
    Kind("1e300", lambda X: with_entry(X, 1e300), lambda X: with_entry(X, 1e300)),
    Kind("float max", lambda X: with_entry(X, np.finfo(float).max), anything),
    Kind("tiny", lambda X: with_entry(X, 5e-324), lambda X: with_entry(X, 0.0)),
    Kind("10**30", lambda X: with_entry(X, 10**30, object), lambda X: with_entry(X, 1e30)),
    Kind("10**400", lambda X: with_entry(X, 10**400, object)),
    Kind("bool", lambda X: X.mean() < X, lambda X: (X.mean() < X).astype(float)),
    Kind("uint8", lambda X: (X > 0).astype(np.uint8), lambda X: (X > 0).astype(float)),
    Kind("uint64", lambda X: (X > 0).astype(np.uint64), lambda X: (X > 0).astype(float)),
    Kind("float16", lambda X: X.astype(np.float16), lambda X: X.astype(np.float16).astype(float)),
    Kind("longdouble", lambda X: X.astype(np.longdouble), itself),
    Kind("strides and byte order", far_float64, itself),
    Kind("Fortran order", np.asfortranarray, itself),
    Kind("read-only", read_only, itself),
    Kind("list", lambda X: X.tolist(), itself),
    Kind("tuples", lambda X: tuple(map(tuple, X)), itself),
    Kind("ragged", lambda X: [[1.0], *X.tolist()[1:]]),
    Kind("datetime", lambda X: np.full(X.shape, np.datetime64("2020-01-01"))),
    Kind(
        "datetime frame",
        lambda X: frame(np.full(X.shape, pd.Timestamp("2020-01-01"))),
        warns=NAMES_WARN,
    ),
    Kind("timedelta", lambda X: np.full(X.shape, np.timedelta64(1, "s"))),
    Kind("date", lambda X: with_entry(X, datetime.date(2020, 1, 1), object)),
    Kind(
        "pandas NA",
        lambda X: frame(with_entry(X, pd.NA, object)).astype("Float64"),
        warns=NAMES_WARN,
    ),
    Kind("NaT", lambda X: with_entry(X, pd.NaT, object)),
    Kind("nullable", lambda X: frame(X).astype("Float64"), frame, warns=NAMES_WARN),
    Kind("frame", lambda X: frame(X), itself, warns=NAMES_WARN),
    # Older versions of scikit-learn take them for names, by which later rows must go.
    *(
        [Kind("repeated names", lambda X: frame(X, ["c"] * X.shape[1]), itself, warns=NAMES_WARN)]
        if find_spec("sklearn.callback")
        else []
    ),
    Kind("numbered columns", lambda X: pd.DataFrame(X), itself),
    Kind(
        "mixed names",
        lambda X: frame(X, [0, *"abcdefgh"[: X.shape[1] - 1]]),
        itself,
        names="feature names",
    ),
    Kind("text column", lambda X: frame(X).assign(c0="word"), warns=NAMES_WARN),
    Kind(
        "categorical column",
        lambda X: frame(X).assign(c0=pd.Categorical(["u"] * len(X))),
        warns=NAMES_WARN,
    ),
    Kind("frame with NaN", lambda X: frame(with_entry(X, np.nan)), warns=NAMES_WARN),
    Kind("polars", lambda X: pl.from_pandas(frame(X)), itself, warns=NAMES_WARN),
    Kind(
        "polars null",
        lambda X: pl.DataFrame(X.tolist(), orient="row").with_columns(column_0=None),
        warns=NAMES_WARN,
    ),
    Kind("Series", lambda X: pd.Series(X[:, 0])),
    Kind("tensor", lambda X: torch.tensor(X), itself),
    Kind("only convertible", OnlyConvertible, itself),
    Kind("structured", lambda X: np.zeros(len(X), dtype=[("a", float), ("b", float)])),
    Kind("void", lambda X: np.zeros(X.shape, dtype="V4")),
    Kind("generator", lambda X: (row for row in X)),
    Kind("set", lambda X: set(X.ravel().tolist())),
    Kind("dict", lambda X: {"a": X}),
    Kind("text", lambda X: "rows"),
    Kind("bytes", lambda X: b"rows"),
    Kind("object", lambda X: object()),
    Kind("type", lambda X: float),
    Kind("unconvertible", lambda X: Unconvertible()),
    Kind(
        "Decimal", lambda X: with_entry(X, decimal.Decimal("1"), object), lambda X: with_entry(X, 1)
    ),
    Kind(
        "Fraction",
        lambda X: with_entry(X, fractions.Fraction(1), object),
        lambda X: with_entry(X, 1),
    ),
]
# Rows to predict, of a model that was fitted with rows that have names or not.
NEW_ROWS = [
    *ROWS,
    Kind("one column less", lambda X: X[:, :-1]),
    Kind("one column more", lambda X: np.column_stack([X, X[:, 0]])),
    Kind("transposed", lambda X: X.T),
]
NAMED_ROWS = [
    Kind("other names", lambda X: X.rename(columns=lambda name: f"{name}!"), names="feature names"),
    Kind("reordered", lambda X: X[X.columns[::-1]], names="[Ff]eature names"),
    Kind("repeated", lambda X: X[[X.columns[0]] * X.shape[1]], names="[Ff]eature names"),
    Kind("a name less", lambda X: X.iloc[:, :-1], names="[Ff]eature names"),
    Kind("a name more", lambda X: X.assign(z=1.0), names="[Ff]eature names"),
    Kind("nameless", lambda X: X.to_numpy(), itself, warns=NAMES_WARN),
    Kind("numbered", lambda X: pd.DataFrame(X.to_numpy()), itself, warns=NAMES_WARN),
    Kind("polars", lambda X: pl.DataFrame(X.to_numpy(), schema=list(X.columns)), itself),
]

# What any array of labels may not be, whatever the labels are.
NO_LABELS = [
    Kind("None", lambda y: None),
    Kind("scalar", lambda y: 3),
    Kind("0-d", lambda y: np.array("ant")),
    Kind("text", lambda y: "ant"),
    Kind("bytes", lambda y: b"ant"),
    Kind("empty", lambda y: []),
    Kind("empty array", lambda y: y[:0]),
    Kind("None entry", lambda y: replaced(y, None).tolist()),
    Kind("None entry in an array", lambda y: replaced(y, None)),
    Kind("only None", lambda y: [None] * len(y)),
    Kind("NaN entry", lambda y: replaced(y, np.nan)),
    Kind("only NaN", lambda y: np.full(len(y), np.nan)),
    Kind("pd.NA", lambda y: replaced(y, pd.NA)),
    Kind("NaT", lambda y: replaced(y, pd.NaT)),
    Kind("NaT of NumPy", lambda y: np.full(len(y), np.datetime64("NaT"))),
    Kind("inf", lambda y: np.full(len(y), np.inf)),
    Kind("mixed with a number", lambda y: replaced(y, 1.5)),
    Kind("mixed with a bool", lambda y: replaced(y, True)),
    Kind(
        "mixed with a tuple", lambda y: replaced(y, None).tolist()[:1] + [("a", 1)] * (len(y) - 1)
    ),
    Kind("mixed with bytes", lambda y: replaced(y, b"ant")),
    Kind("fractions", lambda y: np.arange(len(y)) + 0.5),
    Kind("fractions as objects", lambda y: (np.arange(len(y)) + 0.5).astype(object)),
    Kind("complex", lambda y: np.full(len(y), 1j)),
    Kind("two columns", lambda y: np.column_stack([y, y])),
    Kind("three dimensions", lambda y: np.reshape(y, (1, -1, 1))),
    Kind("ragged", lambda y: [["a"], ["a", "b"]] * (len(y) // 2)),
    Kind("all bytes", lambda y: [b"ant"] * len(y)),
    Kind("array of bytes", lambda y: np.full(len(y), b"ant")),
    Kind("objects", lambda y: [object() for _ in y]),
    Kind("incomparable", lambda y: replaced(y, Incomparable())),
    Kind("datetimes", lambda y: np.full(len(y), np.datetime64("2020-01-01"))),
    Kind("timedeltas", lambda y: np.full(len(y), np.timedelta64(1, "s"))),
    Kind("dates", lambda y: [datetime.date(2020, 1, 1)] * len(y)),
    Kind("periods", lambda y: pd.period_range("2020", periods=len(y), freq="D")),
    Kind("intervals", lambda y: pd.interval_range(0, len(y))),
    Kind("Decimals", lambda y: [decimal.Decimal("1.5")] * len(y)),
    Kind("masked", lambda y: np.ma.array(y, mask=np.arange(len(y)) == 1)),
    Kind("sparse", lambda y: sp.csr_matrix(np.ones((len(y), 1)))),
    Kind("frame", lambda y: pd.DataFrame({"a": list(y), "b": list(y)})),
    Kind("nullable NA", lambda y: pd.array([None, *y[1:]], dtype="string")),
    Kind("categorical NaN", lambda y: pd.Categorical([None, *y[1:]])),
    Kind(
        "StringDType NA",
        lambda y: np.array([pd.NA, *y[1:]], dtype=np.dtypes.StringDType(na_object=pd.NA)),
    ),
    Kind("set", lambda y: set(y)),
    Kind("dict", lambda y: {"a": list(y)}),
    Kind("generator", lambda y: (label for label in y)),
    Kind("object", lambda y: object()),
    Kind("structured", lambda y: np.zeros(len(y), dtype=[("a", int)])),
    Kind("void", lambda y: np.zeros(len(y), dtype="V4")),
    Kind("unconvertible", lambda y: Unconvertible()),
]
# Other forms of the same labels, which are texts.
SAME_LABELS = [
    Kind("list", lambda y: list(y), itself),
    Kind("tuple", lambda y: tuple(y), itself),
    Kind("list of Python texts", lambda y: y.tolist(), itself),
    Kind("objects", lambda y: y.astype(object), itself),
    Kind("one column", lambda y: y[:, None], itself, warns="column-vector"),
    Kind("Series with an odd index", lambda y: pd.Series(y, index=np.arange(len(y))[::-1]), itself),
    Kind("nullable texts", lambda y: pd.array(y, dtype="string"), itself),
    Kind(
        "unused categories",
        lambda y: pd.Series(pd.Categorical(y, categories=["zebra", *dict.fromkeys(y)])),
        itself,
    ),
    Kind("StringDType", lambda y: y.astype(np.dtypes.StringDType()), itself),
    Kind("nothing masked", lambda y: np.ma.array(y), itself),
    Kind("polars", lambda y: pl.Series(y.tolist()), itself),
    Kind("polars categories", lambda y: pl.Series(y.tolist(), dtype=pl.Categorical), itself),
    Kind("longer texts", lambda y: y.astype("U99"), itself),
    Kind("read-only", read_only, itself),
    Kind("Index", pd.Index, itself),
]
# Labels that are well formed, and of no class that is known.
UNKNOWN_LABELS = [
    Kind("unknown label", lambda y: replaced(y, "zebra"), names="zebra"),
    Kind("misspelt label", lambda y: replaced(y, f"{y[1]} "), names=r"\w+ '"),
    Kind("empty text", lambda y: replaced(y, ""), names="''"),
    Kind("numbers", lambda y: np.arange(len(y))),
    Kind("bools", lambda y: np.arange(len(y)) % 2 == 0),
    Kind("texts of numbers", lambda y: np.arange(len(y)).astype(str)),
    Kind("10**30", lambda y: [10**30] * len(y)),
    Kind("10**400", lambda y: [10**400] * len(y)),
    Kind("one 10**30", lambda y: [*range(len(y) - 1), 10**30]),
    Kind("2**63", lambda y: np.full(len(y), 2**63, dtype=np.uint64)),
]
WRONG_LENGTH = [
    Kind("one label less", lambda y: y[:-1]),
    Kind("one label more", lambda y: np.concatenate([y, y[:1]])),
    Kind("one label", lambda y: y[:1]),
]
LABELS = [*NO_LABELS, *SAME_LABELS, *WRONG_LENGTH]
KNOWN_LABELS = [*LABELS, *UNKNOWN_LABELS]
# Labels that are whole numbers, such as those of the rows of an array of class embeddings.
NUMBER_LABELS = [
    Kind("floats", lambda y: y.astype(float), itself),
    Kind("float16", lambda y: y.astype(np.float16), itself),
    Kind("longdouble", lambda y: y.astype(np.longdouble), itself),
    Kind("int8", lambda y: y.astype(np.int8), itself),
    Kind("uint64", lambda y: y.astype(np.uint64), itself),
    Kind("foreign byte order", lambda y: y.astype(">i4"), itself),
    Kind("objects", lambda y: y.astype(object), itself),
    Kind("object floats", lambda y: y.astype(float).astype(object), itself),
    Kind("nullable", lambda y: pd.array(y, dtype="Int64"), itself),
    Kind("nullable NA", lambda y: pd.array([None, *y[1:].tolist()], dtype="Int64")),
    Kind("nullable floats", lambda y: pd.array(y.astype(float), dtype="Float64"), itself),
    Kind("polars", lambda y: pl.Series(y.tolist()), itself),
    Kind("polars null", lambda y: pl.Series([None, *y[1:].tolist()])),
    Kind("tensor", lambda y: torch.tensor(y), itself),
    Kind("categorical", lambda y: pd.Categorical(y), itself),
    Kind("texts", lambda y: y.astype(str)),
    Kind("bools", lambda y: y % 2 == 0),
    Kind("NaN", lambda y: replaced(y, np.nan, dtype=float)),
    Kind("inf", lambda y: replaced(y, np.inf, dtype=float)),
    Kind("fraction", lambda y: replaced(y, 0.5, dtype=float)),
    Kind("negative", lambda y: replaced(y, -1), names="-1"),
    Kind("10**30", lambda y: replaced(y, 10**30), names="10{30}"),
    Kind("10**30 in a list", lambda y: replaced(y, 10**30).tolist(), names="10{30}"),
    Kind("-10**30", lambda y: replaced(y, -(10**30)), names="10{30}"),
    Kind("10**400", lambda y: replaced(y, 10**400).tolist(), names="10{400}"),
    Kind("2**63", lambda y: replaced(y, 2**63, dtype=np.uint64), names=str(2**63)),
    Kind("1e300", lambda y: replaced(y, 1e300, dtype=float), names="1e.?300"),
    Kind("Decimals", lambda y: [decimal.Decimal(int(label)) for label in y], itself),
]


def with_index(table, labels):
    """Return a copy of a frame with other labels."""
    return pd.DataFrame(table.to_numpy(), index=labels, columns=table.columns)


def relabelled(table, label):
    """Return a copy of a frame with another label of its second row."""
    return with_index(table, pd.Index(replaced(table.index, label), tupleize_cols=False))


def vectors(table):
    """Return a frame as a dict of vectors."""
    return {label: row.to_numpy() for label, row in table.iterrows()}


def misspelt(table):
    """Return a frame with a space after its second label."""
    return table.rename(index={table.index[1]: f"{table.index[1]} "})


def recursive():
    """Return a dict that holds itself."""
    outer = {}
    outer["a"] = outer
    return outer


# Of a frame that is indexed by texts.
EMBEDDINGS = [
    Kind("scalar", lambda E: 3.0),
    Kind("0-d", lambda E: np.array(3.0)),
    Kind("text", lambda E: "embeddings"),
    Kind("bytes", lambda E: b"embeddings"),
    Kind("object", lambda E: object()),
    Kind("type", lambda E: dict),
    Kind("set", lambda E: set(E.index)),
    Kind("generator", lambda E: (row for row in E.to_numpy())),
    Kind("unconvertible", lambda E: Unconvertible()),
    Kind("empty list", lambda E: []),
    Kind("empty dict", lambda E: {}),
    Kind("empty frame", lambda E: E.iloc[:0]),
    Kind("no columns", lambda E: E[[]]),
    Kind("empty modality", lambda E: {"a": E.iloc[:0]}),
    Kind("empty modalities", lambda E: {"a": E.iloc[:0], "b": {}}),
    Kind("modality of None", lambda E: {"a": None}),
    Kind("array without labels", lambda E: E.to_numpy()),
    Kind("array with too few rows", lambda E: E.to_numpy()[:1]),
    Kind("sparse without labels", lambda E: sp.csr_matrix(E.to_numpy())),
    Kind("list without labels", lambda E: E.to_numpy().tolist()),
    Kind("one dimension", lambda E: E.to_numpy()[0]),
    Kind("three dimensions", lambda E: E.to_numpy()[None]),
    Kind("ragged list", lambda E: [[1.0], *E.to_numpy().tolist()[1:]]),
    Kind("Series", lambda E: E.iloc[:, 0]),
    Kind("transposed", lambda E: E.T),
    Kind("dict of vectors", vectors, itself),
    Kind("dict of lists", lambda E: {k: v.tolist() for k, v in vectors(E).items()}, itself),
    Kind("dict of Series", lambda E: dict(E.iterrows()), itself),
    Kind("dict of a modality", lambda E: {"embeddings": E}, itself),
    Kind("dict of a dict", lambda E: {"embeddings": vectors(E)}, itself),
    Kind("dict in a dict in a dict", lambda E: {"a": {"b": E}}),
    Kind("recursive dict", lambda E: recursive()),
    Kind("dict with a ragged vector", lambda E: {**vectors(E), E.index[1]: [1.0]}),
    Kind("dict with None", lambda E: {**vectors(E), E.index[1]: None}),
    Kind("dict with only None", lambda E: dict.fromkeys(E.index)),
    Kind("dict with a scalar", lambda E: {**vectors(E), E.index[1]: 3.0}),
    Kind("dict with scalars", lambda E: dict.fromkeys(E.index, 3.0)),
    Kind("dict with a text", lambda E: {**vectors(E), E.index[1]: "word"}),
    Kind("dict with texts", lambda E: dict.fromkeys(E.index, "word")),
    Kind("dict with text vectors", lambda E: {k: ["u", "v"] for k in E.index}),
    Kind("dict with objects", lambda E: dict.fromkeys(E.index, object())),
    Kind("dict with empty vectors", lambda E: {k: [] for k in E.index}),
    Kind("dict with ragged tables", lambda E: {k: [[1.0], [1.0, 2.0]] for k in E.index}),
    Kind("dict with a set", lambda E: {k: {1.0, 2.0} for k in E.index}),
    Kind("dict with NaN", lambda E: {**vectors(E), E.index[1]: np.full(E.shape[1], np.nan)}),
    Kind("dict of mixed tables", lambda E: {"a": E, "b": [1.0, 2.0]}),
    Kind("modality that is no text", lambda E: {3: E}),
    Kind("modality of None's name", lambda E: {None: E}),
    Kind("modality named features", lambda E: {"features": E}),
    Kind("modalities with a common loss", lambda E: {"a": E, "b_c": E, "a_b": E, "c": E}),
    Kind("dict of tables per class", lambda E: {k: v[None] for k, v in vectors(E).items()}),
    Kind("dict with tuples", lambda E: {("a", 1): [1.0, 2.0], ("b", 2): [1.0, 3.0]}),
    Kind("dict with None as a label", lambda E: {**vectors(E), None: E.to_numpy()[0]}),
    Kind("dict with mixed labels", lambda E: {**vectors(E), 3: E.to_numpy()[0]}),
    Kind("repeated label", lambda E: pd.concat([E, E.iloc[:1]])),
    Kind("missing class", lambda E: E.iloc[1:]),
    Kind("NaN", lambda E: with_index(frame(with_entry(E, np.nan)), E.index)),
    Kind("inf", lambda E: with_index(frame(with_entry(E, np.inf)), E.index)),
    Kind("1e39", lambda E: with_index(frame(with_entry(E, 1e39)), E.index)),
    Kind("pandas NA", lambda E: E.astype("Float64").mask(E.mean() < E)),
    Kind("nullable", lambda E: E.astype("Float64"), itself),
    Kind("object numbers", lambda E: E.astype(object), itself),
    Kind("float32", lambda E: E.astype(np.float32), itself),
    Kind("10**400", lambda E: E.astype(object).assign(a0=10**400)),
    Kind("text column", lambda E: E.assign(a0="word")),
    Kind("texts of numbers", lambda E: E.astype(str)),
    Kind("complex", lambda E: E.astype(complex)),
    Kind("datetime column", lambda E: E.assign(a0=pd.Timestamp("2020-01-01"))),
    Kind("timedelta column", lambda E: E.assign(a0=pd.Timedelta(1, "s"))),
    Kind("categorical column", lambda E: E.assign(a0=pd.Categorical(["u"] * len(E)))),
    Kind("bool column", lambda E: E.assign(a0=E.a0 > 0), lambda E: E.assign(a0=(E.a0 > 0) * 1.0)),
    Kind("sparse frame", lambda E: E.astype(pd.SparseDtype(float, 0.0)), itself),
    Kind("masked", lambda E: np.ma.array(E.to_numpy(), mask=E.to_numpy() > 1)),
    Kind("masked modality", lambda E: {"a": np.ma.array(E.to_numpy(), mask=E.to_numpy() > 1)}),
    Kind("number labels", lambda E: with_index(E, range(len(E)))),
    Kind("bool labels", lambda E: with_index(E.iloc[:2], [True, False])),
    Kind("None label", lambda E: relabelled(E, None)),
    Kind("NaN label", lambda E: relabelled(E, np.nan)),
    Kind("pd.NA label", lambda E: relabelled(E, pd.NA)),
    Kind("mixed labels", lambda E: relabelled(E, 3)),
    Kind("bytes label", lambda E: relabelled(E, b"ant")),
    Kind("all bytes", lambda E: with_index(E, E.index.str.encode("ascii"))),
    Kind("tuple label", lambda E: relabelled(E, ("a", 1))),
    Kind("object label", lambda E: relabelled(E, object())),
    Kind("10**30 labels", lambda E: with_index(E, pd.Index([10**30 + i for i in range(len(E))]))),
    Kind("datetime labels", lambda E: with_index(E, pd.date_range("2020", periods=len(E)))),
    Kind("interval labels", lambda E: with_index(E, pd.interval_range(0, len(E)))),
    Kind("MultiIndex", lambda E: E.set_index(pd.MultiIndex.from_product([["m"], E.index]))),
    Kind("categorical labels", lambda E: with_index(E, pd.CategoricalIndex(E.index)), itself),
    Kind("shuffled", lambda E: E.iloc[::-1], itself),
    Kind("repeated columns", lambda E: E.set_axis(["a"] * E.shape[1], axis=1), itself),
    Kind("misspelt label", misspelt),
    Kind("polars", lambda E: pl.DataFrame({"name": list(E.index), **E.to_dict("list")}), itself),
    Kind("polars without labels", lambda E: pl.DataFrame(E.to_dict("list"))),
    Kind("polars with two texts", lambda E: pl.DataFrame({"a": list(E.index), "b": list(E.index)})),
    Kind("polars null", lambda E: pl.DataFrame({"name": list(E.index), "a": [None] * len(E)})),
    Kind(
        "polars null label",
        lambda E: pl.DataFrame({"n": [None, *E.index[1:]], "a": [1.0] * len(E)}),
    ),
    Kind(
        "lazy polars", lambda E: pl.DataFrame({"name": list(E.index), **E.to_dict("list")}).lazy()
    ),
    Kind("tensor", lambda E: torch.tensor(E.to_numpy())),
]

# What no parameter of any kind takes, or only those whose constraint says so.
PARAMETERS = {
    "True": True,
    "NumPy True": np.True_,
    "NaN": np.nan,
    "inf": np.inf,
    "-inf": -np.inf,
    "-1": -1,
    "0": 0,
    "0.5": 0.5,
    "10**30": 10**30,
    "10**400": 10**400,
    "-10**400": -(10**400),
    "1j": 1j,
    "Fraction": fractions.Fraction(1, 3),
    "Decimal": decimal.Decimal(1),
    "None": None,
    "empty text": "",
    "text": "nonsense",
    "bytes": b"auto",
    "empty list": [],
    "empty tuple": (),
    "(0,)": (0,),
    "(True,)": (True,),
    "(None,)": (None,),
    "(NaN,)": (np.nan,),
    "(10**400,)": (10**400,),
    "(-1, -1)": (-1, -1),
    "(0.5, 0.1)": (0.5, 0.1),
    "(True, 1)": (True, 1),
    "(10**400, 10**400)": (10**400, 10**400),
    "(NaN, NaN)": (np.nan, np.nan),
    "list of texts": ["a", "b"],
    "nested list": [[1, 2], [3]],
    "dict": {"a": 1},
    "set": {1},
    "array": np.array([1, 2]),
    "NumPy NaN": np.float32(np.nan),
    "object": object(),
    "incomparable": Incomparable(),
    "type": int,
}
# Of these the ones for parameters that hold no several values.
NUMBERS_AND_TEXTS = [
    "True",
    "NaN",
    "inf",
    "-1",
    "0",
    "10**30",
    "10**400",
    "Fraction",
    "None",
    "empty text",
    "text",
    "(0,)",
    "array",
    "incomparable",
]
