"""Data sets written in the xlsa17 format: what comes back, and what is refused."""

from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.io import loadmat

from skcada.datasets import dump_xlsa17, load_xlsa17

ROWS = ["trainval", "test_seen", "test_unseen", "train", "val"]
ARRAYS = ["data", "target", "class_embeddings", *ROWS]
names = st.text(min_size=1, max_size=8).filter(lambda text: text == text.strip() != "")
names = names.filter(lambda text: "\0" not in text)


@st.composite
def data_sets(draw):
    """Draw classes of any names, of which the first is unseen, and rows in a split or in none."""
    labels = np.arange(1, draw(st.integers(3, 6)) + 1)
    if draw(st.booleans()):
        labels = np.array(draw(st.lists(names, unique=True, min_size=3, max_size=6)))
    rng = np.random.RandomState(draw(st.integers(0, 999)))
    codes = np.repeat(np.arange(len(labels)), 4)
    part = np.tile(np.array(["trainval", "test_seen", "any", "any"], object), len(labels))
    part[part == "any"] = rng.choice(["trainval", "test_seen", "none"], np.sum(part == "any"))
    part[(codes == 0) & (part != "none")] = "test_unseen"
    order = rng.permutation(len(codes))
    codes, part = codes[order], part[order]
    rows = {name: np.flatnonzero(part == name) for name in set(part) - {"none"}}
    if draw(st.booleans()):
        rows |= {"train": np.flatnonzero((part == "trainval") & (codes != 1))}
        rows |= {"val": np.flatnonzero((part == "trainval") & (codes == 1))}
    data = rng.normal(size=(len(codes), draw(st.integers(1, 3)))).astype(np.float32)
    embeddings = rng.normal(size=(len(labels), draw(st.integers(1, 3))))
    return {name: rng.permutation(numbers) for name, numbers in rows.items()} | {
        "data": data,
        "target": labels[codes],
        "class_embeddings": pd.DataFrame(embeddings, index=labels),
    }


@settings(max_examples=50)
@given(data_sets())
def test_what_is_written_is_loaded_again(arrays):
    with TemporaryDirectory() as folder:
        dump_xlsa17(folder, **arrays)
        loaded = load_xlsa17(folder)
        # What was loaded is written and loaded alike, from frames, too.
        dump_xlsa17(folder, overwrite=True, **{name: loaded[name] for name in ARRAYS})
        again = load_xlsa17(folder, as_frame=True)
        dump_xlsa17(folder, overwrite=True, **{name: again[name] for name in ARRAYS})
        assert_array_equal(load_xlsa17(folder).data, arrays["data"])
    for name in ARRAYS:
        assert (loaded[name] is None) == (arrays.get(name) is None)
        if loaded[name] is not None:
            assert_array_equal(loaded[name], arrays[name])
            assert_array_equal(again[name], arrays[name])
    assert_array_equal(loaded.class_embeddings.index, arrays["class_embeddings"].index)
    unseen = arrays["target"][arrays["test_unseen"]]
    assert_array_equal(loaded.unseen_classes, np.unique(unseen))
    assert loaded.data.dtype == np.float32
    assert loaded.class_embeddings.to_numpy().dtype == np.float64


@pytest.fixture
def arrays(variables):
    """Return the data set of the other tests: bat, cat, dog and fox are seen, emu and gnu not."""
    features, splits = variables
    labels = splits["allclasses_names"].ravel().astype(str)
    rows = {name: splits[f"{name}_loc"].ravel() - 1 for name in ROWS}
    return rows | {
        "data": features["features"].T,
        "target": labels[features["labels"].ravel() - 1],
        "class_embeddings": pd.DataFrame(splits["att"].T, index=labels),
    }


def test_the_files_are_those_that_other_programs_read(arrays, variables, tmp_path):
    dump_xlsa17(tmp_path / "new" / "folder", **arrays)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [
        "att_splits.mat",
        "res101.mat",
    ]
    features, splits = variables
    written = loadmat(tmp_path / "new" / "folder" / "res101.mat")
    assert_array_equal(written["features"], features["features"].astype(np.float32))
    assert_array_equal(written["labels"], features["labels"])
    written = loadmat(tmp_path / "new" / "folder" / "att_splits.mat")
    for key in splits.keys() - {"allclasses_names"}:
        assert_array_equal(written[key], splits[key])
    assert_array_equal(written["original_att"], splits["att"])
    assert [cell.item() for cell in written["allclasses_names"].ravel()] == [
        "bat", "cat", "dog", "emu", "fox", "gnu",
    ]  # fmt: skip


def replaced(position, value):
    """Return a function that sets one entry of a copy."""

    def replace(array):
        array = np.array(array, dtype=object if isinstance(value, str) else None)
        array[position] = value
        return array

    return replace


