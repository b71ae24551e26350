"""Data sets in the format of the 'proposed splits' of Xian et al. (2017)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch

from skcada._sklearn import validate_params
from skcada.datasets._layout import DataAndTarget, Rows, make_bunch, some
from skcada.datasets._mat7 import FLOOR, RATIO
from skcada.datasets._matfile import read_features_and_labels, require_files
from skcada.datasets._xlsa17_splits import TEST_SPLITS, Splits, read_splits, to_positions
from skcada.exceptions import warn_user

SAME_DATA_SET = "Check that both files are of the same data set."

DESCR = """\
{name}
{underline}

A data set in the format of the 'proposed splits' of Xian et al. (2017).

{features_file}: {n_samples} rows of {n_features} features
{splits_file}: {n_classes} classes with {n_attributes} attributes each
classes: {n_seen} seen, {n_unseen} unseen
rows: {n_trainval} trainval, {n_test_seen} test_seen, {n_test_unseen} test_unseen
validation rows: {validation}{notes}
"""


@validate_params(
    {
        "folder": [str, os.PathLike],
        "features_file": [str],
        "splits_file": [str],
        "return_X_y": ["boolean"],
        "as_frame": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_xlsa17(
    folder: str | os.PathLike[str],
    *,
    features_file: str = "res101.mat",
    splits_file: str = "att_splits.mat",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | DataAndTarget:
    """Load a data set in the xlsa17 format, that of the published benchmarks.

    AWA1, AWA2, CUB, SUN, aPY and FLO are distributed as a folder each with the MAT files
    ``res101.mat`` (the features of a ResNet-101) and ``att_splits.mat`` (class embeddings and the
    'proposed splits' of Xian et al. [1]_). Any data set that is saved alike can be loaded.

    Parameters
    ----------
    folder : str or path-like
        The folder with both files.
    features_file : str, default="res101.mat"
        The file in `folder` with ``features`` of shape (n_features, n_samples) and ``labels``,
        counted from 1. It may be a MAT file of version 7.3, which needs h5py.
    splits_file : str, default="att_splits.mat"
        The file in `folder` with ``att`` of shape (n_attributes, n_classes), ``trainval_loc``,
        ``test_seen_loc`` and ``test_unseen_loc``, and optionally ``allclasses_names``,
        ``train_loc`` and ``val_loc``; the ``_loc`` are row numbers counted from 1. Folders may
        hold several, with other class embeddings (``sent_splits.mat`` for CUB) or a second
        generation of splits (``att_splits_v2.mat``).
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, `data` is a DataFrame and `target` a Series.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        The data set in the layout that :mod:`skcada.datasets` describes. Labels are the class
        names (str), without surrounding white space, or the file's own numbers from 1 where it
        has no ``allclasses_names``. Rows and classes are in the order of the files, and the row
        indices in the order of each ``_loc``. ``train`` and ``val`` are None where the file lacks
        one of them.

    (data, target) : tuple if ``return_X_y`` is True
        The features and labels of all rows.

    Raises
    ------
    FileNotFoundError
        If `folder` or one of the files does not exist.
    ImportError
        If `features_file` is a MAT file of version 7.3 and h5py is not installed.
    ValueError
        If a file is damaged, lacks a variable or holds a wrong one, or would take far more memory
        than its size: shapes that do not fit each other, numbers of classes or rows that are out of
        range, a row in two splits, unseen classes in ``trainval_loc``, two classes of one name, or
        values that are not finite.

    Warns
    -----
    UserWarning
        If ``train`` or ``val`` differ from the file, for one of the reasons below.

    See Also
    --------
    dump_xlsa17 : Write a data set in this format.
    fetch_xlsa17 : Download one of the published data sets and load it.
    load_sentence_embeddings : Load other class embeddings for CUB.
    load_segment_digits : Load a small data set that needs no file.

    Notes
    -----
    Two generations of ``train_loc`` and ``val_loc`` are in use. In the first one they divide
    ``trainval_loc`` **and** ``test_seen_loc``, so that whoever tunes on them has seen test images.
    The rows outside ``trainval_loc`` are taken out here, which turns the first generation into the
    second. A division that has classes in both parts cannot validate unseen classes; ``train`` and
    ``val`` are None then.

    Files of any origin can be read. What a file declares is compared with the bytes that are there
    before memory is taken: no more than about ten times the size of the file, and 64 MiB. A
    compressed file that holds more, such as one of zeros only, is refused; saved without
    compression it is read. Of a MAT file of version 7.3, only what lies in the file itself is read.
    Its structure is left to HDF5, a library whose errors in a damaged file cannot be ruled out.

    References
    ----------
    .. [1] Y. Xian, B. Schiele, Z. Akata. "Zero-Shot Learning - The Good, the Bad and the Ugly".
       CVPR 2017.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from scipy.io import savemat
    >>> from skcada.datasets import load_xlsa17
    >>> features, labels = np.eye(6), np.array([1, 1, 2, 2, 3, 3])
    >>> names = np.array(["cat", "dog", "zebra"], dtype=object)
    >>> splits = {
    ...     "att": np.array([[0, 0, 1], [1, 0, 0]]),  # striped, meows
    ...     "allclasses_names": names[:, np.newaxis],
    ...     "trainval_loc": [1, 3],
    ...     "test_seen_loc": [2, 4],
    ...     "test_unseen_loc": [5, 6],
    ... }
    >>> with TemporaryDirectory() as folder:
    ...     savemat(Path(folder) / "res101.mat", {"features": features.T, "labels": labels})
    ...     savemat(Path(folder) / "att_splits.mat", splits)
    ...     animals = load_xlsa17(folder)
    >>> animals.target
    array(['cat', 'cat', 'dog', 'dog', 'zebra', 'zebra'], dtype='<U5')
    >>> animals.unseen_classes
    array(['zebra'], dtype='<U5')
    >>> animals.test_seen
    array([1, 3])
    """
    return read_folder(
        Path(folder), features_file, splits_file, return_X_y=return_X_y, as_frame=as_frame
    )


def read_folder(
    folder: Path, features_file: str, splits_file: str, *, return_X_y: bool, as_frame: bool
) -> Bunch | DataAndTarget:
    """Load a folder as `load_xlsa17` documents, also for `fetch_xlsa17`."""
    require_files(
        folder,
        {
            features_file: "features, labels",
            splits_file: "att, allclasses_names, trainval_loc, test_seen_loc, test_unseen_loc",
        },
    )
    splits = read_splits(folder / splits_file)
    data, labels = read_features_and_labels(folder / features_file)
    _require_finite_rows(data, folder / features_file)
    target = _name_classes(labels, splits, folder / features_file, folder / splits_file)
    _require_existing_rows(splits, len(target), folder / features_file, folder / splits_file)
    _require_seen_and_unseen(splits.rows, target, folder / splits_file)
    train, val, notes = _validation_rows(splits, target, folder / splits_file)
    for note in notes:
        # Level 4 is the caller: 2 is a public function, 3 the wrapper that validates parameters.
        warn_user(note)

    trainval, test_seen, test_unseen = (splits.rows[key] for key in TEST_SPLITS)
    name = folder.resolve().name
    return make_bunch(
        data,
        target,
        splits.class_embeddings,
        trainval=trainval,
        test_seen=test_seen,
        test_unseen=test_unseen,
        train=train,
        val=val,
        feature_names=[f"feature_{i}" for i in range(data.shape[1])],
        descr=DESCR.format(
            name=name,
            underline="-" * len(name),
            features_file=features_file,
            splits_file=splits_file,
            n_samples=data.shape[0],
            n_features=data.shape[1],
            n_classes=splits.class_embeddings.shape[0],
            n_attributes=splits.class_embeddings.shape[1],
            n_seen=np.unique(target[trainval]).size,
            n_unseen=np.unique(target[test_unseen]).size,
            n_trainval=trainval.size,
            n_test_seen=test_seen.size,
            n_test_unseen=test_unseen.size,
            validation=(
                "train and val are None"
                if train is None or val is None
                else f"{train.size} train, {val.size} val"
            ),
            notes="".join(f"\n{note}" for note in notes),
        ),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def _name_classes(
    labels: NDArray[Any], splits: Splits, features_path: Path, splits_path: Path
) -> NDArray[Any]:
    classes = splits.class_embeddings.index
    positions = to_positions(labels, "labels", features_path)
    if positions.max() >= len(classes):
        raise ValueError(
            f"'labels' of '{features_path}' holds {positions.max() + 1}, but '{splits_path}' has "
            f"{len(classes)} classes. {SAME_DATA_SET}"
        )
    longest = max((len(name) for name in classes if isinstance(name, str)), default=0)
    size = features_path.stat().st_size + splits_path.stat().st_size
    if 4 * longest * (len(positions) + len(classes)) > RATIO * size + FLOOR:
        raise ValueError(
            f"A class of '{splits_path}' has a name of {longest} characters, too many for each of "
            f"{len(positions)} rows. Shorten it."
        )
    # An array of fixed-width strings rather than objects, which joblib could not memory-map.
    return np.asarray(classes.tolist())[positions]


def _require_existing_rows(
    splits: Splits, n_samples: int, features_path: Path, splits_path: Path
) -> None:
    for key, rows in splits.rows.items():
        if rows.max() >= n_samples:
            raise ValueError(
                f"'{key}' of '{splits_path}' holds {rows.max() + 1}, but '{features_path}' has "
                f"{n_samples} rows. {SAME_DATA_SET}"
            )


def _require_seen_and_unseen(rows: Mapping[str, Rows], target: NDArray[Any], path: Path) -> None:
    seen = target[rows["trainval_loc"]]
    both = np.intersect1d(seen, target[rows["test_unseen_loc"]])
    if both.size:
        raise ValueError(
            f"test_unseen_loc and trainval_loc of '{path}' have {some(both, 'class')} in common, "
            "but unseen classes may have no row to train on. " + SAME_DATA_SET
        )
    unknown = np.setdiff1d(target[rows["test_seen_loc"]], seen)
    if unknown.size:
        raise ValueError(
            f"test_seen_loc of '{path}' holds {some(unknown, 'class')} without a row in "
            "trainval_loc, but seen classes need rows to train on. " + SAME_DATA_SET
        )


def _validation_rows(
    splits: Splits, target: NDArray[Any], path: Path
) -> tuple[Rows | None, Rows | None, list[str]]:
    """Return train, val and the warnings about them."""
    notes = [] if splits.repair is None else [splits.repair]
    if "train_loc" not in splits.rows:
        return None, None, notes
    train, val = splits.rows["train_loc"], splits.rows["val_loc"]
    shared = np.intersect1d(target[train], target[val])
    if shared.size:
        notes.append(
            f"train_loc and val_loc of '{path}' have {some(shared, 'class')} in common, so they "
            "cannot validate unseen classes: train and val are None. Divide the classes of "
            "trainval yourself, or ignore this warning if you do not validate."
        )
        return None, None, notes
    return train, val, notes


def _require_finite_rows(data: NDArray[np.float32], path: Path) -> None:
    # The sum is finite only where all terms are, and needs no array as large as the data.
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, which is found as well
        total = data.sum(dtype=np.float64)
    if np.isfinite(total):
        return
    rows = np.flatnonzero(~np.isfinite(data).all(axis=1))
    raise ValueError(
        f"'features' of '{path}' has values that are NaN, infinite or too large for float32 in "
        f"{some(rows + 1, 'row')}, counted from 1. Fill them in."
    )
