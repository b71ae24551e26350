"""Files that are damaged, and MAT files of version 7.3."""

import sys

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.io import savemat

from skcada.datasets import load_xlsa17
from skcada.datasets._matfile import read_features_and_labels


def save_v73(path, variables, transposed=True):
    """Write what MATLAB's `save -v7.3` writes: HDF5 after a header of 512 bytes."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            file[name] = value.T if transposed else value
    header = b"MATLAB 7.3 MAT-file".ljust(116) + bytes(8) + b"\x00\x02IM"
    with path.open("r+b") as stream:
        stream.write(header)


@pytest.mark.parametrize("compressed", [False, True])
def test_file_cut_off_anywhere_is_refused_by_name(tmp_path, compressed):
    whole, part = tmp_path / "whole.mat", tmp_path / "part.mat"
    variables = {"features": np.arange(35.0).reshape(5, 7), "labels": np.arange(1, 8)}
    savemat(whole, variables, do_compression=compressed)
    content = whole.read_bytes()
    for length in range(0, len(content) - 1, 7):
        part.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"part\.mat"):
            read_features_and_labels(part)


@pytest.mark.parametrize(
    "content", [b"", b"not a MAT file at all", b"<html>404 Not Found</html>" * 20, bytes(300)]
)
@pytest.mark.parametrize("file", ["res101.mat", "att_splits.mat"])
def test_file_of_another_kind_is_refused_by_name(variables, write, content, file):
    folder = write(*variables)
    (folder / file).write_bytes(content)
    with pytest.raises(ValueError, match=f"{file}' is not a MAT file, or not a whole one"):
        load_xlsa17(folder)


@pytest.mark.parametrize("transposed", [True, False])
def test_features_of_version_7_3_are_read_in_either_orientation(variables, write, transposed):
    features, splits = variables
    folder = write(features, splits)
    expected = load_xlsa17(folder)
    save_v73(folder / "res101.mat", features, transposed)
    bunch = load_xlsa17(folder)
    assert_array_equal(bunch.data, expected.data)
    assert_array_equal(bunch.target, expected.target)
    assert bunch.data.dtype == np.float32
    assert bunch.data.flags.c_contiguous


def test_square_features_of_version_7_3_are_read_as_matlab_saves_them(tmp_path):
    square = np.arange(9.0).reshape(3, 3)  # (n_features, n_samples)
    save_v73(tmp_path / "square.mat", {"features": square, "labels": np.array([[1], [2], [3]])})
    features, _ = read_features_and_labels(tmp_path / "square.mat")
    assert_array_equal(features, square.T)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.pop("labels"), "lacks 'labels'"),
        (lambda v: v.update(labels=v["labels"][1:]), r"shape \(3, 24\), but 'labels' has 23"),
        (lambda v: v.update(features=v["features"][0]), "must be a dense matrix"),
    ],
)
def test_faults_of_version_7_3_are_named_with_the_file(variables, write, change, message):
    features, splits = variables
    folder = write(features, splits)
    change(features)
    save_v73(folder / "res101.mat", features)
    with pytest.raises(ValueError, match=message) as caught:
        load_xlsa17(folder)
    assert "res101.mat" in str(caught.value)


def test_damaged_file_of_version_7_3_is_refused_by_name(variables, write):
    features, splits = variables
    folder = write(features, splits)
    save_v73(folder / "res101.mat", features)
    content = (folder / "res101.mat").read_bytes()
    (folder / "res101.mat").write_bytes(content[:1000])
    with pytest.raises(ValueError, match=r"res101.mat' is not a MAT file, or not a whole one"):
        load_xlsa17(folder)


def test_splits_of_version_7_3_are_refused_with_the_way_out(variables, write):
    features, splits = variables
    folder = write(features, splits)
    save_v73(folder / "att_splits.mat", {"att": splits["att"]})
    with pytest.raises(ValueError, match=r"att_splits.mat' is .* version 7.3.* '-v7'"):
        load_xlsa17(folder)


def test_version_7_3_without_h5py_says_what_to_install(variables, write, monkeypatch):
    features, splits = variables
    folder = write(features, splits)
    save_v73(folder / "res101.mat", features)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"res101.mat' .*skcada\[data\]"):
        load_xlsa17(folder)
