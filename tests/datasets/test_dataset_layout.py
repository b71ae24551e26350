"""The common layout of all data sets."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skcada.datasets import (
    load_accented_letters,
    load_segment_digits,
    load_xlsa17,
    make_gzsl_classification,
)

KEYS = {
    "data", "target", "frame", "class_embeddings", "seen_classes", "unseen_classes", "trainval",
    "test_seen", "test_unseen", "train", "val", "feature_names", "target_names", "DESCR",
}  # fmt: skip
KEYS_OF_IMAGES = {"images", "face", "family"}


@pytest.fixture(params=["letters", "digits", "generated", "xlsa17"])
def load(request, variables, write):
    if request.param == "letters":
        return load_accented_letters
    if request.param == "digits":
        return load_segment_digits
    if request.param == "generated":
        return lambda **options: make_gzsl_classification(300, 7, random_state=0, **options)
    folder = write(*variables)
    return lambda **options: load_xlsa17(folder, **options)


def test_every_data_set_has_the_same_entries(load):
    assert set(load()) - KEYS_OF_IMAGES == KEYS


def test_shapes_and_types_fit_each_other(load):
    bunch = load()
    assert bunch.data.dtype == np.float32
    assert bunch.data.flags.c_contiguous
    assert bunch.target.shape == bunch.data.shape[:1]
    assert len(bunch.feature_names) == bunch.data.shape[1]
    assert bunch.class_embeddings.index.name == "class"
    assert bunch.class_embeddings.index.is_unique
    assert_array_equal(bunch.target_names, bunch.class_embeddings.index)
    assert bunch.frame is None


def test_every_label_has_a_class_embedding(load):
    bunch = load()
    assert bunch.class_embeddings.loc[bunch.target].shape[0] == len(bunch.target)


def test_the_three_parts_are_disjoint_and_complete(load):
    bunch = load()
    rows = np.concatenate([bunch.trainval, bunch.test_seen, bunch.test_unseen])
    assert_array_equal(np.sort(rows), np.arange(len(bunch.target)))


def test_seen_and_unseen_classes_are_those_of_their_rows(load):
    bunch = load()
    assert_array_equal(bunch.seen_classes, np.unique(bunch.target[bunch.trainval]))
    assert_array_equal(bunch.seen_classes, np.unique(bunch.target[bunch.test_seen]))
    assert_array_equal(bunch.unseen_classes, np.unique(bunch.target[bunch.test_unseen]))
    assert not np.isin(bunch.seen_classes, bunch.unseen_classes).any()


def test_train_and_val_divide_the_rows_and_classes_of_trainval(load):
    bunch = load()
    both = np.concatenate([bunch.train, bunch.val])
    assert_array_equal(np.sort(both), np.sort(bunch.trainval))
    assert not np.isin(bunch.target[bunch.train], bunch.target[bunch.val]).any()


def test_data_and_target_alone_hold_all_rows(load):
    bunch = load()
    X, y = load(return_X_y=True)
    assert_array_equal(X, bunch.data)
    assert_array_equal(y, bunch.target)


def test_as_frame_gives_the_same_values_as_pandas_objects(load):
    arrays, frames = load(), load(as_frame=True)
    assert isinstance(frames.data, pd.DataFrame)
    assert isinstance(frames.target, pd.Series)
    assert_array_equal(frames.data, arrays.data)
    assert_array_equal(frames.target, arrays.target)
    assert list(frames.frame) == [*arrays.feature_names, "target"]
    assert_array_equal(frames.frame["target"], arrays.target)
    X, y = load(as_frame=True, return_X_y=True)
    pd.testing.assert_frame_equal(X, frames.data)
    pd.testing.assert_series_equal(y, frames.target)


def test_writing_to_the_frame_leaves_the_data_alone(load):
    bunch = load(as_frame=True)
    before = bunch.data.iloc[0, 0]
    bunch.frame.iloc[0, 0] = before + 1
    assert bunch.data.iloc[0, 0] == before
