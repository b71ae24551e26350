"""Every kind of class embedding that lies in the folder of a data set."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from skcada.datasets import load_sentence_embeddings, load_xlsa17

SENTENCE_SPLITS = "sent_splits.mat"
SENTENCE_PICKLE = "CUB_supporting_data.p"
ATTRIBUTES, SENTENCES = "attributes", "sentences"
# "features" names X among the modalities of a transformer, and "+" joins kinds.
_RESERVED = {ATTRIBUTES, "features"}
_CLASS_NAMES = ("allclasses_names", "class_names", "classes", "labels")


def read_side_information(folder: Path, attributes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Read all kinds of side information.

    Parameters
    ----------
    folder : Path
        A folder in the xlsa17 format.
    attributes : DataFrame of shape (n_classes, n_attributes)
        Those of ``att_splits.mat``, indexed by class.

    Returns
    -------
    dict of str to DataFrame
        By kind, attributes first; all of them with the classes of `attributes`.

    Raises
    ------
    ValueError
        If a file is about other classes, or damaged.
    """
    kinds = {ATTRIBUTES: attributes}
    if (folder / SENTENCE_SPLITS).is_file():
        with warnings.catch_warnings():
            # Said of att_splits.mat already, whose splits are the ones to use.
            warnings.simplefilter("ignore")
            other = load_xlsa17(folder, splits_file=SENTENCE_SPLITS).class_embeddings
        if set(other.index) != set(attributes.index):
            raise ValueError(
                f"'{folder / SENTENCE_SPLITS}' has other classes than att_splits.mat. Check that "
                "both are of the same data set."
            )
        kinds[SENTENCES] = other.loc[attributes.index]
    elif (folder / SENTENCE_PICKLE).is_file():
        kinds[SENTENCES] = load_sentence_embeddings(
            folder / SENTENCE_PICKLE, classes=attributes.index
        )
    for path in sorted(folder.glob("*.npz")):
        for key, table in _read_npz(path, attributes.index).items():
            name = key.replace("+", "_")
            if name in _RESERVED | kinds.keys():
                name = f"{path.stem}_{name}".replace("+", "_")
            kinds[name] = table
    return kinds


def _read_npz(path: Path, classes: pd.Index) -> dict[str, pd.DataFrame]:
    """Read the arrays that have one row a class."""
    with np.load(path, allow_pickle=False) as archive:
        tables, names = {}, {}
        for key in archive.files:
            try:
                array = archive[key]
            except ValueError:  # an array of Python objects
                continue
            if array.ndim == 2 and len(array) == len(classes) and array.dtype.kind in "iuf":
                tables[key] = pd.DataFrame(array, index=classes)
            elif key in _CLASS_NAMES and array.shape == (len(classes),):
                names[key] = array
    for key, labels in names.items():
        # Rows in another order would describe the wrong classes without any error.
        is_list_of_classes = set(labels.tolist()) == set(classes)
        if tables and is_list_of_classes and (labels != classes.to_numpy()).any():
            raise ValueError(
                f"{key!r} of '{path}' has the classes in another order than att_splits.mat. Sort "
                "the rows of its arrays alike."
            )
    for key, table in tables.items():
        if not np.isfinite(table.to_numpy()).all():
            raise ValueError(f"{key!r} of '{path}' has values that are NaN or infinite.")
    return tables
