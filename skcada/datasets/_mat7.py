"""Reader of MAT files of version 7 and older that trusts no byte of them.

It reads dense matrices of real numbers, texts and cell arrays of them. :func:`scipy.io.loadmat`
reads more, but takes data types, sizes and shapes as the file says, so that a single wrong bit can
end the interpreter. Here each is checked against the bytes that are there before it is used.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

# The data types of version 5, by number.
NUMBERS = dict(enumerate(["i1", "u1", "i2", "u2", "i4", "u4", "f4"], start=1))
NUMBERS |= {9: "f8", 12: "i8", 13: "u8"}
# The encodings of texts, in the byte order that is put in.
TEXTS = dict.fromkeys([1, 2, 16], "utf-8") | dict.fromkeys([4, 17], "utf-16-{}") | {18: "utf-32-{}"}
INT8, INT32, UINT32, MATRIX, COMPRESSED, UTF8 = 1, 5, 6, 14, 15, 16
# The classes of arrays of version 5, by number.
CELL, CHAR, OPAQUE = 1, 4, 17
NUMERIC = range(6, 16)
OTHERS = {2: "struct", 3: "object", 5: "sparse matrix", 16: "function", OPAQUE: "object"}
IS_COMPLEX = 0x800
# The data types of version 4, by the second last digit of the type of a variable.
NUMBERS_4 = ("f8", "f4", "i4", "i2", "u2", "u1")

# No cell array of a data set is nested deeper.
MAX_DEPTH = 16
MAX_DIMENSIONS = 32
# Compressed variables are read in pieces of this size.
PIECE = 2**18
# A name is found within this many bytes of an inflated variable.
HEAD = 4096
# What deflate can shrink at most.
DEFLATE = 1032
# What is made of compressed variables may take this many times the size of the file, and besides
# this many bytes. Each number is counted as it is stored and as it is used: features as float32,
# all others in eight bytes.
RATIO, FLOOR = 9, 48 * 2**20
# Cells and letters become objects, which are far larger than what is stored.
MAX_CELLS, MAX_LETTERS = 2**18, 2**22
# Each takes a look at the file.
MAX_VARIABLES = 2**16

# Shared, because an empty cell takes eight bytes in a file and far more as an array of its own.
EMPTY = np.empty((0, 0))
EMPTY.flags.writeable = False


class DamagedError(ValueError):
    """The bytes contradict each other, or are not there."""


class TooLargeError(ValueError):
    """A variable would take far more memory than its file is large."""


class HDF5Error(ValueError):
    """The file is of version 7.3."""


@dataclass(frozen=True)
class OtherVariable:
    """A variable of a kind that is not read."""

    kind: str
    shape: tuple[int, ...]


def read_version_7(path: Path, names: Collection[str]) -> dict[str, Any]:
    """Read the variables of these names that a MAT file of version 7 or older has."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(128)
        if head.startswith(b"\x89HDF\r\n\x1a\n"):
            raise HDF5Error
        if 0 in head[:4]:
            return _read_version_4(stream, size, names)
        if len(head) < 128 or head[126:] not in (b"IM", b"MI"):
            raise DamagedError("it has no header of a MAT file")
        order = "<" if head[126:] == b"IM" else ">"
        (version,) = struct.unpack(order + "H", head[124:126])
        if version >> 8 == 2:
            raise HDF5Error
        if version >> 8 != 1:
            raise DamagedError(f"its header says version {version >> 8}")
        return _File5(stream, size, order).read(names)


@dataclass
class Limits:
    """What may still be made of a file."""

    n_bytes: int
    n_cells: int = MAX_CELLS
    n_letters: int = MAX_LETTERS
    n_variables: int = MAX_VARIABLES

    def spend(self, **costs: int) -> None:
        """Subtract costs, and raise an error where too much is spent."""
        for name, cost in costs.items():
            left = getattr(self, name) - cost
            if left < 0:
                what = name.removeprefix("n_")
                way_out = "Check that it is the file meant"
                if what == "bytes":
                    way_out = "If you trust it, save it without compression (in MATLAB with '-v6')"
                raise TooLargeError(f"it holds {-left} {what} more than it may. {way_out}.")
            setattr(self, name, left)


