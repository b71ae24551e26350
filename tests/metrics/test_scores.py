"""Per-class accuracy, harmonic mean, the four GZSL scores and hits at k, on values."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from sklearn.metrics import balanced_accuracy_score

from skcada.metrics import (
    gzsl_scores,
    harmonic_mean_score,
    hit_at_k_score,
    per_class_accuracy_score,
)

# Few distinct values, so that ties are frequent.
tied_scores = st.integers(-3, 3).map(float)


@st.composite
def scored_rows(draw):
    """Draw true columns and a score matrix of up to five classes."""
    n_rows, n_classes = draw(st.integers(1, 12)), draw(st.integers(2, 5))
    y_true = draw(arrays(int, n_rows, elements=st.integers(0, n_classes - 1)))
    y_score = draw(arrays(float, (n_rows, n_classes), elements=tied_scores))
    return y_true, y_score


def test_per_class_accuracy_counts_every_class_alike():
    y_true = ["cat"] * 8 + ["bat"] * 2
    y_pred = ["cat"] * 8 + ["owl", "bat"]
    assert per_class_accuracy_score(y_true, y_pred) == (1 + 0.5) / 2


def test_per_class_accuracy_over_given_labels_leaves_other_rows_out():
    y_true = [0, 0, 1, 1, 2]
    y_pred = [0, 1, 1, 1, 0]
    assert per_class_accuracy_score(y_true, y_pred, labels=[2, 0]) == (0 + 0.5) / 2
    assert per_class_accuracy_score(y_true, y_pred, labels=[0, 0, 2]) == (0 + 0.5) / 2


@pytest.mark.parametrize(
    ("y_pred", "harmonic_mean"),
    [("aabb", 1), ("abba", 0.5), ("aaba", 2 / 3), ("bbaa", 0), ("aaaa", 0)],
)
def test_the_harmonic_mean_is_the_one_computed_by_hand(y_pred, harmonic_mean):
    found = harmonic_mean_score([*"aabb"], [*y_pred], seen_classes=["a"])
    assert found == pytest.approx(harmonic_mean)


@given(labels=arrays(int, (2, 10), elements=st.integers(0, 3)))
def test_per_class_accuracy_is_balanced_accuracy_where_that_is_defined(labels):
    y_true, y_pred = labels
    assume(set(y_pred) <= set(y_true) and len(set(y_true)) > 1)
    assert_allclose(
        per_class_accuracy_score(y_true, y_pred), balanced_accuracy_score(y_true, y_pred)
    )


def test_labels_without_rows_are_named_up_to_five():
    with pytest.raises(
        ValueError, match=r"lacks 7 of the 8 classes in labels: 'b', 'c', 'd', 'e', 'f', \.\.\."
    ):
        per_class_accuracy_score(["a"], ["a"], labels=list("abcdefgh"))
    with pytest.raises(ValueError, match=r"y_true lacks 1 of the 2 classes in labels: 'c'\."):
        hit_at_k_score(["a"], [[1, 0, 0]], classes=["a", "b", "c"], labels=["a", "c"])


def test_harmonic_mean_of_known_accuracies():
    y_true = ["cat", "cat", "bat", "owl", "owl", "owl", "owl"]
    y_pred = ["cat", "bat", "bat", "owl", "cat", "cat", "cat"]
    seen, unseen = (0.5 + 1) / 2, 0.25
    expected = 2 * seen * unseen / (seen + unseen)
    assert harmonic_mean_score(y_true, y_pred, seen_classes=["bat", "cat"]) == expected


def test_harmonic_mean_is_zero_if_nothing_is_right():
    assert harmonic_mean_score([0, 1], [1, 0], seen_classes=[0]) == 0.0


def test_seen_classes_may_be_the_training_labels_as_they_are():
    y_true, y_pred, y_train = [0, 1, 2], [0, 2, 2], [0, 0, 1, 1, 0, 3]
    assert harmonic_mean_score(y_true, y_pred, seen_classes=y_train) == harmonic_mean_score(
        y_true, y_pred, seen_classes=[0, 1, 3]
    )


def test_harmonic_mean_without_unseen_rows_points_to_cross_validators_that_have_them():
    with pytest.raises(ValueError, match=r"no row of an unseen class.*GZSLShuffleSplit"):
        harmonic_mean_score([0, 1], [0, 1], seen_classes=[0, 1, 2])


def test_harmonic_mean_without_seen_rows_says_so():
    with pytest.raises(ValueError, match=r"no row of a seen class.*per_class_accuracy_score"):
        harmonic_mean_score([0, 1], [0, 1], seen_classes=[2])


def test_gzsl_scores_of_a_worked_example():
    y_true = ["bat", "cat", "cat", "elk", "owl", "owl"]
    y_score = [
        [0.9, 0.0, 0.1, 0.0],  # bat, right
        [0.1, 0.8, 0.1, 0.0],  # cat, right
        [0.1, 0.3, 0.6, 0.0],  # cat, taken for an elk
        [0.5, 0.1, 0.4, 0.0],  # elk, taken for a bat, right among the unseen
        [0.0, 0.1, 0.2, 0.7],  # owl, right
        [0.0, 0.0, 0.6, 0.4],  # owl, taken for an elk
    ]
    scores = gzsl_scores(
        y_true, y_score, classes=["bat", "cat", "elk", "owl"], seen_classes=["bat", "cat"]
    )
    assert scores == {"S": 0.75, "U": 0.25, "H": 0.375, "T1": 0.75}
    assert {type(score) for score in scores.values()} == {float}


@given(rows=scored_rows(), n_seen=st.integers(1, 4))
def test_gzsl_scores_agree_with_the_scores_of_predicted_labels(rows, n_seen):
    y_true, y_score = rows
    is_seen_row = y_true < n_seen
    assume(is_seen_row.any() and not is_seen_row.all())
    y_pred = y_score.argmax(axis=1)
    y_pred_unseen = n_seen + y_score[~is_seen_row, n_seen:].argmax(axis=1)

    seen = range(n_seen)
    scores = gzsl_scores(y_true, y_score, classes=range(y_score.shape[1]), seen_classes=seen)
    assert_allclose(
        [scores["S"], scores["U"], scores["H"], scores["T1"]],
        [
            per_class_accuracy_score(y_true[is_seen_row], y_pred[is_seen_row]),
            per_class_accuracy_score(y_true[~is_seen_row], y_pred[~is_seen_row]),
            harmonic_mean_score(y_true, y_pred, seen_classes=seen),
            per_class_accuracy_score(y_true[~is_seen_row], y_pred_unseen),
        ],
    )
    assert scores["T1"] >= scores["U"]


@given(rows=scored_rows(), order=st.permutations(range(5)))
def test_gzsl_scores_follow_the_columns_wherever_they_stand(rows, order):
    y_true, y_score = rows
    n_classes = y_score.shape[1]
    assume(0 in y_true and y_true.any())
    y_score = y_score + np.arange(n_classes) / 10  # no ties
    order = [column for column in order if column < n_classes]
    permuted = gzsl_scores(y_true, y_score[:, order], classes=order, seen_classes=[0])
    assert permuted == gzsl_scores(y_true, y_score, classes=range(n_classes), seen_classes=[0])


def test_one_dimensional_scores_of_two_classes_are_read_like_a_binary_decision_function():
    y_true = ["a", "a", "b", "b"]
    scores = gzsl_scores(y_true, [-1.0, 0.0, 0.5, -2.0], classes=["a", "b"], seen_classes=["b"])
    assert scores == {"S": 0.5, "U": 1.0, "H": 2 / 3, "T1": 1.0}


def test_scores_of_minus_infinity_exclude_a_class():
    y_score = [[-np.inf, 0.0], [-np.inf, 0.0]]
    scores = gzsl_scores([0, 1], y_score, classes=[0, 1], seen_classes=[0])
    assert scores == {"S": 0.0, "U": 1.0, "H": 0.0, "T1": 1.0}


@given(rows=scored_rows())
def test_hit_at_1_is_the_per_class_accuracy_of_the_predictions(rows):
    y_true, y_score = rows
    assert hit_at_k_score(
        y_true, y_score, classes=range(y_score.shape[1])
    ) == per_class_accuracy_score(y_true, y_score.argmax(axis=1))


@given(rows=scored_rows(), k=st.integers(1, 5))
def test_hit_at_k_looks_at_the_first_k_of_a_stable_ranking(rows, k):
    y_true, y_score = rows
    n_classes = y_score.shape[1]
    assume(k <= n_classes)
    best = np.argsort(-y_score, axis=1, kind="stable")[:, :k]
    hits = pd.Series((best == y_true[:, None]).any(axis=1))
    assert_allclose(
        hit_at_k_score(y_true, y_score, classes=range(n_classes), k=k),
        hits.groupby(y_true).mean().mean(),
    )


def test_constant_scores_hit_only_the_first_k_classes():
    y_true, y_score = np.arange(5), np.zeros((5, 5))
    assert hit_at_k_score(y_true, y_score, classes=range(5), k=2) == 2 / 5


def test_hit_at_k_averages_over_classes_and_not_over_rows():
    y_true = [0, 0, 0, 2]
    y_score = [[3, 2, 1], [3, 2, 1], [1, 2, 3], [3, 2, 1]]
    assert hit_at_k_score(y_true, y_score, classes=[0, 1, 2], k=2) == (2 / 3 + 0) / 2
    assert hit_at_k_score(y_true, y_score, classes=[0, 1, 2], k=2, labels=[2]) == 0.0
    assert hit_at_k_score(y_true, y_score, classes=[0, 1, 2], k=3) == 1.0


def test_k_beyond_the_number_of_classes_is_an_error():
    with pytest.raises(ValueError, match=r"k=4 exceeds the number of classes, 3"):
        hit_at_k_score([0], [[1, 2, 3]], classes=[0, 1, 2], k=4)
    with pytest.raises(ValueError, match=r"'k' parameter"):
        hit_at_k_score([0], [[1, 2, 3]], classes=[0, 1, 2], k=0)
