"""HDF5 files that declare more than they hold, or lead elsewhere."""

import zlib

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcada.datasets._hdf5 import open_hdf5
from skcada.datasets._hdf5_rows import HDF5Rows
from skcada.datasets._matfile import read_features_and_labels

SHAPE = (4, 3)
MATRIX = np.arange(12.0).reshape(SHAPE)
LABELS = np.array([1.0, 1.0, 2.0, 2.0])


@pytest.fixture
def save(tmp_path):
    """Write an HDF5 file whose features a function makes, and return its path."""

    def write(make):
        path = tmp_path / "features.mat"
        with h5py.File(path, "w") as file:
            make(file)
            if "labels" not in file:
                file["labels"] = LABELS
        return path

    return write


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunks": (3, 2), "compression": "gzip"},
        {"chunks": (3, 2), "compression": "gzip", "shuffle": True, "fletcher32": True},
        {"chunks": (3, 2), "maxshape": (None, None)},
    ],
)
def test_honest_file_is_read_however_it_is_stored(save, options):
    path = save(lambda file: file.create_dataset("features", data=MATRIX, **options))
    assert_array_equal(read_features_and_labels(path)[0], MATRIX)
    assert_array_equal(HDF5Rows(path, "features", SHAPE, False)[[3, 1]], MATRIX[[3, 1]])
    assert_array_equal(HDF5Rows(path, "features", SHAPE, True)[[2, 0]], MATRIX.T[[2, 0]])


def inflate_too_far(file, size=10**7):
    made = file.create_dataset("features", SHAPE, "f8", chunks=SHAPE, compression="gzip")
    made.id.write_direct_chunk((0, 0), zlib.compress(bytes(size)))


def store_too_much(file):
    made = file.create_dataset("features", SHAPE, "f8", chunks=SHAPE, compression="gzip")
    try:
        made.id.write_direct_chunk((0, 0), bytes(10**6))
    except OSError:
        pytest.skip("this version of HDF5 writes no such chunk")


@pytest.mark.parametrize(
    "make", [inflate_too_far, store_too_much, lambda file: inflate_too_far(file, 97)]
)
def test_chunk_that_holds_more_than_a_chunk_is_not_inflated(save, make):
    path = save(make)
    message = r"features\.mat' is not whole: a chunk holds more than its 96 bytes"
    with pytest.raises(ValueError, match=message):
        read_features_and_labels(path)
    with pytest.raises(ValueError, match=message):
        HDF5Rows(path, "features", SHAPE, False)[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda file: file.create_dataset("features", (4, 2**40), "f4", chunks=(4, 1)),
        lambda file: file.create_dataset("features", (4, 2**34), "f4"),
        lambda file: file.create_dataset("labels", (2**34,), "f8"),
        lambda file: file.create_dataset(
            "features", SHAPE, "f8", maxshape=(None, None), chunks=(2**14, 2**14)
        ),
    ],
)
def test_shape_far_beyond_the_file_is_refused(save, make):
    def both(file):
        make(file)
        if "features" not in file:
            file["features"] = MATRIX

    path = save(both)
    with pytest.raises(ValueError, match=r"features\.mat' was not read: it declares the shape"):
        read_features_and_labels(path)


def virtual(file):
    layout = h5py.VirtualLayout(SHAPE, "f8")
    layout[:] = h5py.VirtualSource("elsewhere.mat", "features", SHAPE)
    file.create_virtual_dataset("features", layout)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: file.create_dataset(
            "features", SHAPE, "f8", external=[("elsewhere.mat", 0, 96)]
        ),
        lambda file: file.__setitem__("features", h5py.ExternalLink("elsewhere.mat", "features")),
        lambda file: file.__setitem__("features", h5py.SoftLink("/features")),
        virtual,
    ],
)
def test_other_files_are_not_read(save, tmp_path, make, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with h5py.File("elsewhere.mat", "w") as file:
        file["features"] = MATRIX
    path = save(make)
    with pytest.raises(ValueError, match=r"'features' of .* is a link or lies in another file"):
        read_features_and_labels(path)


def deflate_twice(file):
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_chunk(SHAPE)
    settings.set_deflate(9)
    settings.set_deflate(9)
    space = h5py.h5s.create_simple(SHAPE)
    h5py.h5d.create(file.id, b"features", h5py.h5t.IEEE_F64LE, space, settings)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda file: file.create_group("features"), "must be a matrix, but is a Group"),
        (lambda file: file.__setitem__("features", h5py.Empty("f8")), "must be a matrix"),
        (
            lambda file: file.create_dataset("features", data=MATRIX, scaleoffset=2),
            r"compressed in a way that is not read \(filters \[6\]\)",
        ),
        (
            lambda file: file.create_dataset("features", data=MATRIX, compression="lzf"),
            r"filters \[32000\]\). Save it with gzip or without compression",
        ),
        (deflate_twice, r"filters \[1, 1\]"),
        (lambda file: file.__setitem__("features", ["text"] * 4), "must be a dense matrix"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_named(save, make, message):
    with pytest.raises(ValueError, match=rf"'features' of .*features\.mat' .*{message}"):
        read_features_and_labels(save(make))


def test_texts_that_all_refer_to_a_large_one_are_refused(save):
    def refer(file):
        text = file.create_dataset("text", data=np.full(2**16, 65, "u2")).ref
        file.create_dataset("cells", data=np.array([text] * 100, dtype=h5py.ref_dtype))

    with (
        open_hdf5(save(refer)) as file,
        pytest.raises(ValueError, match=r"'cells' of .* was not read"),
    ):
        file.texts("cells")


def test_texts_of_any_length_are_refused(save):
    # Each tells its own length, which HDF5 believes.
    path = save(lambda file: file.__setitem__("cells", ["a", "b"]))
    with (
        open_hdf5(path) as file,
        pytest.raises(ValueError, match=r"'cells' of .* must be a cell array of texts"),
    ):
        file.texts("cells")
