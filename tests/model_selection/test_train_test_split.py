"""Divisions into training rows and test rows of seen and of unseen classes."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.sparse import coo_array, issparse

from skcada.model_selection import GZSLShuffleSplit, gzsl_train_test_split

Y = np.repeat(["bat", "cat", "elk", "fox", "owl"], [5, 6, 7, 8, 9])
ROWS = np.arange(len(Y))


def split(y, **params):
    """Return the numbers of the training rows and of the test rows."""
    train, test, *_ = gzsl_train_test_split(np.arange(len(y)), y, **params)
    return train, test


@given(
    unseen_size=st.integers(1, 4) | st.floats(0.01, 0.8),
    test_size=st.integers(1, 12) | st.floats(0.01, 0.99),
    seed=st.integers(0, 99),
)
def test_the_division_is_that_of_the_cross_validator(unseen_size, test_size, seed):
    params = {"unseen_size": unseen_size, "test_size": test_size, "random_state": seed}
    ((train, test),) = GZSLShuffleSplit(1, **params).split(Y, Y)
    parts = gzsl_train_test_split(ROWS[:, np.newaxis], Y, ROWS, **params)
    for part, rows in zip(parts[::2], [train] * 3, strict=True):
        assert len(part) == len(rows)
    assert_array_equal(parts[0].ravel(), train)
    assert_array_equal(parts[1].ravel(), test)
    assert_array_equal(parts[2], Y[train])
    assert_array_equal(parts[3], Y[test])
    assert_array_equal(parts[4], train)
    assert_array_equal(parts[5], test)


@pytest.mark.parametrize("convert", [list, np.array, pd.Series, pd.Index])
def test_named_classes_are_held_out(convert):
    train, test = split(Y, unseen_classes=convert(["owl", "cat", "owl"]), test_size=2)
    assert set(Y) - set(Y[train]) == {"cat", "owl"}
    counts = pd.Series(Y[test]).value_counts().to_dict()
    assert counts == {"bat": 2, "cat": 6, "elk": 2, "fox": 2, "owl": 9}
    assert_array_equal(np.sort(np.concatenate([train, test])), ROWS)


def test_parts_have_the_type_of_the_arrays():
    frame = pd.DataFrame({"a": ROWS, "b": ROWS + 1.0}, index=Y)
    arrays = frame, pd.Series(Y, name="y"), coo_array(np.diag(ROWS)), list(ROWS), pl.Series(ROWS)
    X, X_test, y, _, sparse, _, listed, _, series, _ = gzsl_train_test_split(
        *arrays, random_state=0
    )
    rows = frame["a"].to_numpy()[X["a"]]
    pd.testing.assert_frame_equal(X, frame.iloc[rows])
    assert list(X_test.columns) == ["a", "b"]
    pd.testing.assert_series_equal(y, pd.Series(Y, name="y").iloc[rows])
    assert issparse(sparse)
    assert_array_equal(sparse.sum(axis=1), rows)
    assert listed == list(rows)
    assert series.to_list() == list(rows)


# Groups


@st.composite
def grouped(draw):
    """Draw labels, groups of any crossing with them, and which classes are unseen."""
    n_classes, n_groups = draw(st.integers(2, 6)), draw(st.integers(2, 12))
    n_rows = draw(st.integers(n_classes, 60))
    rng = np.random.RandomState(draw(st.integers(0, 999)))
    y = np.concatenate([np.arange(n_classes), rng.randint(0, n_classes, n_rows - n_classes)])
    unseen = rng.permutation(n_classes)[: draw(st.integers(1, n_classes - 1))]
    return y, rng.randint(0, n_groups, n_rows), unseen


@given(problem=grouped(), test_size=st.integers(1, 5) | st.floats(0.01, 0.99), seed=st.integers(0))
def test_no_group_is_on_both_sides_and_each_class_is_tested_where_it_can_be(
    problem, test_size, seed
):
    y, groups, unseen = problem
    params = {"unseen_classes": unseen, "test_size": test_size, "random_state": seed % 2**32}
    try:
        train, test = split(y, groups=groups, **params)
    except ValueError as error:
        assert str(error).startswith(("No group can be tested", "The unseen classes"))  # noqa: PT017
        return
    assert not set(groups[train]) & set(groups[test])
    assert set(y[train]) == set(y) - set(unseen)
    assert set(unseen) <= set(y[test])
    assert set(y[test]) - set(unseen)
    # Only rows of unseen classes in a training group are left out.
    left_out = np.setdiff1d(np.arange(len(y)), np.concatenate([train, test]))
    is_unseen = np.isin(y, unseen)
    assert_array_equal(left_out, np.flatnonzero(is_unseen & np.isin(groups, groups[train])))
    # No further group could be tested for the sake of a class that is not.
    pairs = pd.DataFrame({"y": y, "group": groups}).drop_duplicates()
    n_training = pairs[pairs["group"].isin(groups[train]) & ~pairs["y"].isin(unseen)]["y"]
    n_training = n_training.value_counts()
    for label in set(y[train]) - set(y[test]):
        for group in pairs["group"][pairs["y"] == label]:
            inside = set(y[groups == group]) - set(unseen)
            assert min(n_training[c] for c in inside) == 1


@given(test_size=st.integers(1, 9) | st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_individuals_are_held_out_in_the_share_of_each_class(test_size, seed):
    individual = ROWS // 2 * 10 + np.unique(Y, return_inverse=True)[1]  # two photographs or one
    train, test = split(
        Y, groups=individual, unseen_classes=["bat"], test_size=test_size, random_state=seed
    )
    for label in ["cat", "elk", "fox", "owl"]:
        n_groups = len(set(individual[np.equal(Y, label)]))
        share = test_size if isinstance(test_size, int) else int(np.ceil(test_size * n_groups))
        n_test = len(set(individual[test[Y[test] == label]]))
        assert n_test == min(share, n_groups - 1)
    assert len(train) + len(test) == len(Y)


def test_fonts_are_held_out_with_the_letters_of_unseen_classes_in_them():
    y, font = np.tile(list("abcdef"), 10), np.repeat(np.arange(10), 6)
    train, test = split(y, groups=font, unseen_classes=["a", "f"], test_size=0.3, random_state=0)
    assert len(set(font[test])) == 3
    assert len(test) == 3 * 6
    assert len(train) == 7 * 4


def test_an_unseen_class_in_the_last_training_group_of_seen_ones_is_named():
    y = ["cat", "dog", "elk", "elk", "cat", "dog"]
    groups = [0, 1, 2, 2, 2, 2]
    with pytest.raises(ValueError, match=r"No group can be tested.*or add groups of seen classes"):
        split(y, groups=[0, 1, 2, 2, 0, 1], unseen_classes=["elk"])
    train, _ = split(y, groups=groups, unseen_classes=["elk"])
    assert_array_equal(np.sort(train), [0, 1])
    with pytest.raises(ValueError, match=r"unseen classes 'cat' cannot be tested"):
        split(["cat", "elk", "elk", "dog", "dog"], groups=[0, 0, 0, 1, 2], unseen_classes=["cat"])


def test_groups_of_an_unseen_class_alone_leave_the_share_of_the_seen_ones():
    y = [*"aaaaa", *"abababab"]
    groups = [*range(5), 5, 5, 6, 6, 7, 7, 8, 8]
    _, test = split(y, groups=groups, unseen_classes=["a"], test_size=0.5)
    assert np.array(y)[test].tolist().count("b") == 2


def test_masked_groups_are_refused():
    groups = np.ma.masked_equal(ROWS, 3)
    with pytest.raises(ValueError, match=r"^groups has 1 masked entries.* a group, or drop them"):
        split(Y, groups=groups)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_without_a_group_is_named(missing):
    groups = [*("ab" * 17), missing]
    with pytest.raises(ValueError, match=r"groups is missing in 1 of 35 rows: 34\."):
        split(Y, groups=groups)
    with pytest.raises(ValueError, match=r"groups is missing in 1 of 35 rows: 34\."):
        next(GZSLShuffleSplit().split(Y, Y, groups))


# What is refused


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"unseen_classes": ["bat", "Owl"]},
            r"y lacks .* Correct their spelling, or leave them out\. .* has 'Owl'; y has 'owl'",
        ),
        ({"unseen_classes": [1]}, "numbers but y holds strings"),
        ({"unseen_classes": []}, "unseen_classes is empty"),
        ({"unseen_classes": sorted(set(Y))}, "holds all 5 classes"),
        ({"unseen_size": 5}, "unseen_size=5 holds out 5 of 5 classes"),
        ({"test_size": 0.0}, "'test_size' parameter"),
        ({"groups": ROWS[1:]}, "^X and groups have inconsistent numbers of samples: 35 and 34"),
        ({"groups": np.ones((35, 2))}, "groups must be a one-dimensional array"),
    ],
)
def test_what_cannot_be_divided_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        split(Y, **params)


def test_arrays_of_other_rows_are_named():
    for arrays, names in [((ROWS, Y[1:]), "X and y"), ((ROWS, Y, Y, Y[1:]), r"X and arrays\[1\]")]:
        with pytest.raises(ValueError, match=f"^{names} have inconsistent numbers of samples"):
            gzsl_train_test_split(*arrays)


def test_seen_classes_need_a_second_row():
    with pytest.raises(ValueError, match=r"No seen class has a second row.*or add rows of"):
        split(["bat", "cat", "owl", "owl"], unseen_classes=["owl"])