FAULTS = [
    ("data", replaced((4, 0), np.nan), r"data has values .* in 1 row \(4\)"),
    ("data", replaced((4, 0), 1e300), r"too large for float32 in 1 row \(4\)"),
    ("data", lambda old: old[1:], "inconsistent numbers of samples"),
    ("target", replaced(0, "bta"), "class_embeddings lacks 1 of .* 'bta'.* Is it the same class"),
    ("target", lambda old: np.arange(len(old)), "strings but target holds numbers"),
    ("class_embeddings", lambda old: old * np.nan, "class_embeddings holds NaN"),
    ("class_embeddings", lambda old: pd.concat([old, old]), "more than one row for 'bat'"),
    ("class_embeddings", lambda old: old.to_numpy(), "'class_embeddings' parameter"),
    ("trainval", lambda old: [*old, old[0]], r"trainval has 1 row \(16\) more than once"),
    ("trainval", lambda old: [*old, 24], r"1 row number \(24\) out of range: data has 24 rows"),
    ("trainval", lambda old: [*old, -1], r"1 row number \(-1\) out of range"),
    ("trainval", lambda old: np.isin(np.arange(24), old), "dtype bool. numpy.flatnonzero"),
    ("test_seen", lambda old: [], "test_seen must be an array of row indices"),
    ("test_seen", lambda old: [*old, 0], r"trainval and test_seen have 1 row \(0\) in common"),
    ("test_unseen", lambda old: [18, *old], r"test_seen and test_unseen have 1 row \(18\) in com"),
    ("trainval", lambda old: old[old % 6 != 4], r"test_seen has 1 class \('fox'\) without a row"),
    ("train", lambda old: None, "val is given without train"),
    ("train", lambda old: [*old, 18], r"train has 1 row \(18\) outside trainval"),
    ("val", lambda old: [*old, 0], r"train and val have 1 class \('bat'\) in common"),
    ("splits_file", lambda _: "res101.mat", "both 'res101.mat'"),
]


@pytest.mark.parametrize(("name", "change", "message"), FAULTS)
def test_a_data_set_that_could_not_be_loaded_is_refused_unwritten(
    arrays, tmp_path, name, change, message
):
    arrays[name] = change(arrays.get(name))
    with pytest.raises(ValueError, match=message):
        dump_xlsa17(tmp_path / "new", **arrays)
    assert not (tmp_path / "new").exists()


def test_unseen_classes_in_training_are_refused(arrays, tmp_path):
    arrays["trainval"] = [*arrays["trainval"], arrays["test_unseen"][0]]
    arrays["test_unseen"] = arrays["test_unseen"][1:]
    with pytest.raises(ValueError, match=r"trainval and test_unseen have 1 class \('emu'\) in com"):
        dump_xlsa17(tmp_path, **arrays)


@pytest.mark.parametrize("name", ["", " bat", "bat\n", "b\0t"])
def test_a_name_that_would_come_back_changed_is_refused(arrays, tmp_path, name):
    arrays["target"] = np.where(arrays["target"] == "bat", name, arrays["target"]).astype(object)
    arrays["target"][arrays["target"] == "b"] = name
    arrays["class_embeddings"] = arrays["class_embeddings"].rename(index={"bat": name})
    with pytest.raises(ValueError, match=r"1 label \(.*\) that the format cannot store"):
        dump_xlsa17(tmp_path, **arrays)


@pytest.mark.parametrize("numbers", [range(6), [2, 1, 3, 4, 5, 6]])
def test_numbers_that_the_format_would_change_are_refused(arrays, tmp_path, numbers):
    labels = arrays["class_embeddings"].index
    arrays["target"] = np.array(numbers)[labels.get_indexer(arrays["target"])]
    arrays["class_embeddings"] = arrays["class_embeddings"].set_index(pd.Index(numbers))
    with pytest.raises(ValueError, match=r"numbers that count from 1 .* astype\(str\)"):
        dump_xlsa17(tmp_path, **arrays)


def test_existing_files_are_replaced_only_if_asked_to(arrays, tmp_path):
    dump_xlsa17(tmp_path, **arrays)
    changed = arrays | {"data": arrays["data"] + 1}
    with pytest.raises(FileExistsError, match=r"has 'res101.mat', 'att_splits.mat'.*overwrite"):
        dump_xlsa17(tmp_path, **changed)
    assert_array_equal(load_xlsa17(tmp_path).data, arrays["data"].astype(np.float32))
    dump_xlsa17(tmp_path, overwrite=True, **changed)
    assert_array_equal(load_xlsa17(tmp_path).data, changed["data"].astype(np.float32))


def test_a_failure_leaves_the_files_as_they_were(arrays, tmp_path, monkeypatch):
    dump_xlsa17(tmp_path, **arrays)

    def run_out_of_space(path, *_, **__):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr("skcada.datasets._dump_xlsa17.savemat", run_out_of_space)
    with pytest.raises(OSError, match="No space left"):
        dump_xlsa17(tmp_path, overwrite=True, **arrays)
    assert len(list(tmp_path.iterdir())) == 2
    assert_array_equal(load_xlsa17(tmp_path).target, arrays["target"])
