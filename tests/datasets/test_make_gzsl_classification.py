"""The generated problem, and the transfer that its class embeddings make possible."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances_argmin
from sklearn.neighbors import NearestCentroid

from skcada.datasets import make_gzsl_classification

SEEDS = range(5)


def seen_accuracy(problem):
    model = NearestCentroid().fit(problem.data[problem.trainval], problem.target[problem.trainval])
    return model.score(problem.data[problem.test_seen], problem.target[problem.test_seen])


def transfer_accuracy(problem):
    """Map attributes to class means by ridge and assign unseen rows to the nearest unseen one."""
    means = [
        problem.data[problem.trainval][problem.target[problem.trainval] == label].mean(axis=0)
        for label in problem.seen_classes
    ]
    embeddings = problem.class_embeddings
    ridge = Ridge(alpha=0.01).fit(embeddings.loc[problem.seen_classes], means)
    predicted = ridge.predict(embeddings.loc[problem.unseen_classes])
    nearest = pairwise_distances_argmin(problem.data[problem.test_unseen], predicted)
    return np.mean(problem.unseen_classes[nearest] == problem.target[problem.test_unseen])


def mean_over_seeds(accuracy, **options):
    return np.mean([accuracy(make_gzsl_classification(random_state=s, **options)) for s in SEEDS])


@settings(deadline=None)
@given(data=st.data())
def test_layout_holds_for_all_sizes(data):
    n_seen = data.draw(st.integers(2, 8))
    n_unseen = data.draw(st.integers(1, 5))
    n_classes = n_seen + n_unseen
    n_samples = data.draw(st.integers(2 * n_classes, 120))
    n_attributes = data.draw(st.integers(1, 6))
    problem = make_gzsl_classification(
        n_samples,
        data.draw(st.integers(1, 5)),
        n_seen_classes=n_seen,
        n_unseen_classes=n_unseen,
        n_attributes=n_attributes,
        test_size=data.draw(st.floats(0.01, 0.99)),
        random_state=data.draw(st.integers(0, 1000)),
    )
    rows = np.concatenate([problem.trainval, problem.test_seen, problem.test_unseen])
    assert_array_equal(np.sort(rows), np.arange(n_samples))
    assert_array_equal(problem.seen_classes, np.unique(problem.target[problem.test_seen]))
    assert problem.seen_classes.size == n_seen
    assert problem.unseen_classes.size == n_unseen
    assert not np.isin(problem.seen_classes, problem.unseen_classes).any()
    assert_array_equal(problem.class_embeddings.index, np.arange(n_classes))
    assert len(problem.class_embeddings.drop_duplicates()) == n_classes
    assert np.ptp(np.bincount(problem.target)) <= 1
    if n_seen == 2:
        assert problem.train is None
        assert problem.val is None
    else:
        assert_array_equal(np.union1d(problem.train, problem.val), problem.trainval)
        train, val = (np.unique(problem.target[problem[part]]) for part in ("train", "val"))
        assert not np.isin(train, val).any()
        assert train.size >= 2
        assert val.size == min(n_unseen, n_seen - 2)


def test_same_random_state_gives_identical_arrays():
    first, second = (make_gzsl_classification(200, random_state=3) for _ in range(2))
    for key in ("data", "target", "class_embeddings", "trainval", "test_seen", "test_unseen"):
        assert_array_equal(first[key], second[key])


def test_other_random_state_gives_another_problem():
    first, second = (make_gzsl_classification(200, random_state=seed) for seed in (0, 1))
    assert not np.array_equal(first.data, second.data)
    assert not np.array_equal(first.class_embeddings, second.class_embeddings)


def test_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_gzsl_classification(200, random_state=0)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_test_size_is_the_fraction_of_each_seen_class():
    problem = make_gzsl_classification(500, test_size=0.25, random_state=0)
    counts = np.bincount(problem.target[problem.test_seen], minlength=25)
    assert_array_equal(counts[problem.seen_classes], 5)
    assert_array_equal(counts[problem.unseen_classes], 0)


@pytest.mark.parametrize("n_features", [16, 256])
def test_class_centres_lie_five_class_sep_apart(n_features):
    problem = make_gzsl_classification(
        20000, n_features, n_seen_classes=90, n_unseen_classes=10, class_sep=2.0, random_state=0
    )
    means = np.array([problem.data[problem.target == k].mean(axis=0) for k in range(100)])
    within = (problem.data - means[problem.target]).std()
    squared = 2 * means.var(axis=0, ddof=1).sum()
    assert within == pytest.approx(1, rel=0.02)
    assert np.sqrt(squared) == pytest.approx(10, rel=0.15)


def test_larger_class_sep_separates_seen_classes_better():
    accuracies = [mean_over_seeds(seen_accuracy, class_sep=sep) for sep in (0, 0.5, 1, 2)]
    assert accuracies == sorted(accuracies)
    assert accuracies[0] < 0.1  # chance is 0.05
    assert accuracies[-1] > 0.98


def test_attributes_place_unseen_classes():
    assert mean_over_seeds(transfer_accuracy) > 0.8  # chance is 0.2


def test_attributes_say_nothing_without_class_sep():
    assert mean_over_seeds(transfer_accuracy, class_sep=0) < 0.3


def test_embedding_noise_hinders_transfer_but_not_the_seen_classes():
    noisy = {"embedding_noise": 0.5}
    assert mean_over_seeds(transfer_accuracy, **noisy) < mean_over_seeds(transfer_accuracy) - 0.4
    assert mean_over_seeds(seen_accuracy, **noisy) == mean_over_seeds(seen_accuracy)


def test_fewer_than_two_rows_per_class_are_refused():
    with pytest.raises(ValueError, match=r"n_samples=49 is too few .* Pass n_samples >= 50"):
        make_gzsl_classification(49)


@pytest.mark.parametrize("class_sep", [1e39, 1e300, 1.7e308])
def test_features_too_large_for_float32_are_refused(class_sep):
    message = r"class_sep=1.* too large for float32. Pass a smaller class_sep"
    with pytest.raises(ValueError, match=message):
        make_gzsl_classification(200, class_sep=class_sep, random_state=0)


@pytest.mark.parametrize(
    "options",
    [{"n_seen_classes": 1}, {"n_unseen_classes": 0}, {"class_sep": -1}, {"test_size": 1.0}],
)
def test_parameters_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=f"The '{next(iter(options))}' parameter"):
        make_gzsl_classification(**options)
