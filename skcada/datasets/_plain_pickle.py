"""Reader of pickled arrays that runs no code from the pickle.

The unpickler of Python calls what a pickle names and allocates what it declares: nine bytes can
take a gigabyte, and hashing a nested tuple of eighty bytes does not end. This one knows only what
plain data need, and calls nothing.
"""

from __future__ import annotations

import codecs
import math
import pickle
import pickletools
import re
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Kinds of numbers, as numpy writes them into pickles.
NUMBERS = frozenset(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"])
MAX_DIMENSIONS = 32

# Objects may take this many times the size of the file, and besides this many bytes.
RATIO, FLOOR = 7, 48 * 2**20
# About what they take: a number or text; an empty list, tuple or dict; an entry of the memo.
OBJECT, CONTAINER, ENTRY = 64, 96, 96

# The names that numpy writes into a pickle of an array, in version 1 and since version 2.
ENCODE, DTYPE, NDARRAY = "_codecs.encode", "numpy.dtype", "numpy.ndarray"
RECONSTRUCT = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
ADMITTED = frozenset([ENCODE, DTYPE, NDARRAY, *RECONSTRUCT])

# A backslash that begins no escape of bytes, once pairs of backslashes are taken out.
WRONG_ESCAPE = re.compile(rb"\\(?![nrtabfv'\"]|x[0-9a-fA-F]{2})")


class _NotAdmittedError(pickle.UnpicklingError):
    """A pickle asks for something that is not plain data."""


class StoredName:
    """The name of a function or class in a pickle, which is never looked up."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class StoredSet:
    """A set in a pickle, whose items are dropped."""

    __slots__ = ()


class StoredDtype:
    """The data type of a stored array."""

    __slots__ = ("byte_order", "code")

    def __init__(self, code: Any) -> None:
        self.code = code
        self.byte_order = "|"


class StoredArray:
    """The description of an array in a pickle, made into an array where it is used."""

    # Numpy's own functions trust the pickle, for instance with pointers to objects.

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: tuple[Any, ...] = (None,) * 4

    def to_array(self) -> NDArray[Any]:
        """Make the array of numbers, without a copy."""
        if len(self.state) < 4:
            raise ValueError("an array without a state")
        *_, shape, dtype, is_fortran, content = self.state
        code, byte_order = getattr(dtype, "code", None), getattr(dtype, "byte_order", None)
        if not (isinstance(code, str) and code in NUMBERS):
            kind = repr(code[:20]) if isinstance(code, str) else type(dtype).__name__
            raise ValueError(f"an array of {kind}")
        if not (isinstance(byte_order, str) and byte_order in ("<", ">", "=", "|")):
            raise ValueError("an array without a byte order")
        if isinstance(content, str):  # of Python 2
            content = content.encode("latin1")
        if not isinstance(content, bytes) or not _is_shape(shape, len(content)):
            raise ValueError("an array without a shape or without content")
        numbers = np.frombuffer(content, byte_order + code)
        if math.prod(shape) != numbers.size:
            raise ValueError(f"an array of shape {shape} with {numbers.size} numbers")
        return numbers.reshape(shape, order="F" if _is_true(is_fortran) else "C")


def read_plain_pickle(path: Path) -> Any:
    """Read a pickle that holds only numbers, texts, lists, tuples, dicts and arrays of them."""
    if path.exists() and not path.is_file():
        raise ValueError(f"'{path}' is no file. Pass the path of the file itself.")
    try:
        return _Reader(path.read_bytes()).read()
    except _NotAdmittedError as error:
        raise ValueError(
            f"'{path}' was not read: {error}. If you trust its source, save the arrays alone, with "
            "pickle.dump(..., protocol=4)."
        ) from error
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"'{path}' is not a pickle, or not a whole one ({error}). "
            "Compare its size with the source's and fetch it again."
        ) from error


def to_array(value: Any, max_bytes: int) -> NDArray[Any]:
    """Make an array of one in a pickle, or of a list of numbers or of equally long rows of them."""
    if isinstance(value, StoredArray):
        return value.to_array()
    if not isinstance(value, list | tuple):
        raise ValueError(f"it is a {type(value).__name__}")
    is_row = [isinstance(row, list | tuple | StoredArray) for row in value]
    if not any(is_row):
        return _row_to_array(value)
    widths = {_row_length(row) for row in value} if all(is_row) else set()
    if len(widths) != 1:
        raise ValueError("its rows are not equally long")
    # A pickle can name one row many times.
    if len(value) * max(widths) * 8 > max_bytes:
        raise ValueError(f"its {len(value)} rows repeat more than the file holds")
    result = np.empty((len(value), max(widths)))
    for i, row in enumerate(value):
        result[i] = _row_to_array(row)
    return result


def _row_length(row: Any) -> int:
    return math.prod(row.to_array().shape) if isinstance(row, StoredArray) else len(row)


def _row_to_array(row: Any) -> NDArray[Any]:
    if isinstance(row, StoredArray):
        array = row.to_array()
        if array.ndim != 1:
            raise ValueError(f"one of its rows is an array of shape {array.shape}")
        return array
    if not set(map(type, row)) <= {int, float}:
        raise ValueError("its rows hold other things than numbers")
    try:
        return np.array(row, dtype=np.float64)
    except OverflowError as error:
        raise ValueError("its rows hold a number too large") from error


def _is_true(value: Any) -> bool:
    return isinstance(value, int) and bool(value)  # Python 2 wrote 1


def _is_shape(shape: Any, largest: int) -> bool:
    return (
        isinstance(shape, tuple)
        and len(shape) <= MAX_DIMENSIONS
        and all(type(side) is int and 0 <= side <= largest for side in shape)
    )


class _Mark:
    """The place in the stack where a list, tuple or dict begins."""


MARK = _Mark()


class _Reader:
    """A machine with a stack and a memo, as that of :mod:`pickle`, that makes plain data only."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.left = RATIO * len(content) + FLOOR

    def read(self) -> Any:
        """Follow the opcodes up to the one that ends them."""
        while (code := self.take(1)) != pickle.STOP:
            if code in OTHER_STEPS:
                raise _NotAdmittedError(
                    f"it asks for the opcode {OTHER_STEPS[code]}, which arrays, numbers and texts "
                    "do not need in a protocol before 5"
                )
            if code not in STEPS:
                raise pickle.UnpicklingError(f"there is no opcode {code!r}")
            STEPS[code](self)
        return self.pop()

    # The bytes

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        start, left = self.at, len(self.content) - self.at
        if not 0 <= size <= left:
            raise pickle.UnpicklingError(f"{size} bytes are expected where {left} are left")
        self.at += size
        return self.content[start : self.at]

    def take_number(self, form: str) -> Any:
        """Return the number that is next, in a format of :mod:`struct`."""
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def take_counted(self, form: str) -> bytes:
        """Return bytes whose number is next."""
        return self.take(self.take_number(form))

    def take_line(self) -> bytes:
        """Return what is next up to the end of the line."""
        end = self.content.find(b"\n", self.at)
        if end < 0:
            raise pickle.UnpicklingError("a line does not end")
        return self.take(end + 1 - self.at)[:-1]

    def take_line_int(self) -> int:
        """Return the number that is written in the next line."""
        return _to_number(int, self.take_line())

    # The stack

    def push(self, value: Any, cost: int = OBJECT) -> None:
        """Put an object on top of the stack."""
        self.spend(cost)
        self.stack.append(value)

    def spend(self, cost: int) -> None:
        """Count the memory of an object."""
        self.left -= cost
        if self.left < 0:
            raise _NotAdmittedError("it holds more objects than a file of its size may")

    def top(self) -> Any:
        """Return what is on top of the stack."""
        if not self.stack or self.stack[-1] is MARK:
            raise pickle.UnpicklingError("an opcode lacks what it works on")
        return self.stack[-1]

    def pop(self) -> Any:
        """Take an object from the top of the stack."""
        value = self.top()
        del self.stack[-1]
        return value

    def pop_pair(self) -> tuple[Any, Any]:
        """Take two objects, the top one second."""
        second = self.pop()
        return self.pop(), second

    def pop_to_mark(self) -> list[Any]:
        """Take all objects above the last mark, and the mark."""
        place = len(self.stack) - 1
        while place >= 0 and self.stack[place] is not MARK:
            place -= 1
        if place < 0:
            raise pickle.UnpicklingError("an opcode lacks the mark that it goes back to")
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def drop(self) -> None:
        """Take away the top of the stack, which may be a mark."""
        del self.stack[-1:]

    # The memo

    def put(self, number: int) -> None:
        """Note the top of the stack under a number."""
        if number not in self.memo:
            self.spend(ENTRY)
        self.memo[number] = self.top()

    def get(self, number: int) -> None:
        """Push what was noted under a number."""
        if number not in self.memo:
            raise pickle.UnpicklingError(f"there is no place {number} in the memo")
        self.push(self.memo[number])

    # Containers

    def extend(self, items: list[Any]) -> None:
        """Append items to the list that is on top."""
        container = self.top()
        if not isinstance(container, list):
            raise pickle.UnpicklingError("something is appended to what is no list")
        container.extend(items)

    def update(self, items: list[Any]) -> None:
        """Add keys and values, in turn, to the dict that is on top."""
        container = self.top()
        if not isinstance(container, dict) or len(items) % 2:
            raise pickle.UnpicklingError("an entry is added to what is no dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not _is_key(key):
                raise _NotAdmittedError("a key of a dict is no text, number or tuple of them")
            container[key] = value

    def push_dict(self) -> None:
        """Make a dict of the keys and values above the mark."""
        items = self.pop_to_mark()
        self.push({}, CONTAINER)
        self.update(items)

    def add_to_set(self) -> None:
        """Drop the items of a set."""
        self.pop_to_mark()
        if not isinstance(self.top(), StoredSet):
            raise pickle.UnpicklingError("something is added to what is no set")

    def push_frozen_set(self) -> None:
        """Make a set that cannot be changed."""
        self.pop_to_mark()
        self.push(StoredSet())

    # What numpy asks for

    def push_name(self, module: Any, name: Any) -> None:
        """Push a name of what may be called, or refuse it."""
        if not (isinstance(module, str) and isinstance(name, str)):
            raise pickle.UnpicklingError("a name is no text")
        full_name = f"{module}.{name}"
        if full_name not in ADMITTED:
            raise _NotAdmittedError(
                f"it asks for {full_name[:100]}, but only numpy arrays, numbers, texts, lists, "
                "tuples and dicts are read, as any other function could run code on this computer"
            )
        self.push(StoredName(full_name))

    def push_name_of_lines(self) -> None:
        """Push the name whose module and name are the next lines."""
        module = _decode(self.take_line(), "utf-8")
        self.push_name(module, _decode(self.take_line(), "utf-8"))

    def reduce(self) -> None:
        """Make what numpy's functions would make."""
        called, args = self.pop_pair()
        name = called.name if isinstance(called, StoredName) else None
        if name is None or not isinstance(args, tuple):
            raise pickle.UnpicklingError("something is called that is no function")
        if name == ENCODE:
            self.push(_encode(args))
        elif name == DTYPE and args:
            self.push(StoredDtype(args[0]))
        elif name in RECONSTRUCT:
            self.push(StoredArray())
        else:
            raise pickle.UnpicklingError(f"{name} is called in a way that numpy does not use")

    def build(self) -> None:
        """Give a data type or array the state that is on top."""
        state = self.pop()
        stored = self.top()
        if isinstance(stored, StoredArray) and isinstance(state, tuple):
            stored.state = state
        elif isinstance(stored, StoredDtype) and isinstance(state, tuple) and len(state) > 1:
            stored.byte_order = state[1]
        else:
            raise pickle.UnpicklingError("a state is given to what has none")


def _is_key(key: Any, *, may_be_tuple: bool = True) -> bool:
    # The hash of a nested tuple can take forever, and so can a dict whose keys have equal hashes.
    if isinstance(key, tuple):
        return may_be_tuple and len(key) < 16 and all(_is_key(k, may_be_tuple=False) for k in key)
    is_small = isinstance(key, int) and -(2**60) < key < 2**60
    return is_small or key is None or isinstance(key, str | bytes | float)


def _to_number(kind: Callable[[bytes], Any], line: bytes) -> Any:
    try:
        return kind(line)
    except ValueError as error:
        raise pickle.UnpicklingError(f"{line[:20]!r} is no number") from error


def _int_or_bool(line: bytes) -> int | bool:
    return line == b"01" if line in (b"00", b"01") else _to_number(int, line)


def _decode(content: bytes, encoding: str, errors: str = "strict") -> str:
    try:
        return content.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise pickle.UnpicklingError(f"a text is not in {encoding}") from error


def _unquote(line: bytes) -> str:
    """Return the text of Python 2 that a line holds as a literal."""
    inside = line[1:-1]
    is_quoted = len(line) > 1 and line[:1] == line[-1:] and line[:1] in (b"'", b'"')
    if not is_quoted or WRONG_ESCAPE.search(inside.replace(b"\\\\", b"")):
        raise pickle.UnpicklingError(f"{line[:20]!r} is no text in quotes")
    return codecs.escape_decode(inside)[0].decode("latin1")


def _encode(args: tuple[Any, ...]) -> bytes:
    """Make bytes of text, which is how older protocols store bytes."""
    if len(args) != 2 or not all(isinstance(arg, str) for arg in args):
        raise pickle.UnpicklingError("something is encoded that is no text")
    text, encoding = args
    if encoding != "latin1":
        raise _NotAdmittedError(f"it asks for text in {encoding[:20]!r}, expected 'latin1'")
    try:
        return text.encode("latin1")
    except UnicodeEncodeError as error:
        raise pickle.UnpicklingError("a text is not in latin1") from error


def _to_int(content: bytes) -> int:
    return int.from_bytes(content, "little", signed=True)


def _push_tuple(size: int, reader: _Reader) -> None:
    items = [reader.pop() for _ in range(size)]
    reader.push(tuple(items[::-1]), CONTAINER)


UTF8 = ("utf-8", "surrogatepass")
# What is done at each opcode that plain data need.
STEPS: dict[bytes, Callable[[_Reader], None]] = {
    pickle.PROTO: lambda r: r.take_number("B"),
    pickle.FRAME: lambda r: r.take_number("Q"),  # everything is in memory
    pickle.MARK: lambda r: r.push(MARK),
    pickle.POP: _Reader.drop,
    pickle.POP_MARK: lambda r: r.pop_to_mark().clear(),
    pickle.DUP: lambda r: r.push(r.top()),
    # Numbers
    pickle.NONE: lambda r: r.push(None),
    pickle.NEWTRUE: lambda r: r.push(True),
    pickle.NEWFALSE: lambda r: r.push(False),
    pickle.INT: lambda r: r.push(_int_or_bool(r.take_line())),
    pickle.BININT: lambda r: r.push(r.take_number("i")),
    pickle.BININT1: lambda r: r.push(r.take_number("B")),
    pickle.BININT2: lambda r: r.push(r.take_number("H")),
    pickle.LONG: lambda r: r.push(_to_number(int, r.take_line().removesuffix(b"L"))),
    pickle.LONG1: lambda r: r.push(_to_int(r.take_counted("B"))),
    pickle.LONG4: lambda r: r.push(_to_int(r.take_counted("i"))),
    pickle.FLOAT: lambda r: r.push(_to_number(float, r.take_line())),
    pickle.BINFLOAT: lambda r: r.push(struct.unpack(">d", r.take(8))[0]),
    # Texts and bytes; those of Python 2 are both
    pickle.UNICODE: lambda r: r.push(_decode(r.take_line(), "raw-unicode-escape")),
    pickle.SHORT_BINUNICODE: lambda r: r.push(_decode(r.take_counted("B"), *UTF8)),
    pickle.BINUNICODE: lambda r: r.push(_decode(r.take_counted("I"), *UTF8)),
    pickle.BINUNICODE8: lambda r: r.push(_decode(r.take_counted("Q"), *UTF8)),
    pickle.SHORT_BINBYTES: lambda r: r.push(r.take_counted("B")),
    pickle.BINBYTES: lambda r: r.push(r.take_counted("I")),
    pickle.BINBYTES8: lambda r: r.push(r.take_counted("Q")),
    pickle.STRING: lambda r: r.push(_unquote(r.take_line())),
    pickle.SHORT_BINSTRING: lambda r: r.push(r.take_counted("B").decode("latin1")),
    pickle.BINSTRING: lambda r: r.push(r.take_counted("i").decode("latin1")),
    # Containers
    pickle.EMPTY_TUPLE: lambda r: r.push(()),
    pickle.TUPLE1: partial(_push_tuple, 1),
    pickle.TUPLE2: partial(_push_tuple, 2),
    pickle.TUPLE3: partial(_push_tuple, 3),
    pickle.TUPLE: lambda r: r.push(tuple(r.pop_to_mark()), CONTAINER),
    pickle.EMPTY_LIST: lambda r: r.push([], CONTAINER),
    pickle.LIST: lambda r: r.push(r.pop_to_mark(), CONTAINER),
    pickle.APPEND: lambda r: r.extend([r.pop()]),
    pickle.APPENDS: lambda r: r.extend(r.pop_to_mark()),
    pickle.EMPTY_DICT: lambda r: r.push({}, CONTAINER),
    pickle.DICT: _Reader.push_dict,
    pickle.SETITEM: lambda r: r.update([*r.pop_pair()]),
    pickle.SETITEMS: lambda r: r.update(r.pop_to_mark()),
    pickle.EMPTY_SET: lambda r: r.push(StoredSet()),
    pickle.FROZENSET: _Reader.push_frozen_set,
    pickle.ADDITEMS: _Reader.add_to_set,
    # The memo
    pickle.PUT: lambda r: r.put(r.take_line_int()),
    pickle.BINPUT: lambda r: r.put(r.take_number("B")),
    pickle.LONG_BINPUT: lambda r: r.put(r.take_number("I")),
    pickle.MEMOIZE: lambda r: r.put(len(r.memo)),
    pickle.GET: lambda r: r.get(r.take_line_int()),
    pickle.BINGET: lambda r: r.get(r.take_number("B")),
    pickle.LONG_BINGET: lambda r: r.get(r.take_number("I")),
    # Arrays
    pickle.GLOBAL: _Reader.push_name_of_lines,
    pickle.STACK_GLOBAL: lambda r: r.push_name(*r.pop_pair()),
    pickle.REDUCE: _Reader.reduce,
    pickle.BUILD: _Reader.build,
}

OTHER_STEPS = {
    opcode.code.encode("latin1"): opcode.name
    for opcode in pickletools.opcodes
    if opcode.name != "STOP" and opcode.code.encode("latin1") not in STEPS
}
