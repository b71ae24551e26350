"""The seen-unseen curve against brute force, and the area under it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from skcada.metrics import (
    gzsl_scores,
    per_class_accuracy_score,
    seen_unseen_auc_score,
    seen_unseen_curve,
)

# Multiples of 1/8 differ and halve without rounding, and tie often.
exact_scores = st.integers(-24, 24).map(lambda value: value / 8)


# Tenths are rounded, and so are their differences: 0.3 - 0.1 is not quite 0.4 - 0.2.
tenths = st.integers(-30, 30)


@st.composite
def problems(draw, scores=exact_scores):
    """Draw labels, scores, classes and seen classes, with rows on both sides."""
    n_classes = draw(st.integers(2, 6))
    classes = np.arange(n_classes)
    is_seen = draw(arrays(bool, n_classes))
    assume(is_seen.any() and not is_seen.all())
    n_rows = draw(st.integers(2, 15))
    y_true = draw(arrays(int, n_rows, elements=st.integers(0, n_classes - 1)))
    assume(is_seen[y_true].any() and not is_seen[y_true].all())
    y_score = draw(arrays(float, (n_rows, n_classes), elements=scores))
    return y_true, y_score, classes, classes[is_seen]


def accuracies_by_argmax(y_true, y_score, classes, seen_classes, penalty):
    is_seen = np.isin(classes, seen_classes)
    y_pred = classes[np.argmax(y_score - penalty * is_seen, axis=1)]
    seen_rows = is_seen[y_true]
    return (
        per_class_accuracy_score(y_true[seen_rows], y_pred[seen_rows]),
        per_class_accuracy_score(y_true[~seen_rows], y_pred[~seen_rows]),
    )


def curve_of(problem):
    y_true, y_score, classes, seen_classes = problem
    return seen_unseen_curve(y_true, y_score, classes=classes, seen_classes=seen_classes)


def check_midpoints(problem):
    """Check that argmax at the midpoint after each penalty gives the accuracies of the curve."""
    seen, unseen, penalties = curve_of(problem)
    finite = np.concatenate([[-1000.0], penalties[1:-1], [1000.0]])
    midpoints = (finite[:-1] + finite[1:]) / 2
    assert_allclose(
        np.column_stack([seen, unseen])[:-1],
        [accuracies_by_argmax(*problem, penalty) for penalty in midpoints],
        atol=1e-12,
    )


@given(problem=problems())
def test_curve_between_its_penalties_is_what_argmax_predicts(problem):
    check_midpoints(problem)


@given(problem=problems(tenths), offset=st.sampled_from([0, 1, 100, 10**6]))
def test_midpoints_give_the_accuracies_of_the_curve_where_differences_are_rounded(problem, offset):
    y_true, y_score, classes, seen_classes = problem
    rounded = y_score / 10
    rounded[::2] += offset  # rows that are rounded more coarsely than the others
    check_midpoints((y_true, rounded, classes, seen_classes))


@given(problem=problems(tenths), dtype=st.sampled_from([np.float64, np.float32]))
def test_midpoints_give_the_accuracies_of_the_curve_in_either_precision(problem, dtype):
    y_true, y_score, classes, seen_classes = problem
    check_midpoints((y_true, (y_score / 10).astype(dtype), classes, seen_classes))


@given(problem=problems(tenths))
def test_rounding_of_differences_tears_no_ties_apart(problem):
    y_true, y_score, classes, seen_classes = problem
    exact = curve_of(problem)
    rounded = curve_of((y_true, y_score / 10, classes, seen_classes))
    assert_array_equal(rounded[0], exact[0])
    assert_array_equal(rounded[1], exact[1])
    assert_allclose(rounded[2], exact[2] / 10, atol=1e-14)


def test_rows_one_unit_in_the_last_place_apart_change_sides_together():
    y_score = [[0.3, 0.1], [0.4, 0.2], [0.3, 0.2]]
    seen, unseen, penalties = seen_unseen_curve(
        [0, 1, 1], y_score, classes=[0, 1], seen_classes=[0]
    )
    assert_allclose(penalties[1:-1], [0.1, 0.2])
    assert_array_equal(seen, [1, 1, 0, 0])
    assert_array_equal(unseen, [0, 0.5, 1, 1])


def test_thresholds_that_only_their_midpoint_cannot_tell_apart_are_one():
    # Rows of which no penalty between 1 and 1 + 1e-9 changes the first one.
    y_score = np.array([[1e10 + 1, 1e10], [1 + 1e-9, 0], [1 + 2e-9, 0], [1 + 3e-9, 0]])
    check_midpoints((np.array([0, 1, 0, 1]), y_score, np.arange(2), np.array([0])))
    check_midpoints((np.array([1, 0, 1, 0]), y_score[:, ::-1], np.arange(2), np.array([1])))


def test_one_row_of_huge_scores_leaves_the_steps_of_the_others():
    y_score = np.array([[1e30, 1e30], [0.1, 0], [0.2, 0], [0.3, 0], [0.4, 0], [0.5, 0]])
    y_true = np.array([0, 0, 1, 0, 1, 0])
    _, _, penalties = curve_of((y_true, y_score, np.arange(2), np.array([0])))
    assert_allclose(penalties[1:-1], [0.1, 0.2, 0.3, 0.4, 0.5])


@given(problem=problems(), penalty=st.integers(-400, 400).map(lambda value: value / 64))
def test_curve_misses_no_penalty_at_which_an_accuracy_changes(problem, penalty):
    seen, unseen, penalties = curve_of(problem)
    _, y_score, classes, seen_classes = problem
    is_seen = np.isin(classes, seen_classes)
    differences = y_score[:, is_seen].max(axis=1) - y_score[:, ~is_seen].max(axis=1)
    assume(penalty not in differences)  # where argmax depends on the order of the columns
    entry = np.searchsorted(penalties, penalty, side="right") - 1
    assert_allclose(
        [seen[entry], unseen[entry]], accuracies_by_argmax(*problem, penalty), atol=1e-12
    )


@given(problem=problems())
def test_rows_that_tie_at_a_penalty_are_predicted_unseen(problem):
    y_true, y_score, classes, seen_classes = problem
    is_seen = np.isin(classes, seen_classes)
    # argmax prefers lower columns, so let the unseen ones come first.
    order = np.argsort(is_seen, kind="stable")
    seen, unseen, penalties = curve_of(problem)
    for entry in range(1, len(penalties) - 1):
        shifted = y_score - penalties[entry] * is_seen
        y_pred = classes[order][shifted[:, order].argmax(axis=1)]
        rows = is_seen[y_true]
        assert_allclose(seen[entry], per_class_accuracy_score(y_true[rows], y_pred[rows]))
        assert_allclose(unseen[entry], per_class_accuracy_score(y_true[~rows], y_pred[~rows]))


@given(problem=problems())
def test_curve_descends_from_everything_seen_to_everything_unseen(problem):
    seen, unseen, penalties = curve_of(problem)
    assert penalties[0] == -np.inf
    assert penalties[-1] == np.inf
    assert unseen[0] == 0.0
    assert seen[-1] == 0.0
    assert np.all(np.diff(penalties) > 0)
    moves = np.abs(np.diff(seen)) + np.diff(unseen)
    assert np.all(np.diff(seen) <= 0)
    assert np.all(np.diff(unseen) >= 0)
    assert np.all(moves[:-1] > 1e-3)  # something changes at every finite penalty
    assert moves[-1] == 0.0


@given(problem=problems())
def test_curve_ends_in_the_top_1_accuracy_among_unseen_classes(problem):
    y_true, y_score, classes, seen_classes = problem
    _, unseen, _ = curve_of(problem)
    scores = gzsl_scores(y_true, y_score, classes=classes, seen_classes=seen_classes)
    assert_allclose(unseen[-1], scores["T1"])


def test_curve_of_a_worked_example():
    y_true = ["bat", "cat", "owl", "owl"]
    y_score = [[9, 2, 1], [3, 6, 1], [5, 1, 4], [1, 1, 8]]
    seen, unseen, penalties = seen_unseen_curve(
        y_true, y_score, classes=["bat", "cat", "owl"], seen_classes=["bat", "cat"]
    )
    assert_array_equal(penalties, [-np.inf, -7, 1, 5, 8, np.inf])
    assert_array_equal(seen, [1, 1, 1, 0.5, 0, 0])
    assert_array_equal(unseen, [0, 0.5, 1, 1, 1, 1])


def test_curve_has_two_entries_if_no_row_can_be_right():
    y_score = [[0, 1, 0, 1], [0, 1, 0, 1]]
    seen, unseen, penalties = seen_unseen_curve(
        [0, 2], y_score, classes=[0, 1, 2, 3], seen_classes=[0, 1]
    )
    assert_array_equal(penalties, [-np.inf, np.inf])
    assert_array_equal([seen, unseen], np.zeros((2, 2)))


def test_single_precision_scores_are_subtracted_without_rounding():
    y_score = np.array([[1.0, 1e-8], [0.0, 1.0]], dtype=np.float32)
    _, _, penalties = seen_unseen_curve([0, 1], y_score, classes=[0, 1], seen_classes=[0])
    assert penalties[2] == 1.0 - float(np.float32(1e-8))


def test_a_binary_decision_function_is_penalised_on_its_own_scale():
    decision = np.array([-2.0, 1.0, 0.5, 3.0])
    one_column = seen_unseen_curve([0, 0, 1, 1], decision, classes=[0, 1], seen_classes=[1])
    two_columns = seen_unseen_curve(
        [0, 0, 1, 1],
        np.column_stack([np.zeros(4), decision]),
        classes=[0, 1],
        seen_classes=[1],
    )
    assert_array_equal(one_column, two_columns)
    assert_array_equal(one_column[2], [-np.inf, -2, 0.5, 1, 3, np.inf])


def test_infinite_scores_have_no_curve():
    with pytest.raises(ValueError, match="infinite values"):
        seen_unseen_curve([0, 1], [[-np.inf, 0], [0, 1]], classes=[0, 1], seen_classes=[0])


def auc_of(problem):
    y_true, y_score, classes, seen_classes = problem
    return seen_unseen_auc_score(y_true, y_score, classes=classes, seen_classes=seen_classes)


@given(problem=problems())
def test_area_is_the_chance_that_a_seen_row_outlasts_an_unseen_one(problem):
    # Like the area under a ROC curve: of a seen and an unseen row that can be right, the seen one
    # must stay seen up to higher penalties than those at which the unseen one turns unseen.
    y_true, y_score, classes, seen_classes = problem
    is_seen = np.isin(classes, seen_classes)
    seen_score = np.where(is_seen, y_score, -np.inf)
    unseen_score = np.where(is_seen, -np.inf, y_score)
    best = np.where(is_seen[y_true], seen_score.argmax(axis=1), unseen_score.argmax(axis=1))
    threshold = seen_score.max(axis=1) - unseen_score.max(axis=1)
    class_size = np.bincount(y_true)[y_true]
    weight = (best == y_true) / class_size
    rows, n_classes = is_seen[y_true], len(np.unique(y_true))
    n_seen_classes = len(np.unique(y_true[rows]))

    later = threshold[rows][:, np.newaxis] - threshold[~rows]
    wins = (later > 0) + 0.5 * (later == 0)
    expected = weight[rows] @ wins @ weight[~rows] / (n_seen_classes * (n_classes - n_seen_classes))
    assert_allclose(auc_of(problem), expected, atol=1e-12)


@given(problem=problems(), shift=exact_scores)
def test_area_does_not_depend_on_the_balance_between_seen_and_unseen_scores(problem, shift):
    y_true, y_score, classes, seen_classes = problem
    shifted = y_score + shift * np.isin(classes, seen_classes)
    assert auc_of((y_true, shifted, classes, seen_classes)) == auc_of(problem)


@given(problem=problems(), order=st.permutations(range(6)))
def test_area_does_not_depend_on_the_order_of_columns_that_never_tie_on_one_side(problem, order):
    y_true, y_score, classes, seen_classes = problem
    y_score = y_score + classes / 1024  # unique within a row
    order = [column for column in order if column < len(classes)]
    permuted = (y_true, y_score[:, order], classes[order], seen_classes)
    assert_allclose(auc_of(permuted), auc_of((y_true, y_score, classes, seen_classes)))


def test_area_is_one_for_a_perfect_ranking_and_half_for_one_big_tie():
    y_true, classes, seen = [0, 0, 0, 1, 2, 2, 2], [0, 1, 2], [0, 1]
    perfect = np.eye(3)[y_true]
    assert auc_of((y_true, perfect, classes, seen)) == pytest.approx(1.0)
    # Each class wins on its own side, but all rows turn at the same penalty.
    tied = np.array([[1.0, 0.0, 0.0]] * 3 + [[0.0, 1.0, 0.0]] + [[0.0, 1.0, 0.0]] * 3)
    assert auc_of((y_true, tied, classes, seen)) == pytest.approx(0.5)
