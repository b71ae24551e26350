"""ImageNet with its 21,842 classes, in the files of Xian et al."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import Bunch

from skcada._sklearn import validate_params
from skcada.datasets._hdf5 import not_texts, open_hdf5
from skcada.datasets._hdf5_rows import HDF5Rows
from skcada.datasets._layout import refuse_not_finite, some
from skcada.datasets._mat7 import HDF5Error
from skcada.datasets._matfile import (
    read_variables,
    require_files,
    require_matrix,
    require_variables,
    unwrap_cell,
)
from skcada.datasets._xlsa17_splits import to_positions
from skcada.exceptions import warn_user

SEEN_SPLITS = ("train_classes", "val_classes")
# By distance from the seen classes in WordNet, or by number of images (most, least populated).
UNSEEN_SPLITS = (
    *("hops2", "hops3"),
    *("mp500", "mp1000", "mp5000"),
    *("lp500", "lp1000", "lp5000"),
    "all",
)

DESCR = """\
ImageNet-21K
------------

{features_file}: {n_samples} rows of {n_features} features, {n_val} validation rows
{w2v_file}: {n_classes} classes with {n_dimensions} dimensions each{without_vector}
{splits_file}: {splits}
"""


@validate_params(
    {
        "folder": [str, os.PathLike],
        "features_file": [str],
        "w2v_file": [str],
        "splits_file": [str],
    },
    prefer_skip_nested_validation=True,
)
def load_imagenet21k(
    folder: str | os.PathLike[str],
    *,
    features_file: str = "ILSVRC2012_res101_feature.mat",
    w2v_file: str = "ImageNet_w2v.mat",
    splits_file: str = "ImageNet_splits.mat",
) -> Bunch:
    """Load ImageNet features, word vectors and splits, leaving the features on disk.

    Xian et al. [1]_ evaluate on the 21,842 classes of ImageNet, of which the 1,000 classes of
    ILSVRC 2012 are seen and several sets of the others unseen. The features of all images do not
    fit into memory; they are read row by row, when they are asked for. Needs h5py.

    Parameters
    ----------
    folder : str or path-like
        The folder with the three files.
    features_file : str, default="ILSVRC2012_res101_feature.mat"
        A MAT file of version 7.3 (HDF5) in `folder`, of which ``features``, ``labels`` and, where
        it has them, ``features_val`` and ``labels_val`` are read. The published features of unseen
        classes are in files of their own, without the latter two. Features may be stored as
        (n_samples, n_features) or transposed, each of both matrices in its way: the number of
        labels tells.
    w2v_file : str, default="ImageNet_w2v.mat"
        A MAT file of any version in `folder`, of which ``w2v`` is read, a column or a row per
        class, and ``wnids`` where it has them.
    splits_file : str, default="ImageNet_splits.mat"
        A MAT file of any version in `folder`, of which ``train_classes`` and ``val_classes`` are
        read, two parts of the seen classes, and where it has them the sets of unseen classes
        ``hops2``, ``hops3``, ``mp500``, ``mp1000``, ``mp5000``, ``lp500``, ``lp1000``,
        ``lp5000`` and ``all``.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        Classes are the numbers of the files, counted from 1.

        data : array-like of shape (n_samples, n_features)
            The features on disk. Indexing with a slice, an array of row numbers or a mask reads
            these rows as float32; they are not checked for values that are not finite.
        target : ndarray of shape (n_samples,)
            The class of each row.
        data_val, target_val : array-like and ndarray, or None
            The same for further rows of the seen classes, the validation images of ILSVRC 2012.
        class_embeddings : DataFrame of shape (n_classes, n_dimensions)
            The word vectors, indexed by class. Classes whose vector is NaN or zero throughout have
            none and are left out.
        splits : dict of str to ndarray
            For each set of classes in `splits_file` the classes, also those without a vector.
        seen_classes : ndarray
            Sorted classes of ``train_classes`` and ``val_classes``.
        wnids : Series or None
            The WordNet ID of each class.
        DESCR : str
            The description, with the classes that have no vector.

    Raises
    ------
    FileNotFoundError
        If `folder` or one of the files does not exist.
    ImportError
        If h5py is not installed.
    ValueError
        If a file is damaged, lacks a variable or holds a wrong one, or declares far more than its
        size: shapes that do not fit each other or that leave open what is a row, class numbers
        outside the list of classes, or vectors that are finite in part.

    Warns
    -----
    UserWarning
        If a set of unseen classes holds seen ones.

    See Also
    --------
    load_xlsa17 : Load a data set that fits into memory.

    Notes
    -----
    ``w2v`` has one column or row per entry of ``wnids``. Where the file has no ``wnids``, there
    are as many classes as the highest number in the labels and splits says.

    What is read lies in the file itself, and the size of what a file declares is bounded by about
    ten times that of the file, as of :func:`load_xlsa17`.

    References
    ----------
    .. [1] Y. Xian, C. H. Lampert, B. Schiele, Z. Akata. "Zero-Shot Learning - A Comprehensive
       Evaluation of the Good, the Bad and the Ugly". IEEE TPAMI 41(9), 2019.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import h5py
    >>> import numpy as np
    >>> from scipy.io import savemat
    >>> from skcada.datasets import load_imagenet21k
    >>> splits = {"train_classes": [1], "val_classes": [2], "hops2": [3], "all": [3, 4]}
    >>> with TemporaryDirectory() as folder:
    ...     with h5py.File(Path(folder) / "ILSVRC2012_res101_feature.mat", "w") as file:
    ...         file["features"] = np.arange(10).reshape(5, 2)
    ...         file["labels"] = [1, 2, 3, 4, 4]
    ...     savemat(Path(folder) / "ImageNet_w2v.mat", {"w2v": [[1, 0, 2, 0], [0, 1, 2, 0]]})
    ...     savemat(Path(folder) / "ImageNet_splits.mat", splits)
    ...     imagenet = load_imagenet21k(folder)
    ...     imagenet.data[np.isin(imagenet.target, imagenet.splits["hops2"])]
    array([[4., 5.]], dtype=float32)
    >>> imagenet.class_embeddings
           w2v_0  w2v_1
    class
    1        1.0    0.0
    2        0.0    1.0
    3        2.0    2.0
    """
    folder = Path(folder).absolute()
    require_files(
        folder,
        {
            features_file: "features, labels, features_val, labels_val",
            w2v_file: "w2v, wnids",
            splits_file: "train_classes, val_classes, hops2, hops3, mp500 and so on",
        },
    )
    features_path, w2v_path = folder / features_file, folder / w2v_file
    data, target, data_val, target_val = _read_features(features_path)
    splits, notes = _read_splits(folder / splits_file)
    for note in notes:
        # Level 3 is the caller: level 2 is the wrapper that validates the parameters.
        warn_user(note)
    named = {f"'labels' of '{features_path}'": target}
    if target_val is not None:
        named[f"'labels_val' of '{features_path}'"] = target_val
    named |= {f"'{key}' of '{folder / splits_file}'": splits[key] for key in splits}
    vectors, wnids = _read_vectors(w2v_path, named)
    class_embeddings = _class_embeddings(vectors, w2v_path)
    classes = np.arange(1, len(vectors) + 1)
    without_vector = np.setdiff1d(classes, class_embeddings.index)
    return Bunch(
        data=data,
        target=target,
        data_val=data_val,
        target_val=target_val,
        class_embeddings=class_embeddings,
        splits=splits,
        seen_classes=np.unique(np.concatenate([splits[key] for key in SEEN_SPLITS])),
        wnids=None if wnids is None else pd.Series(wnids, pd.Index(classes, name="class")),
        DESCR=DESCR.format(
            features_file=features_file,
            w2v_file=w2v_file,
            splits_file=splits_file,
            n_samples=data.shape[0],
            n_features=data.shape[1],
            n_val=0 if data_val is None else data_val.shape[0],
            n_classes=class_embeddings.shape[0],
            n_dimensions=class_embeddings.shape[1],
            without_vector=_describe(without_vector, target, splits),
            splits=", ".join(f"{key} {labels.size}" for key, labels in splits.items()),
        ),
    )


def _describe(
    without_vector: NDArray[Any], target: NDArray[Any], splits: Mapping[str, NDArray[Any]]
) -> str:
    if not without_vector.size:
        return ""
    counts = {key: np.isin(labels, without_vector).sum() for key, labels in splits.items()}
    concerned = ", ".join(f"{count} of {key}" for key, count in counts.items() if count) or "none"
    return (
        f"\n{some(without_vector, 'class')} left out, having no vector: {concerned}; "
        f"{np.isin(target, without_vector).sum()} rows"
    )


def _read_features(
    path: Path,
) -> tuple[HDF5Rows, NDArray[np.intp], HDF5Rows | None, NDArray[np.intp] | None]:
    with open_hdf5(path) as file:
        required = ["features", "labels"]
        if "features_val" in file or "labels_val" in file:
            required += ["features_val", "labels_val"]
        require_variables(path, required, file)
        data, target = _labelled_rows(file, path, "features", "labels")
        if len(required) == 2:
            return data, target, None, None
        data_val, target_val = _labelled_rows(file, path, "features_val", "labels_val")
    if data.shape[1] != data_val.shape[1]:
        raise ValueError(
            f"'features' of '{path}' has {data.shape[1]} columns, but 'features_val' has "
            f"{data_val.shape[1]}. Both must be of the same network."
        )
    return data, target, data_val, target_val


def _labelled_rows(
    file: Any, path: Path, features: str, labels: str
) -> tuple[HDF5Rows, NDArray[np.intp]]:
    stored = file.dataset(features, cost_per_number=4)
    require_matrix(path, stored, features)
    target = to_positions(file.read(labels), labels, path) + 1
    if stored.shape[0] != target.size != stored.shape[1]:
        raise ValueError(
            f"'{features}' of '{path}' has shape {stored.shape}, but '{labels}' has {target.size} "
            "entries, which must be the number of rows or of columns. "
            "Check that it is the file meant."
        )
    if stored.shape[0] == stored.shape[1]:
        raise ValueError(
            f"'{features}' of '{path}' has shape {stored.shape}: whether rows or columns are "
            "samples cannot be told. Add a sample or leave one out."
        )
    is_transposed = stored.shape[1] == target.size
    return HDF5Rows(path, features, stored.shape, is_transposed), target


def _read_splits(path: Path) -> tuple[dict[str, NDArray[np.intp]], list[str]]:
    """Return the classes of each set, counted from 1, and the warnings about them."""
    variables, _ = _read_any(path, SEEN_SPLITS, UNSEEN_SPLITS)
    splits = {key: to_positions(value, key, path) + 1 for key, value in variables.items()}
    seen = np.concatenate([splits[key] for key in SEEN_SPLITS])
    notes = []
    for key in UNSEEN_SPLITS:
        common = np.intersect1d(splits.get(key, []), seen)
        if common.size:
            notes.append(
                f"'{key}' of '{path}' holds {some(common, 'class')} of {' and '.join(SEEN_SPLITS)}."
                " Take them out where you need unseen classes, or ignore this warning."
            )
    return splits, notes


def _read_vectors(
    path: Path, named: Mapping[str, NDArray[np.intp]]
) -> tuple[NDArray[Any], list[str] | None]:
    """Return one vector per row, and the WordNet IDs."""
    variables, wnids = _read_any(path, ["w2v"], texts="wnids")
    w2v = variables["w2v"]
    require_matrix(path, w2v, "w2v", per="class")
    highest = max(named, key=lambda name: named[name].max())
    n_named = named[highest].max()
    n_classes = n_named if wnids is None else len(wnids)
    source = f"the highest number in {highest}" if wnids is None else "the length of 'wnids'"
    if n_named > n_classes:
        raise ValueError(
            f"{highest} holds {n_named}, but '{path}' has {n_classes} classes. Check that the "
            "files are of the same data set."
        )
    if w2v.shape.count(n_classes) != 1:
        raise ValueError(
            f"'w2v' of '{path}' has shape {w2v.shape}, but must have one column or row for each "
            f"of the {n_classes} classes ({source}), not both. Check that the files are of the "
            "same data set, and that 'wnids' has an entry per class."
        )
    return (w2v if w2v.shape[0] == n_classes else w2v.T), wnids


def _class_embeddings(vectors: NDArray[Any], path: Path) -> pd.DataFrame:
    classes = np.arange(1, len(vectors) + 1)
    finite = np.isfinite(vectors)
    partly = classes[~finite.all(axis=1) & ~np.isnan(vectors).all(axis=1)]
    refuse_not_finite(
        partly,
        f"'w2v' of '{path}'",
        advice="Fill them in, or make the whole vector NaN to leave the class out.",
    )
    is_there = finite.all(axis=1) & vectors.any(axis=1)
    if not is_there.any():
        raise ValueError(
            f"'w2v' of '{path}' has no vector that is not zero or NaN. "
            "Check that it is the file meant."
        )
    return pd.DataFrame(
        vectors[is_there].astype(np.float64),
        index=pd.Index(classes[is_there], name="class"),
        columns=[f"w2v_{i}" for i in range(vectors.shape[1])],
    )


def _read_any(
    path: Path, required: Sequence[str], optional: Sequence[str] = (), texts: str | None = None
) -> tuple[dict[str, Any], list[str] | None]:
    """Read variables of a MAT file of any version, and optionally a cell array of texts."""
    import h5py  # installed, because the features were read by it

    if h5py.is_hdf5(path):
        with open_hdf5(path) as file:
            require_variables(path, required, file)
            found = {name: file.read(name) for name in [*required, *optional] if name in file}
            if texts is None or texts not in file:
                return found, None
            return found, file.texts(texts)
    try:
        found = read_variables(path, required, [*optional, *([] if texts is None else [texts])])
    except HDF5Error:
        with open_hdf5(path):  # which says what is wrong with it
            raise
    if texts is None or texts not in found:
        return found, None
    cells = [unwrap_cell(cell) for cell in np.ravel(found.pop(texts))]
    if not all(isinstance(cell, str) for cell in cells):
        raise not_texts(path, texts)
    return found, [cell.strip() for cell in cells]
