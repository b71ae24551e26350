"""Rows of a matrix in an HDF5 file, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from skcada.datasets._hdf5 import check_chunks, open_hdf5
from skcada.datasets._layout import Rows

# One access to a file costs as much as reading this many rows, so nearer ones are read together.
NEAR = 16
# The most rows that are read at once, so that little memory is needed besides the result.
BLOCK = 4096


@dataclass(frozen=True)
class HDF5Rows:
    """A matrix in an HDF5 file that is indexed by rows and never in memory as a whole."""

    # The file is open only during an access, so this can be pickled and used in several processes.

    path: Path
    name: str
    stored_shape: tuple[int, int]
    # Whether the columns in the file are the rows.
    is_transposed: bool

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        n_rows, n_columns = self.stored_shape
        return (n_columns, n_rows) if self.is_transposed else (n_rows, n_columns)

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """Type of what is read, whatever type is stored."""
        return np.dtype(np.float32)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return 2

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Read the whole matrix."""
        if copy is False:
            raise ValueError(f"'{self.name}' of '{self.path}' cannot be an array without a copy.")
        return self[:].astype(dtype or self.dtype, copy=False)

    def __getitem__(self, key: Any) -> NDArray[np.float32]:
        """Read the rows of a slice, an int, an array of ints or a mask."""
        rows = self._positions(key)
        order = np.argsort(rows.ravel(), kind="stable")
        ascending = rows.ravel()[order]
        result = np.empty((rows.size, self.shape[1]), dtype=np.float32)
        with open_hdf5(self.path) as file, np.errstate(over="ignore"):
            stored = file.dataset(self.name, cost_per_number=0)
            for start, stop in _blocks(ascending):
                first, last = ascending[start], ascending[stop - 1] + 1
                part = (slice(first, last), slice(None))[:: -1 if self.is_transposed else 1]
                check_chunks(stored, self.name, self.path, part)
                block = stored[part].T if self.is_transposed else stored[part]
                result[order[start:stop]] = block[ascending[start:stop] - first]
        return result.reshape(*rows.shape, self.shape[1])

    def _positions(self, key: Any) -> Rows:
        if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis:
            key = key[0]  # scikit-learn's way to select rows
        if isinstance(key, slice):
            return np.arange(*key.indices(len(self)))
        # An empty list has no type of its own; numpy would take it for floats.
        is_empty = isinstance(key, list) and not key
        is_tuple = isinstance(key, tuple)  # which may be ragged
        positions = np.empty(0, dtype=np.intp) if is_empty or is_tuple else np.asarray(key)
        if is_tuple or positions.ndim > 1 or positions.dtype.kind not in "iub":
            raise IndexError(
                f"'{self.name}' of '{self.path}' is indexed by rows: a slice, an int, a list of "
                f"ints or a mask, got {key!r}. Select columns of what was read: data[a][:, b]."
            )
        if positions.dtype.kind == "b":
            if positions.shape != (len(self),):
                raise IndexError(
                    f"A mask of shape {positions.shape} does not fit the {len(self)} rows of "
                    f"'{self.name}' of '{self.path}'."
                )
            return np.flatnonzero(positions)
        outside = (positions < -len(self)) | (positions >= len(self))
        if outside.any():
            raise IndexError(
                f"Row {positions[outside][0]} is not among the {len(self)} rows of "
                f"'{self.name}' of '{self.path}'."
            )
        positions = positions.astype(np.intp)
        return np.where(positions < 0, positions + len(self), positions)


def _blocks(ascending: Rows) -> Iterator[tuple[int, int]]:
    """Divide ascending row numbers where they are far apart, and where blocks of the file end."""
    if ascending.size:
        is_far = (np.diff(ascending) > NEAR) | (np.diff(ascending // BLOCK) > 0)
        bounds = [0, *(np.flatnonzero(is_far) + 1).tolist(), ascending.size]
        yield from pairwise(bounds)
