"""The penalty that is chosen, and its accuracies in every fold."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from skcada.metrics import per_class_accuracy_score, seen_unseen_curve
from skcada.model_selection._penalty_choice import average, is_highest, middle_of_widest

CLASSES, IS_SEEN = np.arange(4), np.array([True, False, True, False])


@st.composite
def folds(draw):
    """Draw labels and scores of one decimal, whose differences are rounded, of two folds."""
    drawn = []
    for _ in range(2):
        n_rows = draw(st.integers(2, 12))
        y = draw(arrays(int, n_rows, elements=st.integers(0, 3)))
        assume(IS_SEEN[y].any() and not IS_SEEN[y].all())
        tenths = draw(arrays(int, (n_rows, 4), elements=st.integers(-20, 20)))
        drawn.append((y, tenths / 10 + draw(st.sampled_from([0, 1, 10]))))
    return drawn


def accuracies_by_argmax(y, scores, penalty):
    y_pred = np.argmax(scores - penalty * IS_SEEN, axis=1)
    rows = IS_SEEN[y]
    return [
        per_class_accuracy_score(y[rows], y_pred[rows]),
        per_class_accuracy_score(y[~rows], y_pred[~rows]),
    ]


def average_of(folds):
    return average(
        [
            seen_unseen_curve(y, scores, classes=CLASSES, seen_classes=CLASSES[IS_SEEN])
            for y, scores in folds
        ]
    )


@given(folds=folds())
def test_every_penalty_gives_the_accuracies_that_are_stated_for_it(folds):
    _, results = average_of(folds)
    for split, fold in enumerate(folds):
        assert_allclose(
            np.column_stack([results[f"split{split}_S"], results[f"split{split}_U"]]),
            [accuracies_by_argmax(*fold, penalty) for penalty in results["seen_penalty"]],
            atol=1e-12,
        )


@given(folds=folds())
def test_the_chosen_penalty_is_one_of_the_best(folds):
    edges, results = average_of(folds)
    penalty = middle_of_widest(is_highest(results["mean_H"]), edges)
    (chosen,) = np.flatnonzero(results["seen_penalty"] == penalty)
    assert results["mean_H"][chosen] >= results["mean_H"].max() - 1e-9


def test_folds_whose_rows_tie_at_the_same_penalty_have_one_interval_fewer():
    # 0.3 - 0.1 and 0.4 - 0.2 differ in the last place.
    folds = [
        (np.array([0, 1]), np.array([[0.3, 0.1, 0, 0], [1.1, 0.1, 0, 0]])),
        (np.array([0, 1]), np.array([[0.4, 0.2, 0, 0], [1.1, 0.1, 0, 0]])),
    ]
    edges, results = average_of(folds)
    assert_allclose(edges[1:-1], [0.2, 1.0])
    assert_allclose(results["mean_S"], [1, 0, 0])
    assert_allclose(results["mean_U"], [0, 0, 1])


def test_penalties_are_not_told_apart_where_scores_of_single_precision_cannot():
    scores = np.array([[0.3, 0.1, 0, 0], [0.4, 0.2, 0, 0], [1, 0, 0, 0]], dtype=np.float32)
    y = np.array([0, 1, 0])
    _, results = average_of([(y, scores)])
    for penalty, seen, unseen in zip(
        results["seen_penalty"], results["split0_S"], results["split0_U"], strict=True
    ):
        y_pred = np.where(IS_SEEN, scores - float(penalty), scores).argmax(axis=1)
        assert per_class_accuracy_score(y[[0, 2]], y_pred[[0, 2]]) == seen
        assert per_class_accuracy_score(y[[1]], y_pred[[1]]) == unseen


def test_the_outer_intervals_are_twice_as_wide_as_the_inner_ones_on_average():
    scores = np.array([[0.1, 0, 0, 0], [0.2, 0, 0, 0], [0.4, 0, 0, 0]])
    edges, results = average_of([(np.array([0, 1, 0]), scores)])
    assert_allclose(edges, [-0.2, 0.1, 0.2, 0.4, 0.7])
    assert_allclose(results["seen_penalty"], [-0.05, 0.15, 0.3, 0.55])
    edges, _ = average_of([(np.array([0, 1]), np.array([[0.1, 0, 0, 0], [0.1, 0, 0, 0]]))])
    assert_allclose(edges, [-1.9, 0.1, 2.1])


def test_the_widest_run_counts_wherever_it_lies():
    edges = np.array([-10.0, -5, -4, 1, 2, 3])
    for is_best, middle in [
        ([1, 0, 0, 1, 1], -7.5),
        ([0, 1, 1, 0, 1], -1.5),
        ([0, 0, 0, 0, 1], 2.5),
    ]:
        assert middle_of_widest(np.array(is_best, dtype=bool), edges) == middle


def test_one_huge_score_leaves_the_intervals_of_the_others():
    scores = np.array([[1e30, 0, 0, 0], [0.1, 0, 0, 0], [0.2, 0, 0, 0], [0.3, 0, 0, 0]])
    edges, _ = average_of([(np.array([0, 1, 0, 1]), scores)])
    assert_allclose(edges[1:-1], [0.1, 0.2, 0.3, 1e30])
