"""Class labels, and messages about them."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array

from skcada._classes.labels import (
    check_class_labels,
    check_known,
    check_labels,
    check_lengths,
    format_labels,
    label_kind,
    suggest_labels,
)

NUMBER_TYPES = [">i2", ">i4", ">i8", ">u2", ">u8", ">f2", ">f4", ">f8", ">g", "f2", "g", "u1", "i8"]


@pytest.mark.parametrize("dtype", NUMBER_TYPES)
def test_numbers_of_every_type_and_byte_order_are_labels(dtype):
    y = np.array([7, 3, 7], dtype=dtype)
    labels = check_class_labels(y)
    assert_array_equal(labels, y)
    # Of these types pandas has no index.
    converted = {np.dtype(np.float16): np.float32, np.dtype(np.longdouble): object}
    native = y.dtype.newbyteorder("=")
    assert labels.dtype == converted.get(native, native)
    assert label_kind(y) == "numbers"
    index, others = check_labels(y=y, others=[3, 7])
    assert_array_equal(others.get_indexer(index), [1, 0, 1])
    assert_array_equal(index.isin(others), [True, True, True])


@pytest.mark.parametrize("dtype", [">U3", "<U3", object])
def test_strings_keep_their_type_but_for_the_byte_order(dtype):
    y = np.array(["bat", "cat"], dtype=dtype)
    labels = check_class_labels(y)
    assert labels.dtype == y.dtype.newbyteorder("=")
    assert_array_equal(check_labels(y=y)[0], ["bat", "cat"])


def test_labels_may_come_in_any_container():
    containers = [
        ["bat", "cat"],
        ("bat", "cat"),
        np.array([["bat"], ["cat"]]),
        [["bat"], ["cat"]],
        pd.Series(["bat", "cat"]),
        pd.DataFrame({"class": ["bat", "cat"]}),
        pd.Categorical(["bat", "cat"]),
        pd.Series(["bat", "cat"], dtype="string"),
        np.ma.array(["bat", "cat"]),
        np.array(["bat", "cat"], dtype=np.dtypes.StringDType()),
    ]
    for y in containers:
        labels = check_class_labels(y)
        assert type(labels) is np.ndarray
        assert_array_equal(labels, ["bat", "cat"])
        assert_array_equal(np.unique(labels), ["bat", "cat"])


def test_integers_that_no_float_holds_stay_apart():
    big = 2**53 + 1
    assert check_class_labels([big, 1.0]).tolist() == [big, 1]
    assert check_labels(y=np.array([2**63 - 1], dtype="g"))[0].tolist() == [
        int(np.longdouble(2**63 - 1))
    ]
    assert check_labels(y=[10**30, 1])[0].tolist() == [10**30, 1]
    assert check_labels(y=np.array([2**63 + 1, -1], dtype=object))[0].tolist() == [2**63 + 1, -1]


@pytest.mark.parametrize(
    "y",
    [
        ["a", "b", None],
        ["a", "b", np.nan],
        ["a", "b", pd.NA],
        ["a", "b", pd.NaT],
        [1, 2, None],
        np.array([1, 2, np.nan]),
        np.array([1, 2, np.nan], dtype=">f2"),
        np.array([1.0, 2.0, np.nan], dtype=object),
        np.array(["2001", "2002", "NaT"], dtype="datetime64[Y]"),
        pd.Series([1, 2, None], dtype="Int64"),
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series(["a", "b", None], dtype="string"),
        pd.Categorical(["a", "b", None]),
        np.array(["a", "b", None], dtype=np.dtypes.StringDType(na_object=None)),
    ],
)
def test_missing_labels_are_located(y):
    message = r"^labels has missing labels in 1 of its 3 rows, the first of which is row 2 \("
    for check in (lambda y: check_class_labels(y, "labels"), lambda y: check_labels(labels=y)):
        with pytest.raises(ValueError, match=message):
            check(y)


def test_masked_labels_are_refused():
    y = np.ma.array([1, 2, 3, 4], mask=[False, True, False, True])
    with pytest.raises(ValueError, match="y has 2 masked entries"):
        check_class_labels(y)
    with pytest.raises(ValueError, match="y has 2 masked entries"):
        check_class_labels(y[:, np.newaxis])


@pytest.mark.parametrize(
    ("y", "pair"),
    [
        ([1, 1, "1"], "1 and '1'"),
        (np.array(["b", 2.0], dtype=object), r"'b' and 2\.0"),
        ([True, 2], "True and 2"),
        (["2001", pd.Timestamp("2001")], "'2001' and Timestamp"),
    ],
)
def test_labels_of_mixed_kinds_are_an_error_that_shows_one_of_each(y, pair):
    with pytest.raises(ValueError, match=f"^y holds labels of mixed kinds, such as {pair}"):
        check_class_labels(y)


@pytest.mark.parametrize(
    ("y", "offender"),
    [
        (np.array(["2001"], dtype="datetime64[Y]"), r"datetime.date\(2001, 1, 1\), of type date"),
        (np.array([1], dtype="timedelta64[s]"), r"datetime.timedelta\(.*, of type timedelta"),
        (pd.period_range("2001", periods=2), r"Period\('2001.*, of type period"),
        ([b"a"], "b'a', of type bytes"),
        (np.array([1j]), "1j, of type complex.*Complex data not supported"),
        ([Decimal(1)], r"Decimal\('1'\), of type decimal"),
        (pd.Series([(1, 2), (3, 4)]), r"\(1, 2\), of type tuple"),
        (np.array([(1, 2)], dtype="i4,i4"), r"\(1, 2\), of type void"),
    ],
)
def test_other_objects_are_no_labels(y, offender):
    with pytest.raises(ValueError, match=f"^y holds {offender}.*Convert the labels to strings"):
        check_class_labels(y)


@pytest.mark.parametrize(
    "y", [[1, 0.5], np.array([1, 0.5], "f2"), np.array([1, 0.5], "g"), np.array([1, 0.5], object)]
)
def test_continuous_targets_are_called_so_as_scikit_learn_asks(y):
    with pytest.raises(ValueError, match=r"^y holds 0\.5, .*Unknown label type: continuous"):
        check_class_labels(y)
    with pytest.raises(ValueError, match="y holds inf"):
        check_class_labels([1.0, np.inf])


def test_arrays_of_no_or_two_dimensions_are_an_error():
    for y in (np.ones((2, 2)), np.array(3), {"bat"}):
        with pytest.raises(ValueError, match="y must be a one-dimensional array, not of shape"):
            check_class_labels(y)
    with pytest.raises(ValueError, match="y is empty"):
        check_class_labels(np.empty((0, 1)))


def test_suggestions_name_every_likely_spelling():
    known = ["black cat", "Great Dane", "owl", "yak"]
    assert suggest_labels(["OWL"], known, "y", "table") == (
        "y has 'OWL'; table has 'owl'. Is it the same class?"
    )
    assert suggest_labels(["black_cat", "gnu", "yka", "great dane "], known, "y", "table") == (
        "y has 'black_cat', 'yka', 'great dane '; table has 'black cat', 'yak', 'Great Dane'. "
        "Are they the same classes?"
    )


def test_suggestions_show_five_pairs():
    known = [f"species {letter}" for letter in "abcdefg"]
    suggestion = suggest_labels([label.upper() for label in known], known, "y", "classes")
    assert suggestion.count("SPECIES") == suggestion.count("species") == 5
    assert suggestion.count("...") == 2


def test_nothing_is_suggested_where_nothing_is_close():
    assert suggest_labels(["gnu"], ["black cat"], "y", "table") == ""
    assert suggest_labels([1, 2], [3], "y", "table") == ""
    assert suggest_labels([], ["black cat"], "y", "table") == ""
    assert suggest_labels(["gnu"], [], "y", "table") == ""


def test_whole_numbers_kept_as_objects_become_numbers():
    assert check_class_labels(np.array([3, 1], dtype=object)).dtype == np.int64
    # Not those that no number of numpy holds.
    assert check_class_labels(np.array([2**70, 1], dtype=object)).dtype == object


def test_labels_that_are_not_known_are_counted_named_and_guessed():
    y, known = pd.Index(["Bat", "cat", "dog", "dog", "yak"]), pd.Index(["bat", "cat", "cat", "owl"])
    check_known(y[[1, 1]], known, "y", "table", advice="Add a row.")
    message = (
        r"^table lacks 3 of the 4 classes in y: 'Bat', 'dog', 'yak'\. Add a row\. "
        r"y has 'Bat'; table has 'bat'\. Is it the same class\?$"
    )
    with pytest.raises(ValueError, match=message):
        check_known(y, known, "y", "table", advice="Add a row.")
    with pytest.raises(ValueError, match=r"1 of the 1 classes in y: 'dog'\. Add a row\.$"):
        check_known(y[2:4], known, "y", "table", advice="Add a row.")


def test_five_labels_are_listed_whole():
    assert format_labels(range(5)) == "0, 1, 2, 3, 4"
    assert format_labels(range(3), 2) == "0, 1, ..."
    assert format_labels(np.array(["bat"])) == "'bat'"


def test_what_counts_as_alike_can_be_set():
    names = "y", "table"
    assert suggest_labels(["otter"], ["oter"], *names, least_likeness=0.8)
    assert not suggest_labels(["otter"], ["oter"], *names, least_likeness=0.95)


def test_labels_of_two_kinds_are_refused_by_their_names():
    message = r"^second holds strings but first holds numbers, .* Convert one of them"
    with pytest.raises(ValueError, match=message):
        check_labels(first=[1, 2], second=["1", "2"])


@pytest.mark.parametrize(
    ("objects", "dtype"),
    [
        ([3, 1], np.int64),
        ([3, 1.0], None),  # integers or floats, as pandas likes
        ([3.0, np.float64(1)], np.float64),
        ([2**53 + 1, 1.0], None),
        ([2**63 + 1, 1], np.uint64),
        ([10**30, 1], object),
        ([True, False], bool),
        (["bat", "cat"], object),
    ],
)
def test_objects_are_looked_up_as_the_type_that_holds_them_exactly(objects, dtype):
    y = np.array(objects, dtype=object)
    (index,) = check_labels(y=y)
    assert dtype in (None, index.dtype)
    assert index.tolist() == objects
    assert check_class_labels(y).tolist() == objects


def test_whole_numbers_have_a_bound_that_is_said():
    most = int(np.finfo(float).max)
    assert check_labels(y=[most, 1])[0].tolist() == [most, 1]
    for number in (most + 1, -most - 1, 10**400):
        with pytest.raises(ValueError, match=r"^y holds a whole number beyond the largest float"):
            check_labels(y=[1, number])


def test_a_missing_label_makes_a_kind_of_its_own():
    assert label_kind(np.array(["bat", None], dtype=object)) not in ("strings", "numbers")


def test_what_is_no_array_of_labels_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"^names should be a 1d array of class labels, got None"):
        check_class_labels(None, "names")
    with pytest.raises(ValueError, match=r"masked entries.*Drop these rows, or label them\.$"):
        check_class_labels(np.ma.masked_equal([1, 2], 2))


class Rows:
    """What converts itself to an array, and has neither a length nor a shape."""

    def __init__(self, *shape):
        self._values = np.zeros(shape)

    def __array__(self, dtype=None, copy=None):
        return self._values


@pytest.mark.parametrize(
    "rows",
    [
        [1, 2, 3],
        (1, 2, 3),
        "abc",
        np.zeros(3),
        np.zeros((3, 2)),
        csr_array((3, 2)),  # which has no length
        pd.Series([1, 2, 3]),
        pd.DataFrame(np.zeros((3, 2))),
        torch.zeros(3, 2),
        Rows(3),
        Rows(3, 2),
    ],
    ids=lambda rows: type(rows).__name__,
)
def test_rows_of_whatever_has_any_are_counted(rows):
    check_lengths(y=[7, 8, 9], X=rows, groups=None)
    with pytest.raises(ValueError, match=r"^y and X have inconsistent .* samples: 2 and 3\. Give"):
        check_lengths(y=[7, 8], X=rows)
    with pytest.raises(ValueError, match=r"^X and y have inconsistent .* samples: 3 and 4\. Give"):
        check_lengths(X=rows, y=np.zeros((4, 3)))


@pytest.mark.parametrize("thing", [3, np.float64(3), np.array(3), Rows(), list, iter([1])])
def test_what_has_no_rows_is_named(thing):
    message = f"^X has no rows: it is a {type(thing).__name__}\\. Pass an array\\.$"
    with pytest.raises(TypeError, match=message):
        check_lengths(y=[7, 8], X=thing)