class _File5:
    """A file of version 5 to 7, as a sequence of variables."""

    def __init__(self, stream: BinaryIO, size: int, order: str) -> None:
        self.stream = stream
        self.size = size
        self.order = order
        self.limits = Limits(n_bytes=RATIO * size + FLOOR)

    def read(self, names: Collection[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        at = 128
        # Like scipy, of several variables of one name it takes the first.
        while at < self.size and len(found) < len(names):
            self.limits.spend(n_variables=1)
            self.stream.seek(at)
            head = self.stream.read(HEAD)
            kind, start, stop, _ = _read_tag(head, 0, self.size - at, self.order)
            if kind == COMPRESSED:
                head = _inflate_head(head[start:stop])
                inner, begin, end, _ = _read_tag(head, 0, 2**33, self.order)
            else:
                inner, begin, end = kind, start, stop
            if inner != MATRIX or begin != 8:
                raise DamagedError(f"a variable of the data type {inner}")
            array = _Array(head, begin, min(end, len(head)), self.order)
            if array.name in names and array.name not in found:
                if kind == COMPRESSED:
                    if end > DEFLATE * (stop - start + 1):
                        raise DamagedError(f"a variable of {end} bytes in {stop - start}")
                    self.limits.spend(n_bytes=array.cost(end))
                    content = self._inflate(at + start, stop - start, end, array.name)
                else:
                    content = self._read(at, end)
                whole = _Array(content.data, begin, end, self.order)
                found[array.name] = whole.value(self.limits)
            at += stop
        return found

    def _read(self, start: int, size: int) -> NDArray[np.uint8]:
        content = np.empty(size, np.uint8)
        self.stream.seek(start)
        if self.stream.readinto(content) != size:  # type: ignore[attr-defined]
            raise DamagedError("it ends within a variable")
        return content

    def _inflate(self, start: int, stored: int, size: int, name: str) -> NDArray[np.uint8]:
        content = np.empty(size, np.uint8)
        self.stream.seek(start)
        inflater, packed, filled = zlib.decompressobj(), b"", 0
        # One byte more is asked for than there may be, and the end of the stream has to come: only
        # then is its checksum verified.
        while not inflater.eof:
            if not packed:
                packed = self.stream.read(min(PIECE, stored))
                stored -= len(packed)
                if not packed:
                    raise DamagedError(f"{name!r} ends early")
            piece = _inflate_piece(inflater, packed, min(PIECE, size - filled + 1))
            packed = inflater.unconsumed_tail
            if filled + len(piece) > size:
                raise DamagedError(f"{name!r} inflates to more than the {size} bytes declared")
            content[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
        if filled < size:
            raise DamagedError(f"{name!r} inflates to {filled} bytes, {size} were declared")
        return content


def _inflate_head(packed: bytes) -> bytes:
    return _inflate_piece(zlib.decompressobj(), packed, HEAD)


def _inflate_piece(inflater: Any, packed: bytes, size: int) -> bytes:
    try:
        return inflater.decompress(packed, size)
    except zlib.error as error:
        raise DamagedError(str(error)) from error


def _read_tag(content: Any, at: int, stop: int, order: str) -> tuple[int, int, int, int]:
    """Return the data type of an element, where its data begin and end, and where the next is."""
    if at + 8 > min(stop, len(content)):
        raise DamagedError("an element is cut off")
    kind, size = struct.unpack_from(order + "II", content, at)
    start = at + 8
    if kind >> 16:  # up to four bytes are stored within the tag
        kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
        if size > 4:
            raise DamagedError(f"an element of {size} bytes within its tag")
        return kind, start, start + size, at + 8
    if start + size > stop:
        raise DamagedError(f"an element of {size} bytes where {stop - start} are left")
    # Elements begin at multiples of eight; after the last one, the padding may lack.
    return kind, start, start + size, min(start + size + -size % 8, stop)


class _Array:
    """An array within the bytes of a variable: its header, and on demand what it holds."""

    __slots__ = ("content", "data", "flags", "name", "order", "shape", "stop")

    def __init__(self, content: Any, start: int, stop: int, order: str) -> None:
        self.content = content
        self.stop = stop
        self.order = order
        kind, at, end, following = _read_tag(content, start, stop, order)
        if kind != UINT32 or end - at != 8:
            raise DamagedError("an array without flags")
        (self.flags,) = struct.unpack_from(order + "I", content, at)
        self.shape: tuple[int, ...] = ()
        if self.kind != OPAQUE:  # which has no dimensions
            kind, at, end, following = _read_tag(content, following, stop, order)
            n_dimensions, rest = divmod(end - at, 4)
            if kind != INT32 or rest or not 1 <= n_dimensions <= MAX_DIMENSIONS:
                raise DamagedError("an array without dimensions")
            self.shape = struct.unpack_from(f"{order}{n_dimensions}i", content, at)
            if min(self.shape) < 0:
                raise DamagedError(f"an array of shape {self.shape}")
        kind, at, end, self.data = _read_tag(content, following, stop, order)
        if kind not in (INT8, UTF8):
            raise DamagedError("an array without a name")
        self.name = bytes(content[at:end]).decode("latin1")

    @property
    def kind(self) -> int:
        return self.flags & 0xFF

    def cost(self, n_bytes: int) -> int:
        """Return how much memory an array of so many bytes takes, with what is made of it."""
        if self.kind not in NUMERIC:
            return n_bytes
        n_numbers = math.prod(self.shape)
        if self.name != "features":
            return n_bytes + 8 * n_numbers
        is_float32 = 4 * n_numbers <= n_bytes < 4 * n_numbers + HEAD
        return n_bytes if is_float32 else n_bytes + 4 * n_numbers

    def value(self, limits: Limits, depth: int = 0) -> Any:
        """Return what the array holds, of which `depth` cell arrays are around it."""
        if self.kind in NUMERIC and not self.flags & IS_COMPLEX:
            return self._numbers()
        if self.kind == CHAR:
            return self._text(limits, is_cell=depth > 0)
        if self.kind == CELL:
            return self._cells(limits, depth)
        if self.kind in NUMERIC:
            return OtherVariable("complex matrix", self.shape)
        if self.kind not in OTHERS:
            raise DamagedError(f"an array of the class {self.kind}")
        return OtherVariable(OTHERS[self.kind], self.shape)

    def _numbers(self) -> NDArray[Any]:
        kind, at, end, _ = _read_tag(self.content, self.data, self.stop, self.order)
        if kind not in NUMBERS:
            raise DamagedError(f"numbers of the data type {kind}")
        return _to_array(self.content[at:end], self.order + NUMBERS[kind], self.shape)

    def _text(self, limits: Limits, is_cell: bool) -> Any:
        """Return a text, or outside of cells an array with a text per row."""
        n_letters = math.prod(self.shape)
        if not n_letters:
            return "" if is_cell else np.empty(0, "U1")
        kind, at, end, _ = _read_tag(self.content, self.data, self.stop, self.order)
        if kind not in TEXTS:
            raise DamagedError(f"a text of the data type {kind}")
        encoding = TEXTS[kind].format("le" if self.order == "<" else "be")
        limits.spend(n_letters=end - at)
        try:
            text = bytes(self.content[at:end]).decode(encoding)
        except UnicodeDecodeError as error:
            raise DamagedError(f"a text that is not in {encoding}") from error
        # MATLAB counts units of UTF-16, of which rare letters take two.
        if n_letters not in (len(text), len(text.encode("utf-16-le")) // 2):
            raise DamagedError(f"a text of {len(text)} letters, of shape {self.shape}")
        n_rows = self.shape[0]
        if n_rows == 1:
            return text if is_cell else np.array([text])
        if len(text) != n_letters or len(self.shape) != 2:
            raise DamagedError(f"a text of {len(text)} letters, of shape {self.shape}")
        letters = np.frombuffer(text.encode("utf-32-le"), "<U1").reshape(self.shape, order="F")
        return np.ascontiguousarray(letters).view(f"<U{self.shape[1]}").ravel()

    def _cells(self, limits: Limits, depth: int) -> NDArray[Any]:
        n_cells, at = math.prod(self.shape), self.data
        if depth >= MAX_DEPTH:
            raise DamagedError(f"cell arrays nested more than {MAX_DEPTH} times")
        if n_cells * 8 > self.stop - at:
            raise DamagedError(f"a cell array of shape {self.shape} in {self.stop - at} bytes")
        limits.spend(n_cells=n_cells)
        cells = np.empty(n_cells, dtype=object)
        for i in range(n_cells):
            kind, start, end, at = _read_tag(self.content, at, self.stop, self.order)
            if kind != MATRIX:
                raise DamagedError(f"a cell of the data type {kind}")
            if start == end:
                cells[i] = EMPTY
            else:
                array = _Array(self.content, start, end, self.order)
                cells[i] = array.value(limits, depth + 1)
        return _reshape(cells, self.shape)


def _to_array(content: Any, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size != len(content):
        raise DamagedError(f"a matrix of shape {shape} and type {dtype} in {len(content)} bytes")
    return _reshape(np.frombuffer(content, dtype), shape)


def _reshape(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    try:
        return values.reshape(shape, order="F")
    except ValueError as error:  # sides of an empty array whose product is no size
        raise DamagedError(f"an array of shape {shape}") from error


def _read_version_4(stream: BinaryIO, size: int, names: Collection[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    limits, at = Limits(n_bytes=size), 0
    while at < size and len(found) < len(names):
        limits.spend(n_variables=1)
        stream.seek(at)
        head = stream.read(20)
        if len(head) < 20:
            raise DamagedError("a variable is cut off")
        order = "<" if 0 <= struct.unpack("<i", head[:4])[0] < 5000 else ">"
        kind, n_rows, n_columns, is_complex, name_size = struct.unpack(order + "5i", head)
        thousands, hundreds, code, form = kind // 1000, kind // 100 % 10, kind // 10 % 10, kind % 10
        is_known = thousands in (0, 1) and not hundreds and code < len(NUMBERS_4) and form < 3
        if not is_known or min(n_rows, n_columns) < 0 or is_complex not in (0, 1):
            raise DamagedError("it has no header of a MAT file")
        dtype = np.dtype(order + NUMBERS_4[code])
        n_bytes = n_rows * n_columns * dtype.itemsize
        start = at + 20 + name_size
        at = start + n_bytes * (1 + is_complex)
        if not 0 < name_size <= HEAD or at > size:
            raise DamagedError(f"a variable of shape {(n_rows, n_columns)} is cut off")
        name = stream.read(name_size).rstrip(b"\0").decode("latin1")
        if name not in names or name in found:
            continue
        if form or is_complex:
            what = ("complex matrix", "text of version 4", "sparse matrix")[form]
            found[name] = OtherVariable(what, (n_rows, n_columns))
        else:
            content = stream.read(n_bytes)
            found[name] = _to_array(content, dtype.str, (n_rows, n_columns))
    return found


def describe_other(variable: OtherVariable) -> str:
    """Name the kind and shape of a variable that is not read."""
    article = "an" if variable.kind[0] in "aeiou" else "a"
    return f"{article} {variable.kind} of shape {variable.shape}"
