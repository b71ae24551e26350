"""Labels and scores that the metrics accept, and messages about all others."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from skcada.metrics import (
    gzsl_scores,
    harmonic_mean_score,
    hit_at_k_score,
    per_class_accuracy_score,
    seen_unseen_auc_score,
    seen_unseen_curve,
)

Y_TRUE, CLASSES, SEEN = ["bat", "cat", "owl"], ["bat", "cat", "owl"], ["bat", "cat"]
Y_SCORE = np.array([[0.5, 0.3, 0.2], [0.5, 0.4, 0.1], [0.1, 0.2, 0.7]])

GZSL_METRICS = [gzsl_scores, seen_unseen_curve, seen_unseen_auc_score]


def hit_at_1(y_true, y_score, *, classes, seen_classes):
    """Give hit_at_k_score the signature of the others."""
    return hit_at_k_score(y_true, y_score, classes=classes)


@pytest.fixture(params=[*GZSL_METRICS, hit_at_1], ids=lambda metric: metric.__name__)
def score_metric(request):
    return request.param


@pytest.fixture(params=GZSL_METRICS, ids=lambda metric: metric.__name__)
def gzsl_metric(request):
    return request.param


@pytest.mark.parametrize(
    "convert",
    [
        np.array,
        lambda labels: np.array(labels, dtype=object),
        pd.Series,
        pd.Index,
        pd.Categorical,
        lambda labels: pd.Series(labels, dtype="string"),
        lambda labels: np.array(labels)[:, np.newaxis],
    ],
)
def test_string_labels_may_come_in_any_container(convert):
    assert per_class_accuracy_score(convert(Y_TRUE), ["bat", "owl", "owl"]) == 2 / 3
    assert gzsl_scores(
        Y_TRUE, Y_SCORE, classes=convert(CLASSES), seen_classes=convert(SEEN)
    ) == gzsl_scores(Y_TRUE, Y_SCORE, classes=CLASSES, seen_classes=SEEN)


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float32, float, object, "Int64", "Int32"])
def test_numbers_match_numbers_of_another_type(dtype):
    y_true = pd.Series([3, 1, 2], dtype=dtype)
    assert per_class_accuracy_score(y_true, [3, 1, 1]) == 2 / 3
    assert hit_at_k_score(y_true, Y_SCORE, classes=[1, 2, 3]) == 1 / 3


@pytest.mark.parametrize("dtype", [">i2", ">i4", ">i8", ">u8", ">f8", ">f2", "f2", "g", ">g"])
def test_labels_of_every_byte_order_and_width_give_the_same_scores(score_metric, dtype):
    y_true, classes = np.array([1, 2, 3]), np.array([1, 2, 3])
    expected = score_metric(y_true, Y_SCORE, classes=classes, seen_classes=[1, 2])
    odd_labels, odd_classes = y_true.astype(dtype), classes.astype(dtype)
    for labels, columns in [
        (odd_labels, odd_classes),
        (odd_labels, classes),
        (y_true, odd_classes),
    ]:
        scores = score_metric(labels, Y_SCORE, classes=columns, seen_classes=columns[:2])
        assert repr(scores) == repr(expected)
    assert per_class_accuracy_score(odd_labels, [1, 2, 2], labels=odd_classes[:2]) == 1.0
    assert harmonic_mean_score([1, 3, 3], odd_labels, seen_classes=odd_classes[:1]) == 2 / 3


def test_boolean_labels_are_labels():
    assert per_class_accuracy_score([True, False], [True, True]) == 0.5
    y_score = [[0.4, 0.6], [0.4, 0.6]]
    assert hit_at_k_score(np.array([True, False]), y_score, classes=[False, True]) == 0.5


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([1, 2], ["1", "2"]),
        (["1", "2"], [1, 2]),
        (["1.0"], [1.0]),
        ([True], ["True"]),
        ([True], [1]),
    ],
)
def test_labels_of_different_kinds_are_an_error_instead_of_zero_accuracy(y_true, y_pred):
    with pytest.raises(
        ValueError, match=r"y_pred holds (strings|numbers|booleans) but y_true holds"
    ):
        per_class_accuracy_score(y_true, y_pred)
    with pytest.raises(
        ValueError, match=r"y_pred holds (strings|numbers|booleans) but y_true holds"
    ):
        harmonic_mean_score(y_true, y_pred, seen_classes=y_true)
    with pytest.raises(
        ValueError, match=r"labels holds (strings|numbers|booleans) but y_true holds"
    ):
        per_class_accuracy_score(y_true, y_true, labels=y_pred)


def test_classes_of_another_kind_than_the_labels_are_an_error(score_metric):
    with pytest.raises(ValueError, match="classes holds numbers but y_true holds strings"):
        score_metric(["1", "2", "3"], Y_SCORE, classes=[1, 2, 3], seen_classes=[1, 2])


def test_seen_classes_of_another_kind_than_the_labels_are_an_error(gzsl_metric):
    with pytest.raises(ValueError, match="seen_classes holds strings but classes holds numbers"):
        gzsl_metric([1, 2, 3], Y_SCORE, classes=[1, 2, 3], seen_classes=["1", "2"])


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ([1, "1"], "mixed kinds, such as 1 and '1'"),
        (["a", None], "missing"),
        (["a", np.nan], "missing"),
        (pd.Series(["a", None], dtype="string"), "missing"),
        (pd.Series([1, None], dtype="Int64"), "nan"),
        ([1.0, np.nan], "nan"),
        ([1.0, np.inf], "inf"),
        ([1.0, 0.5], "0.5"),
        ([b"a", b"b"], "bytes"),
        (np.array(["2001", "2002"], dtype="datetime64[Y]"), "datetime64"),
    ],
)
def test_values_that_are_no_labels_are_an_error_that_names_the_argument(labels, problem):
    with pytest.raises(ValueError, match=rf"y_true .*{problem}"):
        per_class_accuracy_score(labels, ["a", "b"])
    with pytest.raises(ValueError, match=rf"seen_classes .*{problem}"):
        harmonic_mean_score(["a", "b"], ["a", "b"], seen_classes=labels)


def test_empty_labels_are_an_error():
    with pytest.raises(ValueError, match="y_true is empty"):
        per_class_accuracy_score([], [])
    with pytest.raises(ValueError, match="labels is empty"):
        per_class_accuracy_score([1], [1], labels=[])
    with pytest.raises(ValueError, match="y_true is empty"):
        gzsl_scores([], np.empty((0, 3)), classes=CLASSES, seen_classes=SEEN)


def test_labels_in_a_matrix_are_an_error():
    with pytest.raises(ValueError, match=r"y_pred must be .*, not of shape \(2, 2\)"):
        per_class_accuracy_score([1, 2], [[0.1, 0.9], [0.8, 0.2]])


def test_lengths_that_differ_are_an_error(score_metric):
    for score in (per_class_accuracy_score, partial(harmonic_mean_score, seen_classes=[1])):
        with pytest.raises(ValueError, match=r"^y_true and y_pred have inconsistent .*: 2 and 3\."):
            score([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        score_metric(["bat"], Y_SCORE, classes=CLASSES, seen_classes=SEEN)


def test_true_labels_without_a_column_are_named(score_metric):
    y_true = list(np.array(["bat", "elk", "owl"]))
    with pytest.raises(ValueError, match=r"classes lacks 1 of the 3 classes in y_true: 'elk'\."):
        score_metric(y_true, Y_SCORE, classes=CLASSES, seen_classes=SEEN)


def test_seen_classes_without_a_column_are_named(gzsl_metric):
    with pytest.raises(ValueError, match="2 of the 3 classes in seen_classes: 'elk', 'fox'"):
        gzsl_metric(Y_TRUE, Y_SCORE, classes=CLASSES, seen_classes=["bat", "elk", "fox"])


def test_a_likely_spelling_is_suggested(gzsl_metric):
    with pytest.raises(ValueError, match="y_true has 'Owl'; classes has 'owl'"):
        gzsl_metric(["bat", "cat", "Owl"], Y_SCORE, classes=CLASSES, seen_classes=SEEN)
    with pytest.raises(ValueError, match="seen_classes has 'batt'; classes has 'bat'"):
        gzsl_metric(Y_TRUE, Y_SCORE, classes=CLASSES, seen_classes=["batt", "cat"])


def test_classes_that_name_two_columns_alike_are_an_error(score_metric):
    with pytest.raises(ValueError, match=r"classes holds labels more than once: 'bat'\."):
        score_metric(["bat", "cat", "cat"], Y_SCORE, classes=["bat", "cat", "bat"], seen_classes=[])


def test_labels_are_not_taken_for_scores(score_metric):
    with pytest.raises(ValueError, match="y_score holds strings, which look like labels"):
        score_metric(Y_TRUE, Y_TRUE, classes=CLASSES, seen_classes=SEEN)


def test_columns_that_name_the_classes_in_another_order_are_an_error(score_metric):
    frame = pd.DataFrame(Y_SCORE, columns=CLASSES)
    score_metric(Y_TRUE, frame, classes=CLASSES, seen_classes=SEEN)
    with pytest.raises(ValueError, match=r"stand in another order. Pass y_score\[list\(classes\)"):
        score_metric(Y_TRUE, frame.iloc[:, ::-1], classes=CLASSES, seen_classes=SEEN)


@pytest.mark.parametrize(
    "y_score",
    [Y_SCORE[:, :2], np.hstack([Y_SCORE, Y_SCORE]), Y_SCORE[:, 0], Y_SCORE[:, :1]],
)
def test_scores_need_one_column_a_class(score_metric, y_score):
    with pytest.raises(ValueError, match=r"with 3 classes it must have shape \(3, 3\)"):
        score_metric(Y_TRUE, y_score, classes=CLASSES, seen_classes=SEEN)


def test_nan_scores_are_an_error_that_locates_them(score_metric):
    y_score = Y_SCORE.copy()
    y_score[1:, 0] = np.nan
    with pytest.raises(ValueError, match="NaN in 2 of its 3 rows, the first of which is row 1"):
        score_metric(Y_TRUE, y_score, classes=CLASSES, seen_classes=SEEN)


def test_rows_of_one_side_alone_are_an_error(gzsl_metric):
    with pytest.raises(ValueError, match="no row of an unseen class"):
        gzsl_metric(Y_TRUE[:2], Y_SCORE[:2], classes=CLASSES, seen_classes=SEEN)
    with pytest.raises(ValueError, match="no row of a seen class"):
        gzsl_metric(Y_TRUE[2:], Y_SCORE[2:], classes=CLASSES, seen_classes=SEEN)


def test_scalars_and_sets_are_no_arrays(score_metric):
    with pytest.raises(ValueError, match="classes must be a one-dimensional array"):
        score_metric(Y_TRUE, Y_SCORE, classes=set(CLASSES), seen_classes=SEEN)
    with pytest.raises(ValueError, match="'y_pred' parameter"):
        per_class_accuracy_score([1], 1)
