"""Invariants of every split of the cross-validators, and input that they refuse."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import check_cv, cross_val_score

from skcada.model_selection import GZSLKFold, GZSLShuffleSplit

Y = np.repeat(["bat", "cat", "elk", "fox", "owl"], [5, 6, 7, 8, 9])


@st.composite
def labels(draw, min_divisible):
    """Draw labels with at least `min_divisible` classes of two or more rows, in any order."""
    divisible = draw(st.lists(st.integers(2, 9), min_size=min_divisible, max_size=8))
    single = draw(st.integers(0, 4))
    n_rows = draw(st.permutations(divisible + [1] * single))
    y = np.repeat(np.arange(len(n_rows)), n_rows)
    return np.random.RandomState(draw(st.integers(0, 99))).permutation(y)


def check_invariants(train, test, y):
    """Check what holds for every split, and return the held-out classes."""
    assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(y)))
    in_training = np.isin(y[test], y[train])
    assert in_training.any(), "no row of a seen class in the test fold"
    assert not in_training.all(), "no row of an unseen class in the test fold"
    held_out = np.unique(y[test][~in_training])
    assert set(y) == set(y[train]) | set(held_out)
    return held_out


# GZSLShuffleSplit


@given(y=labels(min_divisible=2), data=st.data(), seed=st.integers(0, 9))
def test_shuffle_split_tests_seen_and_unseen_classes_in_every_split(y, data, seed):
    # The precondition: more classes with two or more rows than classes held out.
    n_divisible = np.sum(np.bincount(y) >= 2)
    unseen_size = data.draw(st.integers(1, int(n_divisible) - 1))
    test_size = data.draw(st.integers(1, 12) | st.floats(0.01, 0.99))
    cv = GZSLShuffleSplit(3, unseen_size=unseen_size, test_size=test_size, random_state=seed)
    splits = list(cv.split(y, y))
    assert len(splits) == cv.get_n_splits() == 3
    for train, test in splits:
        assert len(check_invariants(train, test, y)) == unseen_size


@given(y=labels(min_divisible=2), test_size=st.floats(0.01, 0.99))
def test_shuffle_split_takes_a_share_of_every_remaining_class(y, test_size):
    ((train, test),) = GZSLShuffleSplit(1, unseen_size=1, test_size=test_size).split(y, y)
    for label in set(y[train]):
        n_rows, n_test = np.sum(y == label), np.sum(y[test] == label)
        assert n_test == min(np.ceil(test_size * n_rows), n_rows - 1)
        assert n_test >= 1 or n_rows == 1


@given(y=labels(min_divisible=2), test_size=st.integers(1, 12))
def test_shuffle_split_takes_a_number_of_rows_of_every_remaining_class(y, test_size):
    ((train, test),) = GZSLShuffleSplit(1, unseen_size=1, test_size=test_size).split(y, y)
    for label in set(y[train]):
        n_rows, n_test = np.sum(y == label), np.sum(y[test] == label)
        assert n_test == min(test_size, n_rows - 1)


@pytest.mark.parametrize(
    ("unseen_size", "n_unseen"),
    [(0.01, 1), (0.2, 1), (0.21, 2), (0.8, 4), (np.float64(0.5), 3), (1, 1), (np.int64(4), 4)],
)
def test_unseen_size_is_a_share_rounded_up_or_a_number_of_classes(unseen_size, n_unseen):
    for train, _ in GZSLShuffleSplit(2, unseen_size=unseen_size).split(Y, Y):
        assert len(set(Y) - set(Y[train])) == n_unseen


@given(y=labels(min_divisible=2), seed=st.integers(0, 99))
def test_shuffle_split_repeats_itself_for_an_int_seed(y, seed):
    cv = GZSLShuffleSplit(3, unseen_size=1, random_state=seed)
    for first, again in zip(cv.split(y, y), clone(cv, safe=False).split(y, y), strict=True):
        assert_array_equal(first[0], again[0])
        assert_array_equal(first[1], again[1])


def test_shuffle_split_holds_out_every_class_sooner_or_later():
    splits = GZSLShuffleSplit(60, unseen_size=1, random_state=0).split(Y, Y)
    assert set().union(*(set(Y) - set(Y[train]) for train, _ in splits)) == set(Y)


def test_shuffle_split_draws_other_rows_in_other_splits():
    splits = GZSLShuffleSplit(60, unseen_size=1, random_state=0).split(Y, Y)
    tested_as_seen = [test[np.isin(Y[test], Y[train])] for train, test in splits]
    assert set(np.concatenate(tested_as_seen)) == set(range(len(Y)))


@pytest.mark.parametrize("unseen_size", [5, 6, 0.81])
def test_shuffle_split_must_leave_a_class(unseen_size):
    with pytest.raises(ValueError, match=rf"unseen_size={unseen_size} holds out . of 5 classes"):
        next(GZSLShuffleSplit(unseen_size=unseen_size).split(Y, Y))


def test_shuffle_split_must_leave_a_class_that_can_be_divided():
    y = [0, 0, 1, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="holds out 2 of 5 classes in y, of which only 2 have two"):
        next(GZSLShuffleSplit(unseen_size=2).split(y, y))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_splits", 0),
        ("n_splits", 2.0),
        ("unseen_size", 0),
        ("unseen_size", 0.0),
        ("unseen_size", 1.0),
        ("unseen_size", -1),
        ("unseen_size", None),
        ("test_size", 0),
        ("test_size", 1.0),
        ("test_size", "half"),
        ("random_state", "seed"),
    ],
)
def test_shuffle_split_refuses_parameters_out_of_range(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        GZSLShuffleSplit(**{name: value})


# GZSLKFold


@given(n_splits=st.integers(2, 5), shuffle=st.booleans(), seed=st.integers(0, 9), data=st.data())
def test_k_fold_holds_every_class_out_exactly_once(n_splits, shuffle, seed, data):
    # The precondition: as many classes with two or more rows as folds.
    y = data.draw(labels(min_divisible=n_splits))
    cv = GZSLKFold(n_splits, shuffle=shuffle, random_state=seed if shuffle else None)
    held_out = [check_invariants(train, test, y) for train, test in cv.split(y, y)]
    assert len(held_out) == cv.get_n_splits() == n_splits
    assert sorted(np.concatenate(held_out)) == sorted(set(y))
    sizes = [len(classes) for classes in held_out]
    assert max(sizes) - min(sizes) <= 1


@given(n_splits=st.integers(2, 5), shuffle=st.booleans(), seed=st.integers(0, 9), data=st.data())
def test_k_fold_deals_the_rows_of_every_class_evenly(n_splits, shuffle, seed, data):
    y = data.draw(labels(min_divisible=n_splits))
    cv = GZSLKFold(n_splits, shuffle=shuffle, random_state=seed if shuffle else None)
    tested_as_seen = np.zeros(len(y), dtype=int)
    parts = {label: [] for label in set(y)}
    for train, test in cv.split(y, y):
        seen = test[np.isin(y[test], y[train])]
        tested_as_seen[seen] += 1
        for label in set(y[train]):
            parts[label].append(np.sum(y[seen] == label))
    assert tested_as_seen.max() == 1
    for label, sizes in parts.items():
        n_rows = np.sum(y == label)
        assert len(sizes) == n_splits - 1
        if n_rows == 1:
            assert sizes == [0] * (n_splits - 1)
        else:
            assert set(sizes) <= {n_rows // n_splits, -(-n_rows // n_splits)}
            assert sum(sizes) >= n_rows - -(-n_rows // n_splits)


def test_k_fold_without_shuffling_deals_sorted_classes_and_blocks_of_rows():
    y = np.array(["c", "a", "b", "a", "c", "b", "a", "d", "c", "b"])
    tests = [test.tolist() for _, test in GZSLKFold(2).split(y, y)]
    # Fold 0 holds out a and c with rows 1, 3, 6 and 0, 4, 8; the first block of two rows of b and d
    # belongs to it. The other way round for fold 1.
    assert tests == [[0, 1, 2, 3, 4, 5, 6, 8], [0, 1, 2, 3, 4, 5, 7, 9]]


def test_k_fold_shuffles_classes_and_rows_by_seed():
    def tests(**params):
        return [test.tolist() for _, test in GZSLKFold(2, **params).split(Y, Y)]

    assert tests() == tests()
    assert tests(shuffle=True, random_state=0) == tests(shuffle=True, random_state=0)
    assert len({str(tests(shuffle=True, random_state=seed)) for seed in range(5)}) == 5
    generator = np.random.RandomState(0)
    assert tests(shuffle=True, random_state=generator) != tests(
        shuffle=True, random_state=generator
    )


def test_k_fold_needs_as_many_divisible_classes_as_folds():
    with pytest.raises(ValueError, match=r"n_splits=6 folds .* 5 of the 5 classes .* at most 5"):
        next(GZSLKFold(6).split(Y, Y))
    y = [0, 0, 1, 1, 2, 3]
    with pytest.raises(ValueError, match=r"n_splits=3 folds .* 2 of the 4 classes .* at most 2"):
        next(GZSLKFold(3).split(y, y))


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_splits", 1), ("n_splits", 3.0), ("shuffle", "yes"), ("random_state", "seed")],
)
def test_k_fold_refuses_parameters_out_of_range(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        GZSLKFold(**{name: value})


def test_k_fold_refuses_a_seed_that_would_have_no_effect():
    with pytest.raises(ValueError, match="random_state=0 has no effect while shuffle is False"):
        GZSLKFold(random_state=0)


# Both


@pytest.fixture(
    params=[GZSLShuffleSplit(2, random_state=0), GZSLKFold(2), GZSLKFold(2, shuffle=True)], ids=str
)
def cv(request):
    return request.param


def test_labels_are_needed(cv):
    with pytest.raises(ValueError, match=rf"{type(cv).__name__} holds out .* but y is None"):
        cv.split(Y, None)


@pytest.mark.parametrize("y", [np.linspace(0, 1, 35), np.full(35, np.nan), [1, "1"] * 17 + [1]])
def test_values_that_are_no_class_labels_are_an_error(cv, y):
    with pytest.raises(ValueError, match=r"^y "):
        next(cv.split(Y, y))


@pytest.mark.parametrize("dtype", [">i2", ">i8", ">u4", ">f8", "f2", ">f2", "g", ">g"])
@pytest.mark.parametrize("cv", [GZSLShuffleSplit(2, random_state=0), GZSLKFold(2)])
def test_labels_of_every_byte_order_and_width_are_split_alike(cv, dtype):
    codes = np.unique(Y, return_inverse=True)[1]
    splits = zip(cv.split(Y, codes.astype(dtype)), cv.split(Y, codes), strict=True)
    for split, expected in splits:
        assert_array_equal(split[0], expected[0])
        assert_array_equal(split[1], expected[1])


def test_lengths_that_differ_are_an_error(cv):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        cv.split(Y[:-1], Y)


def test_k_fold_ignores_groups_with_a_warning():
    with pytest.warns(UserWarning, match="groups parameter is ignored by GZSLKFold") as caught:
        next(GZSLKFold(2).split(Y, Y, groups=Y))
    assert caught[0].filename == __file__


def test_shuffle_split_keeps_groups_together_where_a_search_passes_them_on():
    groups = np.arange(len(Y)) // 2  # of which some hold rows of two classes
    folds = []

    class Recorder(DummyClassifier):
        def fit(self, X, y):
            folds.append(set(groups[X.ravel()]))
            return super().fit(X, y)

        def score(self, X, y):
            return float(folds[-1].isdisjoint(groups[X.ravel()]))

    cv = GZSLShuffleSplit(5, unseen_size=1, random_state=0)
    rows = np.arange(len(Y))[:, np.newaxis]
    assert_array_equal(cross_val_score(Recorder(), rows, Y, groups=groups, cv=cv), 1)
    with config_context(enable_metadata_routing=True):
        routed = cross_val_score(Recorder(), rows, Y, params={"groups": groups}, cv=cv)
    assert_array_equal(routed, 1)
    assert cross_val_score(Recorder(), rows, Y, cv=cv).min() == 0


@pytest.mark.parametrize(
    "convert",
    [
        list,
        pd.Series,
        pd.Categorical,
        lambda y: y.astype(object),
        lambda y: np.unique(y, return_inverse=True)[1],
        lambda y: np.unique(y, return_inverse=True)[1].astype(object),
        lambda y: np.unique(y, return_inverse=True)[1].astype(float),
    ],
)
def test_splits_do_not_depend_on_the_type_of_the_labels(convert):
    for cv in [GZSLShuffleSplit(2, random_state=0), GZSLKFold(2)]:
        for (train, test), (same_train, same_test) in zip(
            cv.split(Y, Y), cv.split(Y, convert(Y)), strict=True
        ):
            assert_array_equal(train, same_train)
            assert_array_equal(test, same_test)


class OnlyLength:
    """The least that features can be."""

    def __len__(self):
        return len(Y)


@pytest.mark.parametrize(
    "X", [range(len(Y)), ["text"] * len(Y), csr_array((len(Y), 3)), pd.DataFrame(Y), OnlyLength()]
)
def test_features_may_be_anything_with_a_length(cv, X):
    for train, test in cv.split(X, Y):
        check_invariants(train, test, Y)


def test_cross_validators_show_their_parameters():
    assert repr(GZSLKFold(3)) == "GZSLKFold(n_splits=3, random_state=None, shuffle=False)"
    assert repr(GZSLShuffleSplit(3, unseen_size=2)) == (
        "GZSLShuffleSplit(n_splits=3, random_state=None, test_size=0.2, unseen_size=2)"
    )


def test_scikit_learn_takes_them_for_cross_validators(cv):
    assert check_cv(cv) is cv
    takes_groups = isinstance(cv, GZSLShuffleSplit)
    assert cv.get_metadata_routing().split.requests == ({"groups": True} if takes_groups else {})
