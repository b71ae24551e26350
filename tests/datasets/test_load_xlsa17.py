"""Data sets in the xlsa17 format, whole and faulty, written by the tests."""

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.io import savemat
from scipy.sparse import csc_matrix

from skcada.datasets import load_xlsa17


def nested(name):
    cell = np.empty((1, 1), dtype=object)
    cell[0, 0] = np.array([name])
    return cell


def cells(names):
    column = np.empty((len(names), 1), dtype=object)
    column[:, 0] = names
    return column


def test_values_are_those_of_the_files(variables, write):
    features, splits = variables
    bunch = load_xlsa17(write(features, splits))
    assert_array_equal(bunch.data, features["features"].T.astype(np.float32))
    assert list(bunch.target[:7]) == ["bat", "cat", "dog", "emu", "fox", "gnu", "bat"]
    assert_array_equal(bunch.class_embeddings, splits["att"].T)
    assert list(bunch.class_embeddings.index) == ["bat", "cat", "dog", "emu", "fox", "gnu"]
    assert list(bunch.unseen_classes) == ["emu", "gnu"]


def test_row_numbers_become_indices_in_the_order_of_the_file(variables, write):
    features, splits = variables
    bunch = load_xlsa17(write(features, splits))
    for key in ("trainval", "train", "val", "test_seen", "test_unseen"):
        assert_array_equal(bunch[key], splits[f"{key}_loc"].ravel() - 1)


@pytest.mark.parametrize("compressed", [False, True])
def test_float_numbers_and_rows_instead_of_columns_are_read_alike(variables, write, compressed):
    features, splits = variables
    features["labels"] = features["labels"].T.astype(float)
    splits = {k: v.T.astype(float) if k.endswith("_loc") else v for k, v in splits.items()}
    bunch = load_xlsa17(write(features, splits, do_compression=compressed))
    assert_array_equal(bunch.trainval, splits["trainval_loc"].ravel() - 1)
    assert bunch.trainval.dtype == np.intp


@pytest.mark.parametrize(
    "names",
    [
        cells([" bat", "cat ", "dog", "\temu\n", "fox", "gnu"]),
        cells([nested(name) for name in ["bat", "cat", "dog", "emu", "fox", "gnu"]]),
        np.array(["bat", "cat", "dog  ", "emu", "fox", "gnu"]),  # a padded char matrix
    ],
)
def test_white_space_and_nesting_of_class_names_are_taken_off(variables, write, names):
    features, splits = variables
    bunch = load_xlsa17(write(features, splits | {"allclasses_names": names}))
    assert list(bunch.class_embeddings.index) == ["bat", "cat", "dog", "emu", "fox", "gnu"]


def test_without_names_labels_are_the_numbers_of_the_file(variables, write):
    features, splits = variables
    del splits["allclasses_names"]
    bunch = load_xlsa17(write(features, splits))
    assert_array_equal(bunch.target, features["labels"].ravel())
    assert_array_equal(bunch.class_embeddings.index, [1, 2, 3, 4, 5, 6])
    assert_array_equal(bunch.class_embeddings.loc[4], splits["att"][:, 3])


def test_other_files_of_the_folder_can_be_named(variables, tmp_path):
    features, splits = variables
    savemat(tmp_path / "vgg.mat", features)
    savemat(tmp_path / "sent_splits.mat", splits)
    bunch = load_xlsa17(tmp_path, features_file="vgg.mat", splits_file="sent_splits.mat")
    assert bunch.data.shape == (24, 3)


@pytest.mark.parametrize("lacking", [["train_loc"], ["val_loc"], ["train_loc", "val_loc"]])
def test_without_train_or_val_both_are_none(variables, write, lacking):
    features, splits = variables
    for key in lacking:
        del splits[key]
    bunch = load_xlsa17(write(features, splits))
    assert bunch.train is None
    assert bunch.val is None
    assert "train and val are None" in bunch.DESCR


