"""Readers of MAT files of either format, whose errors name the file and its variables."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcada._classes.labels import format_labels
from skcada.datasets._hdf5 import check_chunks, open_hdf5
from skcada.datasets._layout import unreadable
from skcada.datasets._mat7 import (
    DamagedError,
    HDF5Error,
    OtherVariable,
    TooLargeError,
    describe_other,
    read_version_7,
)


def read_variables(
    path: Path, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """Read the required and the existing optional variables of a MAT file of version 7 or older."""
    try:
        found = read_version_7(path, [*required, *optional])
    except DamagedError as error:
        raise unreadable(path, error) from error
    except TooLargeError as error:
        raise ValueError(f"'{path}' was not read: {error}") from error
    require_variables(path, required, found)
    return found


def read_features_and_labels(path: Path) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Read the matrix `features` and the vector `labels` of a MAT file of any version."""
    try:
        variables = read_variables(path, ["features", "labels"])
    except HDF5Error:
        return _read_hdf5(path)
    labels = np.ravel(variables["labels"])
    # Removed from the dict, so that the stored matrix is freed when the float32 one is made.
    stored = variables.pop("features")
    require_matrix(path, stored)
    if stored.shape[1] != labels.size:
        raise _wrong_shape(path, stored.shape, labels.size)
    # MATLAB keeps columns together, so the transposed matrix has contiguous rows.
    return _to_float32(stored.T), labels


def _read_hdf5(path: Path) -> tuple[NDArray[np.float32], NDArray[Any]]:
    with open_hdf5(path) as file:
        require_variables(path, ["features", "labels"], file)
        labels = np.ravel(file.read("labels"))
        dataset = file.dataset("features", cost_per_number=4)
        require_matrix(path, dataset)
        # HDF5 lists dimensions in the reverse order of MATLAB, so a matrix that MATLAB saves as
        # (d, n) is read as (n, d). Other programs do not reverse it; the number of labels decides.
        if labels.size not in dataset.shape:
            raise _wrong_shape(path, dataset.shape[::-1], labels.size)
        is_transposed = dataset.shape[0] != labels.size
        if is_transposed:  # which takes a copy
            file.charge(dataset, "features", cost_per_number=4)
        check_chunks(dataset, "features", path)
        features = dataset.astype(np.float32)[()]
    if is_transposed:
        features = features.T
    return _to_float32(features), labels


def require_files(folder: Path, contents: Mapping[str, str]) -> None:
    """Raise an error that names the missing file, its variables and the files that are there."""
    files = [f"'{file}' ({variables})" for file, variables in contents.items()]
    expected = f"The folder must hold {', '.join(files[:-1])} and {files[-1]}."
    if folder.is_file():
        raise FileNotFoundError(f"'{folder}' is a file, not a folder. {expected}")
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder '{folder}'. {expected}")
    for file in contents:
        if not (folder / file).is_file():
            there = sorted(path.name for path in folder.glob("*.mat"))
            found = f"its MAT files are {format_labels(there)}" if there else "it has no MAT file"
            raise FileNotFoundError(f"There is no file '{folder / file}'. {expected} Now {found}.")


def require_variables(path: Path, required: Collection[str], found: Container[str]) -> None:
    """Raise a ValueError that names the variables that the file lacks."""
    lacking = [name for name in required if name not in found]
    if lacking:
        raise ValueError(
            f"'{path}' lacks {format_labels(lacking)}; it must hold {format_labels(required)}. "
            "Check that it is the file meant."
        )


def require_matrix(path: Path, matrix: Any, name: str = "features", per: str = "sample") -> None:
    """Raise a ValueError unless a variable of the file is a dense matrix of real numbers."""
    kind = getattr(getattr(matrix, "dtype", None), "kind", None)
    if kind not in ("i", "u", "f") or matrix.ndim != 2:
        raise ValueError(
            f"'{name}' of '{path}' must be a dense matrix of real numbers, one column per "
            f"{per}, but is {_description(matrix)}. Check that it is the file meant."
        )


def unwrap_cell(cell: Any) -> Any:
    """Return what a cell of a cell array holds, however deeply it is nested."""
    while isinstance(cell, np.ndarray) and cell.size == 1:
        cell = cell.item()
    return cell


def _wrong_shape(path: Path, shape: tuple[int, ...], n_labels: int) -> ValueError:
    return ValueError(
        f"'features' of '{path}' has shape {shape}, but 'labels' has {n_labels} entries: expected "
        f"(n_features, {n_labels}), one column per label. Check that it is the file meant."
    )


def _to_float32(matrix: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # values too large become inf, which is refused later
        return np.ascontiguousarray(matrix, dtype=np.float32)


def _description(value: Any) -> str:
    if isinstance(value, OtherVariable):
        return describe_other(value)
    parts = [f"a {type(value).__name__}"]
    parts += [
        f"{name} {getattr(value, name)}" for name in ("shape", "dtype") if hasattr(value, name)
    ]
    return ", ".join(parts)
