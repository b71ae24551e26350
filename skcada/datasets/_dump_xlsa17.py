"""Writer of data sets in the format of the 'proposed splits' of Xian et al. (2017)."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.io import savemat
from sklearn.utils import check_array

from skcada._classes.labels import (
    check_known,
    check_labels,
    check_lengths,
    format_labels,
    label_kind,
)
from skcada._classes.tables import parse_table
from skcada._sklearn import validate_params
from skcada.datasets._layout import Rows, some
from skcada.exceptions import reading


@validate_params(
    {
        "folder": [str, os.PathLike],
        "data": "no_validation",
        "target": ["array-like"],
        "class_embeddings": [pd.DataFrame],
        "trainval": ["array-like"],
        "test_seen": ["array-like"],
        "test_unseen": ["array-like"],
        "train": ["array-like", None],
        "val": ["array-like", None],
        "features_file": [str],
        "splits_file": [str],
        "overwrite": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def dump_xlsa17(
    folder: str | os.PathLike[str],
    *,
    data: ArrayLike,
    target: ArrayLike,
    class_embeddings: pd.DataFrame,
    trainval: ArrayLike,
    test_seen: ArrayLike,
    test_unseen: ArrayLike,
    train: ArrayLike | None = None,
    val: ArrayLike | None = None,
    features_file: str = "res101.mat",
    splits_file: str = "att_splits.mat",
    overwrite: bool = False,
) -> None:
    """Write a data set in the xlsa17 format, that of the published benchmarks.

    :func:`load_xlsa17` gives it back, and the code of most papers on zero-shot learning reads it.
    The parameters have the names of what the functions of :mod:`skcada.datasets` return.

    Parameters
    ----------
    folder : str or path-like
        The folder to write to. It is made if it does not exist.
    data : array-like of shape (n_samples, n_features)
        The features of all rows, stored as float32.
    target : array-like of shape (n_samples,)
        The class label of each row: strings without surrounding white space, or the numbers from 1
        in the order of the rows of `class_embeddings`.
    class_embeddings : DataFrame of shape (n_classes, n_attributes)
        One row per class, its index the class labels. The names of columns are not stored.
    trainval, test_seen, test_unseen : array-like of int
        Row indices, counted from 0: the rows to train on, further rows of their classes to test on,
        and rows of other classes. No row may be in two of them.
    train, val : array-like of int, default=None
        Two parts of `trainval` without a class in common, or None.
    features_file : str, default="res101.mat"
        The name of the file with features and labels.
    splits_file : str, default="att_splits.mat"
        The name of the file with class embeddings and splits.
    overwrite : bool, default=False
        Whether to replace files of these names.

    Raises
    ------
    FileExistsError
        If one of the files exists and `overwrite` is False.
    ValueError
        If the data set could not be loaded as it is: values that are not finite, labels without an
        embedding, labels that the format cannot store, indices that are out of range or given
        twice, a row in two splits, or classes that are in a split where they may not be.

    See Also
    --------
    load_xlsa17 : Load what was written.

    Notes
    -----
    Everything is checked first, and both files are written under other names before they take their
    own, so that there is never a half-written file. ``att`` and ``original_att`` are the same; in
    the published files ``att`` has columns of unit length.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from skcada.datasets import dump_xlsa17, load_segment_digits, load_xlsa17
    >>> digits = load_segment_digits()
    >>> names = digits.class_embeddings.index.map("digit {}".format)
    >>> parts = {name: digits[name] for name in ["trainval", "test_seen", "test_unseen"]}
    >>> with TemporaryDirectory() as folder:
    ...     dump_xlsa17(
    ...         folder,
    ...         data=digits.data,
    ...         target=names[digits.target],
    ...         class_embeddings=digits.class_embeddings.set_index(names),
    ...         **parts,
    ...     )
    ...     loaded = load_xlsa17(folder)
    >>> loaded.unseen_classes
    array(['digit 1', 'digit 6'], dtype='<U7')
    """
    path = Path(folder)
    _refuse_existing(path, features_file, splits_file, overwrite=overwrite)
    features = _to_features(data)
    check_lengths(data=features, target=target)
    codes, classes = _encode_labels(target, class_embeddings)
    rows = _check_splits(
        codes, classes, {"trainval": trainval, "test_seen": test_seen, "test_unseen": test_unseen}
    )
    rows |= _check_validation(codes, classes, rows["trainval"], train, val)

    attributes = class_embeddings.to_numpy(dtype=np.float64).T
    splits: dict[str, Any] = {f"{name}_loc": numbers + 1 for name, numbers in rows.items()}
    splits |= {"att": attributes, "original_att": attributes}
    if label_kind(classes.to_numpy()) == "strings":
        # A column of cells: an array of strings would be padded to a matrix of characters.
        names = np.empty((len(classes), 1), dtype=object)
        names[:, 0] = [str(name) for name in classes]
        splits["allclasses_names"] = names

    path.mkdir(parents=True, exist_ok=True)
    # In the same folder, since a file can only be renamed within a disk.
    with TemporaryDirectory(prefix=".unfinished_", dir=path) as unfinished:
        contents = {features_file: {"features": features.T, "labels": codes + 1}}
        for file, variables in (contents | {splits_file: splits}).items():
            savemat(Path(unfinished) / file, variables, appendmat=False, oned_as="column")
        for file in (features_file, splits_file):
            (Path(unfinished) / file).replace(path / file)


def _refuse_existing(
    folder: Path, features_file: str, splits_file: str, *, overwrite: bool
) -> None:
    if features_file == splits_file:
        raise ValueError(
            f"features_file and splits_file are both {features_file!r}. Name two different files."
        )
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"'{folder}' is a file. Name a folder.")
    existing = [file for file in (features_file, splits_file) if (folder / file).exists()]
    if existing and not overwrite:
        raise FileExistsError(
            f"'{folder}' already has {format_labels(existing)}. Name another folder, or replace "
            "what is there by overwrite=True."
        )


def _to_features(data: ArrayLike) -> NDArray[np.float32]:
    # Values too large for float32 become infinite and are refused with the others.
    with np.errstate(over="ignore"), reading("data", "a table of numbers"):
        features = check_array(
            data, dtype=np.float32, order="C", ensure_all_finite=False, input_name="data"
        )
    rows = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if rows.size:
        raise ValueError(
            "data has values that are NaN, infinite or too large for float32 in "
            f"{some(rows, 'row')}. Fill them in, or drop these rows."
        )
    return features


def _encode_labels(target: ArrayLike, class_embeddings: pd.DataFrame) -> tuple[Rows, pd.Index]:
    """Return the number of the class of each row, and the classes in the order of embeddings."""
    table = parse_table(class_embeddings, "class_embeddings")
    labels, classes = check_labels(target=target, class_embeddings=table.labels)
    check_known(
        labels,
        classes,
        "target",
        "class_embeddings",
        advice="Add a row for each, or drop their samples.",
    )
    kind = label_kind(classes.to_numpy())
    if kind == "strings":
        odd = [name for name in classes if not _can_be_stored(name)]
        if odd:
            raise ValueError(
                f"class_embeddings has {some(odd, 'label')} that the format cannot store: empty "
                "ones, or with surrounding white space or odd characters. Rename them there and in "
                "target."
            )
    elif kind != "numbers" or list(classes) != list(range(1, len(classes) + 1)):
        raise ValueError(
            f"class_embeddings has the labels {format_labels(classes)}, but the format stores "
            "strings, or numbers that count from 1 in the order of the rows. Convert the labels "
            "there and in target, for instance by astype(str)."
        )
    return classes.get_indexer(labels).astype(np.intp), classes


def _can_be_stored(name: str) -> bool:
    is_encodable = name.encode("utf-8", errors="ignore").decode("utf-8") == name
    return bool(name) and name == name.strip() and is_encodable and "\0" not in name


def _check_splits(codes: Rows, classes: pd.Index, splits: dict[str, ArrayLike]) -> dict[str, Rows]:
    rows = {name: _check_rows(indices, name, len(codes)) for name, indices in splits.items()}
    for a, b in combinations(rows, 2):
        _refuse_common(np.intersect1d(rows[a], rows[b]), "row", a, b)
    codes_in = {name: np.unique(codes[numbers]) for name, numbers in rows.items()}
    both = np.intersect1d(codes_in["trainval"], codes_in["test_unseen"])
    _refuse_common(classes[both], "class", "trainval", "test_unseen")
    unknown = np.setdiff1d(codes_in["test_seen"], codes_in["trainval"])
    if unknown.size:
        raise ValueError(
            f"test_seen has {some(classes[unknown], 'class')} without a row in trainval. Move "
            "their rows to test_unseen, or some of them to trainval."
        )
    return rows


def _check_validation(
    codes: Rows, classes: pd.Index, trainval: Rows, train: ArrayLike | None, val: ArrayLike | None
) -> dict[str, Rows]:
    if train is None and val is None:
        return {}
    if train is None or val is None:
        given, lacking = ("train", "val") if val is None else ("val", "train")
        raise ValueError(f"{given} is given without {lacking}. Give both, or neither.")
    rows = {
        "train": _check_rows(train, "train", len(codes)),
        "val": _check_rows(val, "val", len(codes)),
    }
    for name, numbers in rows.items():
        outside = np.setdiff1d(numbers, trainval)
        if outside.size:
            raise ValueError(
                f"{name} has {some(outside, 'row')} outside trainval, of which it is a part. Leave "
                "them out."
            )
    both = np.intersect1d(codes[rows["train"]], codes[rows["val"]])
    _refuse_common(classes[both], "class", "train", "val")
    return rows


def _refuse_common(common: Any, noun: str, a: str, b: str) -> None:
    if len(common):
        each = "each" if len(common) > 1 else "it"
        raise ValueError(
            f"{a} and {b} have {some(common, noun)} in common. Take {each} out of one."
        )


def _check_rows(indices: ArrayLike, name: str, n_samples: int) -> Rows:
    """Return row indices, each once."""
    with reading(name, "row indices"):
        numbers = np.asarray(indices)
    if numbers.ndim != 1 or not numbers.size or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"{name} must be an array of row indices, counted from 0, but has shape "
            f"{numbers.shape} and dtype {numbers.dtype}. numpy.flatnonzero makes one of a mask."
        )
    outside = np.unique(numbers[(numbers < 0) | (numbers >= n_samples)])
    if outside.size:
        raise ValueError(
            f"{name} has {some(outside, 'row number')} out of range: data has {n_samples} rows, "
            "counted from 0. Check that it belongs to this data."
        )
    unique, n_times = np.unique(numbers, return_counts=True)
    if (n_times > 1).any():
        raise ValueError(
            f"{name} has {some(unique[n_times > 1], 'row')} more than once. List each row once."
        )
    return numbers.astype(np.intp)
