"""A small data set in the xlsa17 format that tests write, whole or with a fault."""

import numpy as np
import pytest
from scipy.io import savemat

NAMES = ["bat", "cat", "dog", "emu", "fox", "gnu"]  # gnu and emu are unseen


@pytest.fixture
def variables():
    """Variables of both files: 24 rows of 3 features, four rows per class, in turn."""
    labels = np.arange(24) % 6 + 1
    rng = np.random.RandomState(0)
    row = np.arange(24) + 1
    unseen = np.isin(labels, [4, 6])
    test_seen = row[~unseen & (row > 18)]
    trainval = row[~unseen & (row <= 18)][::-1]  # files are not sorted
    held_out = np.isin(labels[trainval - 1], [5])
    features = {"features": rng.uniform(size=(3, 24)), "labels": labels[:, np.newaxis]}
    splits = {
        "att": rng.uniform(size=(2, 6)),
        "allclasses_names": np.array(NAMES, dtype=object)[:, np.newaxis],
        "trainval_loc": trainval[:, np.newaxis],
        "train_loc": trainval[~held_out][:, np.newaxis],
        "val_loc": trainval[held_out][:, np.newaxis],
        "test_seen_loc": test_seen[:, np.newaxis],
        "test_unseen_loc": row[unseen][:, np.newaxis],
    }
    return features, splits


@pytest.fixture
def write(tmp_path):
    """Write the two files and return their folder."""

    def write_files(features, splits, **options):
        savemat(tmp_path / "res101.mat", features, **options)
        savemat(tmp_path / "att_splits.mat", splits, **options)
        return tmp_path

    return write_files
