"""Class embeddings and splits, the second file of a data set in the xlsa17 format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skcada.datasets._layout import Rows, refuse_not_finite, some
from skcada.datasets._mat7 import HDF5Error
from skcada.datasets._matfile import read_variables, unwrap_cell

TEST_SPLITS = ("trainval_loc", "test_seen_loc", "test_unseen_loc")
VALIDATION_SPLITS = ("train_loc", "val_loc")
# The most characters of the name of a class.
LONGEST_NAME = 200


@dataclass(frozen=True)
class Splits:
    """The content of a splits file."""

    class_embeddings: pd.DataFrame  # indexed by class name or number
    # For each ``_loc`` the row indices, counted from 0. Either both of train_loc and val_loc are
    # there, or neither is.
    rows: dict[str, Rows]
    # The message about rows that were removed from train_loc and val_loc.
    repair: str | None


def read_splits(path: Path) -> Splits:
    """Read class embeddings and splits, and repair those of the first generation."""
    try:
        variables = read_variables(
            path, ["att", *TEST_SPLITS], ["allclasses_names", *VALIDATION_SPLITS]
        )
    except HDF5Error as error:
        raise ValueError(
            f"'{path}' is a MAT file of version 7.3, which is supported for the features only. "
            "Save it in MATLAB with the option '-v7'."
        ) from error
    keys = [*TEST_SPLITS]
    if all(np.size(variables.get(key, ())) for key in VALIDATION_SPLITS):
        keys += VALIDATION_SPLITS
    rows = {key: _distinct_rows(variables[key], key, path) for key in keys}
    for a, b in combinations(TEST_SPLITS, 2):
        common = np.intersect1d(rows[a], rows[b])
        if common.size:
            raise ValueError(
                f"{a} and {b} of '{path}' have {some(common + 1, 'row')} in common, but no row "
                "may be in two splits. Take them out of one, or check that it is the file meant."
            )
    repair = _repair_validation_splits(rows, path) if "train_loc" in rows else None
    return Splits(_read_class_embeddings(variables, path), rows, repair)


def _read_class_embeddings(variables: Mapping[str, Any], path: Path) -> pd.DataFrame:
    att = variables["att"]
    if not isinstance(att, np.ndarray) or att.dtype.kind not in "iuf" or 0 in att.shape:
        raise ValueError(
            f"'att' of '{path}' must be a dense matrix of real numbers, one column per class. "
            "Check that it is the file meant."
        )
    n_attributes, n_classes = att.shape
    index = pd.Index(np.arange(1, n_classes + 1))
    if "allclasses_names" in variables:
        index = pd.Index(_class_names(variables["allclasses_names"], n_classes, path))
    not_finite = np.flatnonzero(~np.isfinite(att).all(axis=0))
    refuse_not_finite(index[not_finite], f"'att' of '{path}'")
    return pd.DataFrame(
        att.T.astype(np.float64),
        index=index,
        columns=[f"attribute_{i}" for i in range(n_attributes)],
    )


def _class_names(cells: NDArray[Any], n_classes: int, path: Path) -> list[str]:
    names = []
    for i, name in enumerate(map(unwrap_cell, np.ravel(cells)), start=1):
        if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
            raise ValueError(
                f"entry {i} of 'allclasses_names' of '{path}' is {repr(name)[:LONGEST_NAME]}, not "
                "the name of a class. Name each one, or leave the variable out to number the "
                "classes."
            )
        names.append(name.strip())
    if len(names) != n_classes:
        raise ValueError(
            f"'allclasses_names' of '{path}' has {len(names)} entries, but 'att' has {n_classes} "
            "columns. Both must have one per class. Check that it is the file meant."
        )
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise ValueError(
            f"'allclasses_names' of '{path}' has {some(repeated, 'name')} more than once. Give "
            "each class a name of its own."
        )
    return names


def _repair_validation_splits(rows: dict[str, Rows], path: Path) -> str | None:
    n_removed = {}
    for key in VALIDATION_SPLITS:
        inside = np.isin(rows[key], rows["trainval_loc"])
        n_removed[key] = inside.size - np.count_nonzero(inside)
        rows[key] = rows[key][inside]
    if not any(n_removed.values()):
        return None
    message = (
        f"train_loc and val_loc of '{path}' hold rows that trainval_loc does not, as in the first "
        "generation of these files, where validation sees test images. They were taken out: "
        f"{n_removed['train_loc']} rows of train_loc and {n_removed['val_loc']} of val_loc."
    )
    if not all(rows[key].size for key in VALIDATION_SPLITS):
        del rows["train_loc"], rows["val_loc"]
        message += " As one of them is empty now, train and val are None."
    return message


def to_positions(numbers: Any, key: str, path: Path) -> Rows:
    """Turn numbers counted from 1 into indices counted from 0."""
    if not isinstance(numbers, np.ndarray) or max(numbers.shape, default=0) != numbers.size:
        raise ValueError(
            f"'{key}' of '{path}' must be a column of numbers. Check that it is the file meant."
        )
    if numbers.size == 0:
        raise ValueError(f"'{key}' of '{path}' is empty. Check that it is the file meant.")
    if numbers.dtype.kind in "iuf":
        with np.errstate(invalid="ignore"):  # NaN and too large numbers are refused below
            whole = numbers.ravel().astype(np.intp)
    if numbers.dtype.kind not in "iuf" or (whole != numbers.ravel()).any():
        raise ValueError(
            f"'{key}' of '{path}' must hold whole numbers, counted from 1. "
            "Check that it is the file meant."
        )
    if whole.min() < 1:
        raise ValueError(
            f"'{key}' of '{path}' holds {whole.min()}, but must count from 1, as MATLAB does. "
            "If it was saved with indices from 0, add 1 to all of them."
        )
    whole -= 1
    return whole


def _distinct_rows(numbers: Any, key: str, path: Path) -> Rows:
    # Checked first, since positions take far more memory than such small numbers.
    is_small = isinstance(numbers, np.ndarray) and numbers.dtype.kind == "u"
    if is_small and numbers.size > np.iinfo(numbers.dtype).max + 1:
        raise ValueError(
            f"'{key}' of '{path}' has {numbers.size} numbers of type {numbers.dtype}, so that some "
            "occur more than once. List each row once."
        )
    rows = to_positions(numbers, key, path)
    unique, counts = np.unique(rows, return_counts=True)
    if (counts > 1).any():
        raise ValueError(
            f"'{key}' of '{path}' has {some(unique[counts > 1] + 1, 'row')} more than once. "
            "List each row once."
        )
    return rows
