"""Reader of pickled arrays that runs no code from the pickle."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Kinds of numbers, as numpy writes them into pickles.
NUMBERS = frozenset(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"])


class _NotAdmittedError(pickle.UnpicklingError):
    """A pickle asks for something that is not plain data."""


class StoredDtype:
    """The data type of a stored array."""

    # The options of numpy's own type have no meaning here.
    __slots__ = ("byte_order", "code")

    def __init__(self, code: str, *options: object) -> None:
        self.code = code
        self.byte_order = "|"

    def __setstate__(self, state: Any) -> None:
        self.byte_order = state[1]


class StoredArray:
    """The description of an array in a pickle, made into an array where it is used."""

    # Numpy's own functions trust the pickle, for instance with pointers to objects. These do not.

    __slots__ = ("state",)

    def __init__(self, *options: object) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Make the array of numbers."""
        *_, shape, stored, is_fortran, content = self.state
        is_number = isinstance(stored, StoredDtype) and stored.code in NUMBERS
        if not is_number or stored.byte_order not in ("<", ">", "=", "|"):
            raise ValueError(f"an array of {getattr(stored, 'code', stored)!r}, not of numbers")
        numbers = np.frombuffer(content, stored.byte_order + stored.code)
        if math.prod(shape) != numbers.size:
            raise ValueError(f"an array of shape {shape} with {numbers.size} numbers")
        return np.array(numbers.reshape(shape, order="F" if is_fortran else "C"), dtype)


class Latin1:
    """Make bytes of text, which is how older protocols store bytes."""

    __slots__ = ()

    def __call__(self, text: str, encoding: str) -> bytes:
        if encoding != "latin1":
            raise _NotAdmittedError(f"it asks for text in {encoding!r}, expected 'latin1'")
        return text.encode("latin1")


# The names that numpy writes into a pickle of an array, in version 1 and since version 2. The
# values have slots only: a pickle can call them, but cannot change them for later pickles.
ADMITTED: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): Latin1(),
    ("numpy", "dtype"): StoredDtype,
    ("numpy", "ndarray"): StoredArray,
    ("numpy.core.multiarray", "_reconstruct"): StoredArray,
    ("numpy._core.multiarray", "_reconstruct"): StoredArray,
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ADMITTED:
            raise _NotAdmittedError(
                f"it asks for {module}.{name}, but only numpy arrays, numbers, texts, lists, "
                "tuples and dicts are read, as any other function could run code on this computer"
            )
        return ADMITTED[module, name]


def read_plain_pickle(path: Path) -> Any:
    """Read a pickle that holds only numbers, texts, lists, tuples, dicts and arrays of them."""
    try:
        with path.open("rb") as stream:
            return _PlainUnpickler(stream).load()
    except (MemoryError, OSError):
        raise
    except _NotAdmittedError as error:
        raise ValueError(
            f"'{path}' was not read: {error}. If you trust its source, save the arrays alone, with "
            "pickle.dump(..., protocol=4)."
        ) from error
    except Exception as error:  # pickle raises whatever its parser trips over
        raise ValueError(
            f"'{path}' is not a pickle, or not a whole one ({type(error).__name__}: {error}). "
            "Compare its size with the source's and fetch it again."
        ) from error