def first_generation(splits, labels):
    """Divide trainval and test_seen together by class, as the first files did."""
    both = np.sort(np.vstack([splits["trainval_loc"], splits["test_seen_loc"]]), axis=0)
    held_out = labels.ravel()[both.ravel() - 1] == 5
    return splits | {"train_loc": both[~held_out], "val_loc": both[held_out]}


def test_first_generation_is_repaired_to_the_second(variables, write):
    features, splits = variables
    folder = write(features, first_generation(splits, features["labels"]))
    with pytest.warns(UserWarning, match="3 rows of train_loc and 1 of val_loc") as caught:
        bunch = load_xlsa17(folder)
    for key in ("train", "val"):
        assert_array_equal(np.sort(bunch[key]), np.sort(splits[f"{key}_loc"].ravel() - 1))
    assert caught[0].filename == __file__
    assert str(folder / "att_splits.mat") in str(caught[0].message)
    assert "3 rows of train_loc and 1 of val_loc" in bunch.DESCR


def test_second_generation_is_read_without_a_warning(variables, write):
    bunch = load_xlsa17(write(*variables))  # warnings are errors in this suite
    assert "taken out" not in bunch.DESCR


def test_repair_that_leaves_nothing_gives_none(variables, write):
    features, splits = variables
    folder = write(features, splits | {"val_loc": splits["test_seen_loc"]})
    with pytest.warns(UserWarning, match="empty now, train and val are None"):
        bunch = load_xlsa17(folder)
    assert bunch.train is None
    assert bunch.val is None


def test_division_with_classes_in_both_parts_is_not_offered(variables, write):
    features, splits = variables
    half = len(splits["trainval_loc"]) // 2
    parts = {"train_loc": splits["trainval_loc"][:half], "val_loc": splits["trainval_loc"][half:]}
    folder = write(features, splits | parts)
    with pytest.warns(UserWarning, match="4 classes .'bat', 'cat', 'dog', 'fox'. in common"):
        bunch = load_xlsa17(folder)
    assert bunch.train is None
    assert bunch.val is None


def test_missing_folder_is_named_with_what_it_must_hold(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder '.*nowhere'. .*res101.mat.*att_splits"):
        load_xlsa17(tmp_path / "nowhere")


def test_missing_file_is_named_with_the_files_that_are_there(variables, write):
    folder = write(*variables)
    message = re.escape(str(folder / "v2.mat")) + ".*'att_splits.mat', 'res101.mat'"
    with pytest.raises(FileNotFoundError, match=message):
        load_xlsa17(folder, splits_file="v2.mat")


def test_empty_folder_is_said_to_have_no_mat_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"it has no MAT file"):
        load_xlsa17(tmp_path)


def column(*numbers):
    return np.array(numbers)[:, np.newaxis]


def replaced(array, position, value):
    changed = np.array(array, dtype=float)
    changed[position] = value
    return changed


