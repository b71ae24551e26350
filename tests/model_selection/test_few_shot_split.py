import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skcada.model_selection import few_shot_split

Y = np.random.default_rng(0).permutation(np.repeat(["bat", "cat", "owl", "yak"], [4, 6, 8, 2]))


@given(st.integers(0, 5), st.integers(0, 2**31))
def test_shots_and_rest_divide_the_rows_of_the_unseen_classes(n_shots, seed):
    shots, rest = few_shot_split(
        Y, unseen_classes=["owl", "cat"], n_shots=n_shots, random_state=seed
    )
    assert_array_equal(
        np.sort(np.concatenate([shots, rest])), np.flatnonzero(np.isin(Y, ["owl", "cat"]))
    )
    assert (np.sum(Y[shots] == "owl"), np.sum(Y[shots] == "cat")) == (n_shots, n_shots)


@given(st.integers(0, 4), st.integers(0, 2**31))
def test_more_shots_contain_fewer(n_shots, seed):
    fewer, more = (
        few_shot_split(Y, unseen_classes=["owl", "cat"], n_shots=n, random_state=seed)[0]
        for n in (n_shots, n_shots + 1)
    )
    assert set(fewer) < set(more)


def test_seeds_differ_and_repeat():
    draws = [
        few_shot_split(Y, unseen_classes=["owl"], n_shots=3, random_state=seed)[0]
        for seed in (0, 0, 1)
    ]
    assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_a_class_without_a_row_left_is_named():
    with pytest.raises(ValueError, match="1 unseen classes: 'yak'"):
        few_shot_split(Y, unseen_classes=["owl", "yak"], n_shots=2)
    with pytest.raises(ValueError, match="y lacks 1 of the 2 classes in unseen_classes: 'emu'"):
        few_shot_split(Y, unseen_classes=["owl", "emu"], n_shots=1)
    with pytest.raises(ValueError, match="numbers but y holds strings"):
        few_shot_split(Y, unseen_classes=[1], n_shots=1)


def test_a_likely_spelling_is_suggested():
    with pytest.raises(ValueError, match="unseen_classes has 'Owl'; y has 'owl'"):
        few_shot_split(Y, unseen_classes=["Owl", "cat"], n_shots=1)


@pytest.mark.parametrize("dtype", [">i2", ">i8", ">u4", ">f8", "f2", ">f2", "g", ">g"])
def test_labels_of_every_byte_order_and_width_give_the_same_split(dtype):
    codes = np.unique(Y, return_inverse=True)[1]
    expected = few_shot_split(codes, unseen_classes=[1, 2], n_shots=2, random_state=0)
    split = few_shot_split(
        codes.astype(dtype), unseen_classes=np.array([1, 2], dtype), n_shots=2, random_state=0
    )
    assert_array_equal(np.concatenate(split), np.concatenate(expected))
