"""MAT files of version 7.3, which are HDF5, opened with what they declare checked.

HDF5 itself allocates what a file declares, follows links into other files and inflates a chunk to
whatever is in it. What is checked here keeps that within the file and within its size.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcada.datasets._layout import unreadable
from skcada.datasets._mat7 import FLOOR, MAX_CELLS, MAX_LETTERS, RATIO

# Filters by number. Of others, plug-ins among them, the size of a chunk is not known beforehand.
DEFLATE, SHUFFLE, FLETCHER32 = 1, 2, 3
# How they may follow each other, besides checksums.
PIPELINES: list[list[int]] = [[], [SHUFFLE], [DEFLATE], [SHUFFLE, DEFLATE]]
# A chunk that cannot be made smaller is stored with so many bytes more at most.
OVERHEAD = 2**16
# About what a text of a cell array takes besides its letters.
CELL = 256


@contextmanager
def open_hdf5(path: Path) -> Iterator[HDF5File]:
    """Open a MAT file of version 7.3 (HDF5) for reading, with errors that name the file."""
    try:
        import h5py  # an optional dependency
    except ImportError as error:
        raise ImportError(
            f"'{path}' is a MAT file of version 7.3, which h5py reads and scipy does not. "
            "Install h5py, for instance with pip install 'skcada[data]', or save the file in "
            "MATLAB with the option '-v7'."
        ) from error
    if path.is_file() and not h5py.is_hdf5(path):
        raise ValueError(
            f"'{path}' is not a MAT file of version 7.3 (HDF5), or not a whole one. Fetch it "
            "again, or save it in MATLAB with the option '-v7.3'."
        )
    try:
        with h5py.File(path, "r") as file:
            yield HDF5File(path, file)
    except (FileNotFoundError, PermissionError, MemoryError):
        raise
    except Exception as error:  # h5py raises whatever it trips over
        if isinstance(error, ValueError) and str(path) in str(error):
            raise  # It is an error of this package, which names the file.
        raise unreadable(path, error) from error


class HDF5File:
    """An open HDF5 file, of which only data sets that lie in it are read."""

    def __init__(self, path: Path, file: Any) -> None:
        self.path = path
        self.file = file
        self.size = path.stat().st_size
        self.left = RATIO * self.size + FLOOR

    def __contains__(self, name: object) -> bool:
        # h5py's own way follows links.
        return self.file.id.links.exists(str(name).encode())

    def dataset(self, name: str, cost_per_number: int) -> Any:
        """Return the data set of this name, of which each number will take so much memory."""
        from h5py import h5l

        if self.file.id.links.get_info(name.encode()).type != h5l.TYPE_HARD:
            raise self._elsewhere(name)
        dataset = self._check(self.file[name], name)
        self.charge(dataset, name, cost_per_number)
        return dataset

    def charge(self, dataset: Any, name: str, cost_per_number: int) -> None:
        """Raise an error if a data set will take more memory than a file of this size may."""
        if cost_per_number:
            cost_per_number = max(cost_per_number, dataset.dtype.itemsize)
        self.left -= max(_chunk_size(dataset), cost_per_number * dataset.size)
        if self.left < 0:
            raise self._too_large(name, dataset)

    def read(self, name: str) -> NDArray[Any]:
        """Read a data set of numbers as a whole."""
        return self._read(self.dataset(name, cost_per_number=16), name)

    def texts(self, name: str) -> list[str]:
        """Read a cell array of texts."""
        import h5py

        cells = self.dataset(name, cost_per_number=CELL)
        is_reference = h5py.check_ref_dtype(cells.dtype) is h5py.Reference
        if not (is_reference or cells.dtype.kind == "S"):
            raise not_texts(self.path, name)
        if cells.size > MAX_CELLS:
            raise self._too_large(name, cells)
        check_chunks(cells, name, self.path)
        texts, left = [], MAX_LETTERS
        # One at a time, since all may refer to one that is large.
        for position in np.ndindex(cells.shape):
            cell = cells[position]
            text = self._referred(cell, name) if is_reference else bytes(cell).decode()
            left -= len(text)
            if left < 0:
                raise self._too_large(name, cells)
            texts.append(text)
        return texts

    def _referred(self, reference: Any, name: str) -> str:
        # MATLAB stores a text as UTF-16 numbers; a cell array holds references to texts.
        numbers = self._check(self.file[reference], name)
        if max(numbers.size, _chunk_size(numbers)) > MAX_LETTERS:
            raise self._too_large(name, numbers)
        return self._read(numbers, name).ravel().astype("<u2").tobytes().decode("utf-16-le")

    def _read(self, dataset: Any, name: str) -> NDArray[Any]:
        if dataset.dtype.kind not in "biuf":
            raise ValueError(
                f"'{name}' of '{self.path}' must hold numbers, but has the type {dataset.dtype}. "
                "Check that it is the file meant."
            )
        check_chunks(dataset, name, self.path)
        return np.asarray(dataset[()])

    def _check(self, dataset: Any, name: str) -> Any:
        import h5py

        if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
            raise ValueError(
                f"'{name}' of '{self.path}' must be a matrix, but is a "
                f"{type(dataset).__name__}. Check that it is the file meant."
            )
        settings = dataset.id.get_create_plist()
        if settings.get_layout() == h5py.h5d.VIRTUAL or settings.get_external_count():
            raise self._elsewhere(name)
        filters = _filters(dataset)
        if [code for code in filters if code != FLETCHER32] not in PIPELINES:
            raise ValueError(
                f"'{name}' of '{self.path}' is compressed in a way that is not read (filters "
                f"{filters}). Save it with gzip or without compression."
            )
        return dataset

    def _too_large(self, name: str, dataset: Any) -> ValueError:
        return ValueError(
            f"'{name}' of '{self.path}' was not read: it declares the shape {dataset.shape}, which "
            f"is far more than a file of {self.size} bytes may hold. Check that the file is whole. "
            "If it is, and you trust its source, save it without compression."
        )

    def _elsewhere(self, name: str) -> ValueError:
        return ValueError(
            f"'{name}' of '{self.path}' is a link or lies in another file, which is not read. Save "
            "the data themselves in one file."
        )


def not_texts(path: Path, name: str) -> ValueError:
    """Make the error for a variable that is no cell array of texts."""
    return ValueError(
        f"'{name}' of '{path}' must be a cell array of texts. Check that it is the file meant."
    )


def _chunk_size(dataset: Any) -> int:
    """Return how many bytes a chunk has, 0 if there are none."""
    return 0 if dataset.chunks is None else math.prod(dataset.chunks) * dataset.dtype.itemsize


def check_chunks(
    dataset: Any, name: str, path: Path, region: Iterable[slice] | None = None
) -> None:
    """Raise an error if a compressed chunk of a region holds more than a chunk may.

    HDF5 would inflate all of it, and find out afterwards.
    """
    filters = _filters(dataset)
    if DEFLATE not in filters:
        return
    # Checksums may have been added before the chunk was compressed.
    most = _chunk_size(dataset) + 4 * filters.count(FLETCHER32)
    skips_deflate = 1 << filters.index(DEFLATE)
    for chunk in _chunks(dataset, region):
        if chunk.byte_offset is None or not chunk.size:
            continue  # never written
        is_wrong = chunk.size > most + OVERHEAD
        if not is_wrong and not chunk.filter_mask & skips_deflate:
            _, content = dataset.id.read_direct_chunk(chunk.chunk_offset)
            is_wrong = len(zlib.decompressobj().decompress(content, most + 1)) > most
        if is_wrong:
            raise ValueError(
                f"'{name}' of '{path}' is not whole: a chunk holds more than its {most} bytes. "
                "Compare its size with the source's and fetch it again."
            )


def _filters(dataset: Any) -> list[int]:
    """Return the filters of a data set in the order in which they were applied."""
    settings = dataset.id.get_create_plist()
    return [settings.get_filter(i)[0] for i in range(settings.get_nfilters())]


def _chunks(dataset: Any, region: Iterable[slice] | None) -> Iterator[Any]:
    if region is None:
        chunks: list[Any] = []
        dataset.id.chunk_iter(chunks.append)
        yield from chunks
        return
    sides = zip(region, dataset.shape, dataset.chunks, strict=True)
    starts = []
    for part, length, side in sides:
        first, last, _ = part.indices(length)
        starts.append(range(first // side * side, last, side))
    for start in product(*starts):
        yield dataset.id.get_chunk_info_by_coord(start)
