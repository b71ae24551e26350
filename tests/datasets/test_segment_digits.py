"""The handwritten digits with their seven-segment displays."""

import inspect
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits

from skcada.datasets import load_segment_digits


def test_rows_are_those_of_scikit_learns_digits():
    digits, original = load_segment_digits(), load_digits()
    assert_array_equal(digits.data, original.data)
    assert_array_equal(digits.target, original.target)
    assert digits.feature_names == original.feature_names


@pytest.mark.parametrize(
    ("digit", "lit"),
    [(0, "abcdef"), (1, "bc"), (2, "abdeg"), (3, "abcdg"), (4, "bcfg"),
     (5, "acdfg"), (6, "acdefg"), (7, "abc"), (8, "abcdefg"), (9, "abcdfg")],
)  # fmt: skip
def test_embedding_lights_the_segments_of_the_digit(digit, lit):
    display = load_segment_digits().class_embeddings.loc[digit]
    assert "".join(display.index[display == 1]) == lit
    assert (display[display != 1] == 0).all()


def test_every_fifth_row_of_each_seen_digit_is_tested():
    digits = load_segment_digits()
    for label in digits.seen_classes:
        rows = np.flatnonzero(digits.target == label)
        assert_array_equal(np.intersect1d(rows, digits.test_seen), rows[4::5])


def test_the_displays_of_the_default_pair_differ_most():
    displays = load_segment_digits().class_embeddings.to_numpy()
    distance = np.abs(displays[:, np.newaxis] - displays).sum(axis=2)
    default = inspect.signature(load_segment_digits).parameters["unseen_classes"].default
    others = [pair for pair in combinations(range(10), 2) if pair != default]
    assert distance[default] > max(distance[pair] for pair in others)
    # What the other eight show determines an affine map of the seven segments.
    seen = np.setdiff1d(np.arange(10), default)
    assert np.linalg.matrix_rank(np.c_[displays[seen], np.ones(8)]) == 8


@settings(deadline=None, max_examples=30)
@given(unseen=st.lists(st.integers(0, 9), min_size=1, max_size=8, unique=True))
def test_any_one_to_eight_digits_may_be_unseen(unseen):
    digits = load_segment_digits(unseen_classes=unseen)
    assert_array_equal(digits.unseen_classes, sorted(unseen))
    assert_array_equal(digits.seen_classes, sorted(set(range(10)) - set(unseen)))
    assert_array_equal(digits.test_unseen, np.flatnonzero(np.isin(digits.target, unseen)))
    if len(unseen) == 8:
        assert digits.train is None
        assert digits.val is None
    else:
        assert np.unique(digits.target[digits.train]).size >= 2
        assert np.unique(digits.target[digits.val]).size == min(len(unseen), 8 - len(unseen))


@pytest.mark.parametrize(
    ("unseen", "message"),
    [
        ([], "must list one to eight digits"),
        ([[3, 8]], "must list one to eight digits"),
        ([3, 10], "integers from 0 to 9"),
        ([-1, 3], "integers from 0 to 9"),
        ([3.0, 8.0], "integers from 0 to 9"),
        (["3", "8"], "integers from 0 to 9"),
        ([True, False], "integers from 0 to 9"),
        ([3, 3, 8], "names 3 more than once"),
        (range(9), "two seen ones must remain"),
    ],
)
def test_unseen_classes_that_cannot_be_are_refused(unseen, message):
    with pytest.raises(ValueError, match=message):
        load_segment_digits(unseen_classes=unseen)
