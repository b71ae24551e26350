"""The published files, where they are available."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.io import loadmat

from skcada.datasets import load_xlsa17
from skcada.datasets._xlsa17_splits import read_splits

# attributes, classes, trainval, test_seen, test_unseen, and whether train and val are repaired
PUBLISHED = {
    "AWA1/att_splits.mat": (85, 50, 19832, 4958, 5685, True),
    "AWA1/att_splits_v2.mat": (85, 50, 19832, 4958, 5685, False),
    "AWA2/att_splits.mat": (85, 50, 23527, 5882, 7913, True),
    "AWA2/att_splits_v2.mat": (85, 50, 23527, 5882, 7913, False),
    "CUB/att_splits.mat": (312, 200, 7057, 1764, 2967, True),
    "CUB/sent_splits.mat": (1024, 200, 7057, 1764, 2967, True),
    "SUN/att_splits.mat": (102, 717, 10320, 2580, 1440, True),
    "FLO/att_splits.mat": (1024, 102, 5631, 1403, 1155, True),
    "APY/att_splits.mat": (64, 32, 5932, 1483, 7924, False),
}


@pytest.fixture(params=PUBLISHED)
def published(request, shared_data):
    return shared_data / "xlsa17" / request.param, *PUBLISHED[request.param]


def test_published_splits_have_their_published_sizes(published):
    path, n_attributes, n_classes, n_trainval, n_test_seen, n_test_unseen, _ = published
    splits = read_splits(path)
    assert splits.class_embeddings.shape == (n_classes, n_attributes)
    assert splits.rows["trainval_loc"].size == n_trainval
    assert splits.rows["test_seen_loc"].size == n_test_seen
    assert splits.rows["test_unseen_loc"].size == n_test_unseen


def test_published_embeddings_and_names_are_those_of_the_file(published):
    path = published[0]
    file, embeddings = loadmat(path), read_splits(path).class_embeddings
    assert_array_equal(embeddings, file["att"].T)
    if "allclasses_names" in file:
        assert list(embeddings.index) == [cell[0].item() for cell in file["allclasses_names"]]
    else:
        assert_array_equal(embeddings.index, np.arange(1, 103))


def test_published_train_and_val_divide_trainval(published):
    splits, repaired = read_splits(published[0]), published[-1]
    both = np.concatenate([splits.rows["train_loc"], splits.rows["val_loc"]])
    assert_array_equal(np.sort(both), np.sort(splits.rows["trainval_loc"]))
    assert (splits.repair is not None) == repaired


@pytest.mark.parametrize("name", ["AWA1", "AWA2"])
def test_repaired_first_generation_is_the_second(shared_data, name):
    first = read_splits(shared_data / "xlsa17" / name / "att_splits.mat")
    second = read_splits(shared_data / "xlsa17" / name / "att_splits_v2.mat")
    for key in first.rows:
        assert_array_equal(np.sort(first.rows[key]), np.sort(second.rows[key]))


@pytest.mark.parametrize(
    ("folder", "splits_file", "shape", "sizes"),
    [
        ("emoji", "att_splits.mat", (20880, 1280), (11961, 2034, 3150, 3735)),
        ("cub_cadavae_latents", "att_splits.mat", (4731, 64), (825, 413, 526, 2967)),
        ("cub_cadavae_latents", "sent_splits.mat", (4731, 64), (825, 413, 526, 2967)),
    ],
)
def test_whole_data_sets_have_their_documented_sizes(
    shared_data, folder, splits_file, shape, sizes
):
    bunch = load_xlsa17(shared_data / folder, splits_file=splits_file)
    assert bunch.data.shape == shape
    assert bunch.data.flags.c_contiguous
    parts = ("train", "val", "test_seen", "test_unseen")
    assert tuple(bunch[part].size for part in parts) == sizes


@pytest.mark.parametrize("folder", ["emoji", "cub_cadavae_latents"])
def test_class_names_are_those_of_the_image_files(shared_data, folder):
    bunch = load_xlsa17(shared_data / folder)
    files = loadmat(shared_data / folder / "res101.mat", variable_names=["image_files"])
    names = [cell[0].item().split("/")[0] for cell in files["image_files"]]
    assert_array_equal(bunch.target, names)
