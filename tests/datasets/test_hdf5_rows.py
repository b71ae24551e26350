"""Rows that are read from a file when they are asked for."""

import pickle

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal
from sklearn.utils import _safe_indexing

from skcada.datasets._hdf5_rows import BLOCK, HDF5Rows

N_ROWS, N_COLUMNS = 2 * BLOCK + 100, 3
MATRIX = np.arange(N_ROWS * N_COLUMNS, dtype=np.float64).reshape(N_ROWS, N_COLUMNS)
EXPECTED = MATRIX.astype(np.float32)


@pytest.fixture(scope="module", params=[False, True], ids=["rows", "columns"])
def rows(request, tmp_path_factory):
    """Return the matrix in a file in which its rows are rows, or columns."""
    path = tmp_path_factory.mktemp("rows") / "matrix.mat"
    stored = MATRIX.T if request.param else MATRIX
    with h5py.File(path, "w") as file:
        file.create_dataset("features", data=stored, chunks=True, compression="gzip")
    return HDF5Rows(path, "features", stored.shape, request.param)


def test_shape_and_type_are_those_of_what_is_read(rows):
    assert rows.shape == rows[:].shape == MATRIX.shape
    assert rows.dtype == rows[:].dtype == np.float32
    assert rows.ndim == 2
    assert len(rows) == N_ROWS


numbers = st.integers(-N_ROWS, N_ROWS - 1)
bounds = st.none() | st.integers(-N_ROWS - 5, N_ROWS + 5)
steps = st.none() | st.integers(-500, 500).filter(bool)
few_rows = st.lists(numbers, max_size=50)
keys = st.one_of(
    numbers,
    st.builds(slice, bounds, bounds, steps),
    few_rows,
    few_rows.map(lambda row: np.array(row, dtype=np.int64)),
    arrays(np.bool_, N_ROWS, elements=st.booleans()),
)


@given(key=keys)
def test_rows_are_those_that_numpy_selects(rows, key):
    selected = rows[key]
    assert selected.dtype == np.float32
    same = np.array(key, dtype=np.intp) if isinstance(key, list) else key  # for the empty list
    assert_array_equal(selected, EXPECTED[same], strict=True)


def test_rows_in_random_order_and_repeated_are_read_across_blocks(rows):
    order = np.random.RandomState(0).randint(N_ROWS, size=3 * N_ROWS)
    assert_array_equal(rows[order], EXPECTED[order])


@pytest.mark.parametrize("kind", [np.uint8, np.uint64, np.int16])
def test_any_type_of_row_numbers_is_read(rows, kind):
    assert_array_equal(rows[np.array([7, 3, 100], dtype=kind)], EXPECTED[[7, 3, 100]])


def test_whole_matrix_is_read_where_an_array_is_needed(rows):
    assert_array_equal(np.asarray(rows), EXPECTED)
    assert np.asarray(rows, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="cannot be an array without a copy"):
        np.asarray(rows, copy=False)


def test_scikit_learn_indexes_it(rows):
    assert_array_equal(_safe_indexing(rows, np.array([9, 5])), EXPECTED[[9, 5]])


def test_it_is_read_in_other_processes(rows):
    assert_array_equal(pickle.loads(pickle.dumps(rows))[5:7], EXPECTED[5:7])
    parts = Parallel(n_jobs=2)(delayed(rows.__getitem__)(slice(i, None, 2)) for i in range(2))
    assert_array_equal(parts[0], EXPECTED[::2])
    assert_array_equal(parts[1], EXPECTED[1::2])


def test_file_is_closed_after_each_access(rows):
    rows[3]
    with h5py.File(rows.path, "r+") as file:  # fails while it is open to read
        assert list(file) == ["features"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (N_ROWS, f"Row {N_ROWS} is not among the {N_ROWS} rows"),
        (-N_ROWS - 1, f"Row -{N_ROWS + 1} is not among"),
        ([0, N_ROWS], f"Row {N_ROWS} is not among"),
        (np.ones(7, dtype=bool), rf"mask of shape \(7,\) does not fit the {N_ROWS} rows"),
        (True, r"mask of shape \(\)"),
        ((slice(None), 0), r"indexed by rows.*data\[a\]\[:, b\]"),
        (([0, 1],), "indexed by rows"),
        ([[0, 1]], "indexed by rows"),
        (1.5, "indexed by rows"),
        ("features", "indexed by rows"),
        (None, "indexed by rows"),
        (..., "indexed by rows"),
    ],
)
def test_other_indices_are_refused(rows, key, message):
    with pytest.raises(IndexError, match=message):
        rows[key]


def test_values_too_large_for_float32_become_infinite_without_a_warning(tmp_path):
    path = tmp_path / "large.mat"
    with h5py.File(path, "w") as file:
        file["features"] = [[1e300, 1], [2, 3]]
    assert_array_equal(HDF5Rows(path, "features", (2, 2), False)[0], [np.inf, 1])


def test_file_that_was_removed_or_damaged_is_named(tmp_path):
    path = tmp_path / "features.mat"
    rows = HDF5Rows(path, "features", (2, 2), False)
    with pytest.raises(FileNotFoundError, match=r"features\.mat"):
        rows[0]
    path.write_bytes(b"no HDF5")
    with pytest.raises(ValueError, match=r"features.mat' is not a MAT file of version 7.3"):
        rows[0]


@pytest.mark.parametrize("is_transposed", [False, True])
def test_matrix_far_larger_than_memory_is_read_in_part(tmp_path, is_transposed):
    n_rows, n_columns = 14_197_122, 2048  # 116 GB
    shape = (n_columns, n_rows) if is_transposed else (n_rows, n_columns)
    chunks = (n_columns, 8) if is_transposed else (8, n_columns)
    path = tmp_path / "imagenet.mat"
    with h5py.File(path, "w") as file:  # chunks that were never written take no space
        stored = file.create_dataset("features", shape, np.float32, chunks=chunks, fillvalue=2)
        stored[(slice(None), -1) if is_transposed else -1] = np.arange(n_columns)
    rows = HDF5Rows(path, "features", shape, is_transposed)
    assert rows.shape == (n_rows, n_columns)
    assert_array_equal(rows[[n_rows - 1, 0, n_rows - 1]][:, 5], [5, 2, 5])


@pytest.mark.parametrize(
    ("key", "n_read"), [([5, 5, 2 * BLOCK], 2), (slice(10, 20), 10), ([BLOCK, BLOCK - 1], 2)]
)
def test_rows_far_from_those_asked_for_are_not_read(rows, key, n_read, monkeypatch):
    read, getitem = [], h5py.Dataset.__getitem__

    def count(dataset, index, **options):
        result = getitem(dataset, index, **options)
        read.append(result.size / N_COLUMNS)
        return result

    monkeypatch.setattr(h5py.Dataset, "__getitem__", count)
    rows[key]
    assert sum(read) == n_read
