"""Files in the layout of the public ImageNet features, written by the tests."""

import re
import sys
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.io import savemat

from skcada.datasets import load_imagenet21k

FEATURES, W2V, SPLITS = (
    "ILSVRC2012_res101_feature.mat",
    "ImageNet_w2v.mat",
    "ImageNet_splits.mat",
)
N_CLASSES = 10
WNIDS = [f"n{i:08d}" for i in range(1, N_CLASSES + 1)]


@pytest.fixture
def contents():
    """Variables of the three files: 20 rows and 6 more of 4 features; classes 1 to 5 are seen."""
    rng = np.random.RandomState(0)
    return SimpleNamespace(
        features={
            "features": rng.uniform(size=(20, 4)).astype(np.float32),
            "labels": np.arange(20)[:, np.newaxis] % 10 + 1.0,
            "features_val": rng.uniform(size=(6, 4)).astype(np.float32),
            "labels_val": np.arange(6)[:, np.newaxis] % 5 + 1.0,
        },
        w2v={"w2v": rng.normal(size=(N_CLASSES, 3)), "wnids": WNIDS},
        splits={
            "train_classes": np.array([[3, 1, 2]]),
            "val_classes": np.array([[5, 4]]),
            "hops2": np.array([[6, 8]]),
            "hops3": np.array([[7, 8, 9]]),
            "mp500": np.array([[6]]),
            "mp1000": np.array([[6, 7]]),
            "mp5000": np.array([[6, 7, 8]]),
            "lp500": np.array([[10]]),
            "lp1000": np.array([[10, 9]]),
            "lp5000": np.array([[10, 9, 8]]),
            "all": np.array([[6, 7, 8, 9, 10]]),
            "rest": np.array([[99]]),
        },
    )


