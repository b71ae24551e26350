"""The forms of one modality of class embeddings, where tests of all modalities do not reach."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array

from skcada._classes.tables import (
    check_modality_names,
    count_rows,
    is_unlabelled,
    maps_modalities,
    parse_table,
)

ARRAY = np.arange(6.0).reshape(3, 2)
FRAME = pd.DataFrame(ARRAY, index=["otter", "bat", "seal"])
POLARS = pl.DataFrame({"class": ["otter", "bat", "seal"], "fur": [0, 1, 2]})
VECTORS = {"otter": [0.0, 1.0], "bat": [2.0, 3.0]}


@pytest.mark.parametrize(
    ("table", "n_rows"),
    [
        (ARRAY, 3),
        (ARRAY.tolist(), 3),
        (csr_array(ARRAY), 3),
        (FRAME, 3),
        (POLARS, 3),
        (VECTORS, 2),
        ({}, 0),
        (np.array(3.0), 0),
        (3, 0),
        (None, 0),
    ],
)
def test_classes_of_a_table_in_any_form_are_counted(table, n_rows):
    assert count_rows(table) == n_rows


@pytest.mark.parametrize("table", [FRAME, POLARS, ARRAY, ARRAY.tolist(), VECTORS, {}])
def test_a_dict_of_tables_maps_modalities(table):
    assert maps_modalities({"a": table, "b": FRAME})
    assert maps_modalities({"b": table})


def test_a_dict_of_vectors_or_of_nothing_maps_none():
    for vectors in (VECTORS, {}, {"otter": FRAME.iloc[0]}, {"otter": np.zeros(2)}, {"otter": 3.0}):
        assert not maps_modalities(vectors)


def test_classes_without_labels_are_numbered():
    assert is_unlabelled(ARRAY)
    assert is_unlabelled({"a": ARRAY, "b": ARRAY.tolist()})
    for labelled in (
        FRAME,
        POLARS,
        VECTORS,
        {"a": ARRAY, "b": FRAME},
        {"a": FRAME},
        {"a": VECTORS},
    ):
        assert not is_unlabelled(labelled)


def test_names_of_losses_are_told_apart_from_those_with_the_features():
    check_modality_names(["a", "b_c", "a_b"])
    # features_a and b, features and a_b.
    with pytest.raises(ValueError, match=r"the name 'wasserstein_features_a_b'\. Rename one"):
        check_modality_names(["features_a", "a_b", "b"])


@pytest.mark.parametrize(
    ("columns", "expected"),
    [(["fur", "wings"], ("fur", "wings")), ([0, "fur"], None), ([0, 1], None)],
)
def test_columns_have_names_where_all_are_strings(columns, expected):
    assert parse_table(FRAME.set_axis(columns, axis="columns"), "table").columns == expected


def test_numbers_that_are_python_objects_are_labels_of_numbers():
    frame = FRAME.set_axis(pd.Index([3, 1, 2], dtype=object))
    table = parse_table(frame, "table")
    assert table.labels.dtype == np.int64
    assert table.labels.tolist() == [3, 1, 2]
    foreign = FRAME.set_axis(pd.Index(np.array([3, 1, 2], dtype=">i4")))
    assert parse_table(foreign, "table").labels.dtype == np.dtype("=i4")


def test_numbers_of_numpy_as_keys_are_labels():
    table = parse_table({np.int64(3): [1.0], np.int64(1): [2.0]}, "table")
    assert table.labels.tolist() == [3, 1]


@pytest.mark.parametrize("n_rows", [4, 5])
def test_few_numbers_may_be_an_attribute(n_rows, recwarn):
    parse_table(pd.DataFrame({"rank": range(n_rows), "fur": np.arange(n_rows) / 7}), "table")
    assert len(recwarn) == (n_rows == 5)


def test_sparse_and_masked_tables():
    assert parse_table(csr_array(ARRAY), "table").vectors.tolist() == ARRAY.tolist()
    with pytest.raises(ValueError, match=r"^table has 1 masked .* or leave these classes out\.$"):
        parse_table(np.ma.masked_equal(ARRAY, 1.0), "table")


def test_labels_that_are_no_texts_or_numbers_are_refused():
    with pytest.raises(ValueError, match=r"^table has a missing class label\. Name every"):
        parse_table(FRAME.set_axis([1.0, np.nan, 2.0]), "table")
    with pytest.raises(
        ValueError, match=r"^table has class labels of the type tuple, but they must"
    ):
        parse_table({("a", 1): [1.0], ("b", 2): [2.0]}, "table")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            FRAME.replace(2.0, np.nan),
            r"^table holds NaN, .* in the rows of 'bat' \(1 of 3 classes\)",
        ),
        (FRAME.assign(name="x"), r"^table has columns that are not numeric: 'name'"),
        (FRAME.set_index(0, append=True), r"^table has a MultiIndex"),
        (FRAME.set_axis(["bat", "otter", "bat"]), r"^table has more than one row for 'bat'\. Keep"),
        (np.array(3.0), r"^table must have one row per class .* got shape \(\)\.$"),
        (np.array([["x"]]), r"^table is not numeric \(it holds strings\)"),
        ({"bat": ["x"], "otter": ["y"]}, r"^table is not numeric"),
        ({"bat": 1.0, "otter": 2.0}, r"^table must map .* 'bat' has shape \(\)\.$"),
        ({"bat": [1.0], "otter": []}, r"'bat' has shape \(1,\), unlike 'otter'\.$"),
        ({}, r"^table is an empty dict"),
        (POLARS.drop("class"), r"^table is a table of polars, whose only column of text"),
        (POLARS.drop("fur"), r"^table must have one row per class .* got shape \(3, 0\)\.$"),
        (POLARS.with_columns(fur=pl.lit(None, pl.Float64)), r"^table holds NaN, .* \(3 of 3 cl"),
        (POLARS.with_columns(fur=pl.Series([[1], [2], [3]])), r"^table has columns .*: 'fur'\."),
    ],
)
def test_refusals_begin_with_the_name_of_the_table(table, message):
    with pytest.raises(ValueError, match=message):
        parse_table(table, "table")