# The file, the variable, the function that changes it (None removes it), and the message.
FAULTS = [
    ("res101.mat", "labels", None, "lacks 'labels'"),
    ("res101.mat", "features", None, "lacks 'features'"),
    ("res101.mat", "features", lambda old: old.T, r"shape \(24, 3\), but 'labels' has 24"),
    ("res101.mat", "features", lambda old: old[:, 1:], r"shape \(3, 23\), but 'labels' has 24"),
    ("res101.mat", "features", lambda old: old + 1j, "dense matrix of real numbers"),
    (
        "res101.mat",
        "features",
        csc_matrix,
        r"dense matrix of real numbers.*a sparse matrix of shape \(3, 24\)",
    ),
    ("res101.mat", "features", lambda old: replaced(old, (0, 4), np.nan), r"1 row \(5\)"),
    ("res101.mat", "features", lambda old: replaced(old, (0, 4), 1e300), r"1 row \(5\)"),
    (
        "res101.mat",
        "features",
        lambda old: replaced(replaced(old, (0, 4), np.inf), (1, 5), -np.inf),
        r"2 rows \(5, 6\)",
    ),
    ("res101.mat", "labels", lambda old: old - 1, "'labels' .* holds 0, but must count from 1"),
    ("res101.mat", "labels", lambda old: old + 1, "'labels' .* holds 7, but .* has 6 classes"),
    ("res101.mat", "labels", lambda old: old + 0.5, "'labels' .* whole numbers"),
    ("res101.mat", "labels", lambda old: replaced(old, 0, np.nan), "'labels' .* whole numbers"),
    ("res101.mat", "labels", lambda old: replaced(old, 0, np.inf), "'labels' .* whole numbers"),
    ("att_splits.mat", "att", None, "lacks 'att'"),
    ("att_splits.mat", "att", csc_matrix, "'att' .* dense matrix"),
    ("att_splits.mat", "att", lambda old: old[:, 1:], "6 entries, but 'att' has 5"),
    ("att_splits.mat", "att", lambda old: replaced(old, (0, 4), np.nan), r"1 class \('fox'\)"),
    (
        "att_splits.mat",
        "allclasses_names",
        lambda _: cells(["bat", "cat", "bat ", "emu", "fox", "gnu"]),
        r"1 name \('bat'\) more than once",
    ),
    (
        "att_splits.mat",
        "allclasses_names",
        lambda _: cells(["bat", "  ", "dog", "emu", "fox", "gnu"]),
        "entry 2 of 'allclasses_names'",
    ),
    (
        "att_splits.mat",
        "allclasses_names",
        lambda _: cells([1, 2, 3, 4, 5, 6]),
        "entry 1 of 'allclasses_names'",
    ),
    ("att_splits.mat", "trainval_loc", None, "lacks 'trainval_loc'"),
    ("att_splits.mat", "test_seen_loc", lambda _: column(0, 19), "holds 0, but must count"),
    ("att_splits.mat", "test_seen_loc", lambda _: column(19, 25), "holds 25, but .* 24 rows"),
    ("att_splits.mat", "test_seen_loc", lambda _: column(19.5, 20), "whole numbers"),
    ("att_splits.mat", "test_seen_loc", lambda _: cells(["19", "20"]), "whole numbers"),
    ("att_splits.mat", "test_seen_loc", lambda _: column(19, 19), r"1 row \(19\) more than once"),
    ("att_splits.mat", "test_seen_loc", lambda _: np.zeros((0, 0)), "is empty"),
    ("att_splits.mat", "test_seen_loc", lambda _: np.ones((2, 2)), "must be a column"),
    (
        "att_splits.mat",
        "test_seen_loc",
        lambda _: column(1, 19),
        r"trainval_loc and test_seen_loc .* 1 row \(1\) in common",
    ),
    (
        "att_splits.mat",
        "test_seen_loc",
        lambda _: column(4, 19),
        r"test_seen_loc and test_unseen_loc .* 1 row \(4\) in common",
    ),
    (
        "att_splits.mat",
        "test_unseen_loc",
        lambda old: np.vstack([old[1:], [[1]]]),
        "trainval_loc and test_unseen_loc .* in common",
    ),
    (
        "att_splits.mat",
        "trainval_loc",
        lambda old: old[old.ravel() % 6 != 5],
        r"1 class \('fox'\) without a row in trainval_loc",
    ),
]


@pytest.mark.parametrize(("file", "key", "change", "message"), FAULTS)
def test_fault_is_named_with_its_file(variables, write, file, key, change, message):
    contents = dict(zip(("res101.mat", "att_splits.mat"), variables, strict=True))
    if change is None:
        del contents[file][key]
    else:
        contents[file][key] = change(contents[file][key])
    folder = write(*contents.values())
    with pytest.raises(ValueError, match=message) as caught:
        load_xlsa17(folder)
    assert file in str(caught.value)


def test_unseen_classes_with_rows_to_train_on_are_refused(variables, write):
    features, splits = variables
    unseen = splits["test_unseen_loc"]
    moved = {
        "trainval_loc": np.vstack([splits["trainval_loc"], unseen[:1]]),
        "test_unseen_loc": unseen[1:],
    }
    with pytest.raises(ValueError, match=r"1 class \('emu'\) in common, but unseen classes"):
        load_xlsa17(write(features, splits | moved))