def save_hdf5(path, variables, transposed=()):
    """Write what MATLAB's `save -v7.3` writes: texts are references to numbers."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            if name == "wnids" and isinstance(value, list):
                group = file.require_group("#refs#")
                cells = [np.array([[ord(letter)] for letter in text], "u2") for text in value]
                refs = [group.create_dataset(str(i), data=cell).ref for i, cell in enumerate(cells)]
                file.create_dataset(name, data=np.array([refs], dtype=h5py.ref_dtype))
            else:
                file[name] = value.T if name in transposed else value


@pytest.fixture
def write(tmp_path, contents):
    """Write the contents, the small files in a version of the format, and return the folder."""

    def write_files(version="7.3", transposed=()):
        save_hdf5(tmp_path / FEATURES, contents.features, transposed)
        for file, variables in ((W2V, contents.w2v), (SPLITS, contents.splits)):
            if version == "7.3":
                save_hdf5(tmp_path / file, variables, transposed)
            else:
                turned = {k: v.T if k in transposed else v for k, v in variables.items()}
                if "wnids" in turned:
                    turned["wnids"] = np.array(turned["wnids"], dtype=object)[:, np.newaxis]
                savemat(tmp_path / file, turned)
        return tmp_path

    return write_files


@pytest.mark.parametrize("version", ["7", "7.3"])
@pytest.mark.parametrize(
    "transposed",
    [
        (),
        ("features", "w2v"),  # as published, where features_val is not
        ("features", "features_val", "labels", "labels_val", "w2v", "train_classes", "all"),
    ],
)
def test_values_are_those_of_the_files_in_either_orientation(write, contents, version, transposed):
    bunch = load_imagenet21k(write(version, transposed))
    assert_array_equal(bunch.data[:], contents.features["features"])
    assert_array_equal(bunch.data_val[:], contents.features["features_val"])
    assert bunch.data.shape == (20, 4)
    assert bunch.data_val.shape == (6, 4)
    assert_array_equal(bunch.target, np.arange(20) % 10 + 1)
    assert_array_equal(bunch.target_val, np.arange(6) % 5 + 1)
    assert bunch.target.dtype.kind == bunch.target_val.dtype.kind == "i"
    assert_array_equal(bunch.class_embeddings, contents.w2v["w2v"])
    assert_array_equal(bunch.class_embeddings.index, np.arange(1, 11))
    assert bunch.class_embeddings.index.name == "class"
    assert_array_equal(bunch.seen_classes, [1, 2, 3, 4, 5])
    assert list(bunch.wnids) == WNIDS
    assert bunch.wnids[10] == "n00000010"
    assert list(bunch.splits) == [name for name in contents.splits if name != "rest"]
    for name, classes in bunch.splits.items():
        assert_array_equal(classes, contents.splits[name].ravel())


def test_features_of_unseen_classes_come_without_validation_rows(write, contents):
    del contents.features["features_val"], contents.features["labels_val"]
    bunch = load_imagenet21k(write())
    assert bunch.data_val is None
    assert bunch.target_val is None
    assert "0 validation rows" in bunch.DESCR


def test_wnids_of_other_writers_are_read(write, contents):
    contents.w2v["wnids"] = np.array(WNIDS, dtype="S")
    assert list(load_imagenet21k(write()).wnids) == WNIDS


def test_other_files_of_the_folder_can_be_named(write):
    folder = write()
    for i, file in enumerate((FEATURES, W2V, SPLITS)):
        (folder / file).rename(folder / f"{i}.mat")
    bunch = load_imagenet21k(folder, features_file="0.mat", w2v_file="1.mat", splits_file="2.mat")
    assert bunch.data.shape == (20, 4)


def test_sets_of_classes_that_the_file_lacks_are_left_out(write, contents):
    contents.splits = {key: contents.splits[key] for key in ("train_classes", "val_classes", "all")}
    assert list(load_imagenet21k(write()).splits) == ["train_classes", "val_classes", "all"]


@pytest.mark.parametrize("version", ["7", "7.3"])
def test_without_wnids_the_highest_number_is_that_of_the_classes(write, contents, version):
    del contents.w2v["wnids"]
    bunch = load_imagenet21k(write(version, ["w2v"]))
    assert bunch.wnids is None
    assert_array_equal(bunch.class_embeddings, contents.w2v["w2v"])


@pytest.mark.parametrize("nothing", [0, np.nan])
def test_classes_without_a_vector_are_left_out_and_said(write, contents, nothing):
    contents.w2v["w2v"][[1, 7]] = nothing
    bunch = load_imagenet21k(write())
    assert_array_equal(bunch.class_embeddings.index, [1, 3, 4, 5, 6, 7, 9, 10])
    assert_array_equal(bunch.class_embeddings.loc[9], contents.w2v["w2v"][8])
    said = "2 classes (2, 8) left out, having no vector: 1 of train_classes, 1 of hops2"
    assert said in bunch.DESCR
    assert "; 4 rows\n" in bunch.DESCR
    assert 8 in bunch.splits["all"]


def test_rows_of_a_set_of_classes_are_read_alone(write, contents):
    bunch = load_imagenet21k(write(transposed=["features"]))
    is_hop2 = np.isin(bunch.target, bunch.splits["hops2"])
    assert_array_equal(bunch.data[is_hop2], contents.features["features"][[5, 7, 15, 17]])


def test_loading_reads_no_features(write, monkeypatch):
    folder = write()
    read, getitem = [], h5py.Dataset.__getitem__

    def remember(dataset, *args, **options):
        read.append(dataset.name)
        return getitem(dataset, *args, **options)

    monkeypatch.setattr(h5py.Dataset, "__getitem__", remember)
    bunch = load_imagenet21k(folder)
    assert "/features" not in read
    assert "/features_val" not in read
    bunch.data[:2]
    assert read[-1] == "/features"


def test_relative_folder_is_found_after_a_change_of_directory(write, monkeypatch):
    folder = write()
    monkeypatch.chdir(folder.parent)
    bunch = load_imagenet21k(folder.name)
    monkeypatch.chdir("/")
    assert bunch.data[0].shape == (4,)


def test_seen_classes_among_the_unseen_are_said(write, contents):
    contents.splits["all"] = np.arange(1, 11)[np.newaxis]
    folder = write()
    with pytest.warns(UserWarning, match=r"'all' of .* holds 5 classes \(1, 2, 3") as caught:
        load_imagenet21k(folder)
    assert caught[0].filename == __file__


def set_to(name, change):
    """Change a variable, or remove it."""

    def apply(variables):
        if change is None:
            del variables[name]
        else:
            variables[name] = change(np.array(variables[name]))

    return apply


def with_entry(position, value):
    def replaced(array):
        array[position] = value
        return array

    return replaced


FAULTS = [
    ("features", set_to("features", None), "lacks 'features'"),
    ("features", set_to("labels", None), "lacks 'labels'"),
    ("features", set_to("features_val", None), "lacks 'features_val'"),
    ("features", set_to("labels_val", None), "lacks 'labels_val'"),
    ("features", set_to("features", lambda old: old[0]), "'features' .*dense matrix"),
    ("features", set_to("features_val", lambda old: old[0]), "'features_val' .*dense matrix"),
    ("features", set_to("features", lambda old: old[1:]), r"\(19, 4\), but 'labels' has 20"),
    (
        "features",
        set_to("features_val", lambda old: old[:, :3]),
        "has 4 columns, but 'features_val' has 3",
    ),
    ("features", set_to("labels", lambda old: old - 1), "'labels' .* holds 0, but must count"),
    ("features", set_to("labels", lambda old: old + 0.5), "'labels' .* whole numbers"),
    ("features", set_to("labels", lambda old: old[:0, :0]), "'labels' .* is empty"),
    ("features", set_to("labels", lambda old: old + 1), "'labels' of .* holds 11, but .* has 10"),
    ("features", set_to("labels_val", lambda old: old + 9), "'labels_val' of .* holds 14, but"),
    ("w2v", set_to("w2v", None), "lacks 'w2v'"),
    ("w2v", set_to("w2v", lambda old: old[0]), "'w2v' .*dense matrix"),
    ("w2v", set_to("w2v", lambda old: old[1:]), r"\(9, 3\), .* 10 classes \(the length of 'wnids'"),
    ("w2v", set_to("w2v", lambda old: np.tile(old, 4)[:, :10]), r"\(10, 10\), .* not both"),
    (
        "w2v",
        set_to("w2v", with_entry((3, 1), np.nan)),
        r"NaN or infinite for 1 class \(4\)\. Fill them in, or make",
    ),
    ("w2v", set_to("w2v", with_entry(3, np.inf)), r"NaN or infinite for 1 class \(4\)"),
    ("w2v", set_to("w2v", np.zeros_like), "no vector"),
    ("w2v", set_to("wnids", lambda old: old[:9].tolist()), "holds 10, but .* has 9 classes"),
    ("w2v", set_to("wnids", lambda old: np.ones((10, 9))), "'wnids' .* cell array of texts"),
    ("splits", set_to("train_classes", None), "lacks 'train_classes'"),
    ("splits", set_to("val_classes", None), "lacks 'val_classes'"),
    ("splits", set_to("hops2", lambda old: old + 4), "'hops2' of .* holds 12, but .* has 10"),
    ("splits", set_to("hops3", lambda old: old * 0), "'hops3' .* holds 0, but must count from 1"),
]
FILES = {"features": FEATURES, "w2v": W2V, "splits": SPLITS}


@pytest.mark.parametrize(("file", "fault", "message"), FAULTS)
def test_fault_is_named_with_its_file(write, contents, file, fault, message):
    fault(getattr(contents, file))
    folder = write()
    with pytest.raises(ValueError, match=message) as caught:
        load_imagenet21k(folder)
    assert FILES[file] in str(caught.value)


def test_labels_beyond_the_vectors_are_refused_without_wnids_too(write, contents):
    del contents.w2v["wnids"]
    contents.features["labels"][4] = 11
    message = r"shape \(10, 3\).* 11 classes \(the highest number in 'labels' of"
    with pytest.raises(ValueError, match=message):
        load_imagenet21k(write())


def test_square_features_are_refused_as_they_could_be_read_both_ways(write, contents):
    contents.features["features"] = np.eye(20)
    with pytest.raises(ValueError, match="rows or columns are samples cannot be told"):
        load_imagenet21k(write())


@pytest.mark.parametrize("file", FILES.values())
def test_missing_file_is_named_with_those_that_are_there(write, file):
    folder = write()
    (folder / file).unlink()
    others = ".*".join(sorted(set(FILES.values()) - {file}))
    with pytest.raises(FileNotFoundError, match=f"{re.escape(str(folder / file))}.*Now.*{others}"):
        load_imagenet21k(folder)


def test_missing_folder_is_named_with_what_it_must_hold(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder '.*nowhere'. .*feature.mat.*w2v.mat"):
        load_imagenet21k(tmp_path / "nowhere")


@pytest.mark.parametrize("file", FILES.values())
@pytest.mark.parametrize("length", [0, 300, 700])
def test_file_cut_off_is_refused_by_name(write, file, length):
    folder = write()
    (folder / file).write_bytes((folder / file).read_bytes()[:length])
    with pytest.raises(ValueError, match=f"{re.escape(file)}' is not a MAT file.* or not a whole"):
        load_imagenet21k(folder)


def test_features_of_an_older_version_are_refused_with_the_way_out(write, contents):
    folder = write()
    savemat(folder / FEATURES, contents.features)
    with pytest.raises(ValueError, match=rf"{FEATURES}' is not .* version 7.3 .*'-v7.3'"):
        load_imagenet21k(folder)


def test_without_h5py_it_is_said_what_to_install(write, monkeypatch):
    folder = write()
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"skcada\[data\]"):
        load_imagenet21k(folder)
