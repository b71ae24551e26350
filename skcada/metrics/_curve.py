"""Accuracy on seen classes against accuracy on unseen ones, and the area under this curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import auc

from skcada._sklearn import validate_params
from skcada.metrics._label_validation import check_gzsl_rows


@validate_params(
    {
        "y_true": ["array-like"],
        "y_score": ["array-like"],
        "classes": ["array-like"],
        "seen_classes": ["array-like"],
    },
    prefer_skip_nested_validation=True,
)
def seen_unseen_curve(
    y_true: ArrayLike, y_score: ArrayLike, *, classes: ArrayLike, seen_classes: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Compute seen against unseen accuracy for every penalty on the scores of seen classes.

    The predictions at a penalty are `argmax(y_score - penalty * is_seen)`, also known as
    calibrated stacking [1]_: the higher the penalty, the more rows go to unseen classes.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, of seen and of unseen classes.

    y_score : array-like of shape (n_samples, n_classes)
        Score of each class, higher is better and finite, as `predict_proba` and
        `decision_function` give them. With two classes, the shape may be (n_samples,), where
        positive means `classes[1]`: it stands for the two columns 0 and `y_score`.

    classes : array-like of shape (n_classes,)
        The label of each column of `y_score`, such as `estimator.classes_`.

    seen_classes : array-like of shape (n_seen_classes,)
        Those of `classes` with training rows. Every other class is unseen.

    Returns
    -------
    seen_accuracy : ndarray of shape (n_penalties,)
        Per-class accuracy on the rows of seen classes at each penalty; it falls to 0.

    unseen_accuracy : ndarray of shape (n_penalties,)
        Per-class accuracy on the rows of unseen classes at each penalty; it rises from 0.

    penalties : ndarray of shape (n_penalties,)
        Every penalty at which one of the accuracies changes, increasing, between -inf, where all
        rows are predicted as seen classes, and inf, where all are predicted as unseen ones.

    Raises
    ------
    ValueError
        If `y_true` holds no row of a seen class, or none of an unseen class; if `classes` lacks a
        label of `y_true` or `seen_classes`; if `y_score` holds NaN or infinity, or does not have
        one column per class; if labels of different kinds, such as 1 and "1", would be compared.

    See Also
    --------
    seen_unseen_auc_score : The area under this curve.
    gzsl_scores : The accuracies without a penalty.

    Notes
    -----
    Entry `i` describes the penalties from `penalties[i]`, included, up to `penalties[i + 1]`,
    excluded. At `penalties[i]` itself the best seen and the best unseen score of some rows tie,
    and these rows count as predicted unseen; rows that tie together change sides together, as they
    do in :func:`sklearn.metrics.roc_curve`. There, `argmax` would give tied rows to the lower
    column, or to the side that rounding favours. So apply the midpoint of `penalties[i]` and
    `penalties[i + 1]` to obtain the accuracies of entry `i`: there `argmax` gives exactly these.
    Where one of the two is infinite, apply any penalty well beyond the other.

    Scores are subtracted in double precision. Penalties at which rows tie are taken for one if
    they differ by no more than rounding explains, which is a few units in the last place of the
    scores: 0.3 - 0.1 and 0.4 - 0.2 are the same penalty. The largest of them is returned.

    Within the seen classes, and within the unseen ones, equal scores go to the lower column. Seen
    scores of a row that differ in the last place only may become equal under a penalty.

    References
    ----------
    .. [1] W.-L. Chao, S. Changpinyo, B. Gong and F. Sha, "An empirical study and analysis of
       generalized zero-shot learning for object recognition in the wild", ECCV, 2016.

    Examples
    --------
    >>> from skcada.metrics import seen_unseen_curve
    >>> y_true = ["bat", "cat", "owl", "owl"]
    >>> y_score = [[9, 2, 1], [3, 6, 1], [5, 1, 4], [1, 1, 8]]
    >>> seen_accuracy, unseen_accuracy, penalties = seen_unseen_curve(
    ...     y_true, y_score, classes=["bat", "cat", "owl"], seen_classes=["bat", "cat"]
    ... )
    >>> seen_accuracy
    array([1. , 1. , 1. , 0.5, 0. , 0. ])
    >>> unseen_accuracy
    array([0. , 0.5, 1. , 1. , 1. , 1. ])
    >>> penalties
    array([-inf,  -7.,   1.,   5.,   8.,  inf])
    """
    columns, scores, is_seen = check_gzsl_rows(y_true, y_score, classes, seen_classes)
    if not np.isfinite(scores).all():
        raise ValueError(
            "y_score holds infinite values, which no finite penalty can outweigh. Clip them, for "
            "instance log-probabilities from below."
        )
    best_seen, seen_score = _find_best(np.flatnonzero(is_seen), scores)
    best_unseen, unseen_score = _find_best(np.flatnonzero(~is_seen), scores)
    is_seen_row = is_seen[columns]

    # A row is predicted right only if its class is the best of its own side, and then exactly on
    # one side of its threshold. No other row ever changes an accuracy.
    can_be_right = columns == np.where(is_seen_row, best_seen, best_unseen)
    thresholds, step = _find_steps(
        seen_score[can_be_right],
        unseen_score[can_be_right],
        (best_seen < best_unseen)[can_be_right],
    )
    weights = _row_weights(columns, is_seen)
    lost = np.where(is_seen_row, weights, 0.0)[can_be_right]
    gained = np.where(is_seen_row, 0.0, weights)[can_be_right]
    lost_at = np.bincount(step, weights=lost, minlength=len(thresholds))
    gained_at = np.bincount(step, weights=gained, minlength=len(thresholds))

    # Sums start where the accuracy is zero, so both ends are exact.
    seen_accuracy = np.concatenate([np.cumsum(lost_at[::-1])[::-1], [0.0, 0.0]])
    unseen_accuracy = np.cumsum(np.concatenate([[0.0], gained_at, [0.0]]))
    penalties = np.concatenate([[-np.inf], thresholds, [np.inf]])
    # Rounded weights may add up to a little more than one.
    return np.minimum(seen_accuracy, 1.0), np.minimum(unseen_accuracy, 1.0), penalties


@validate_params(
    {
        "y_true": ["array-like"],
        "y_score": ["array-like"],
        "classes": ["array-like"],
        "seen_classes": ["array-like"],
    },
    prefer_skip_nested_validation=True,
)
def seen_unseen_auc_score(
    y_true: ArrayLike, y_score: ArrayLike, *, classes: ArrayLike, seen_classes: ArrayLike
) -> float:
    """Compute the area under the seen-unseen accuracy curve (AUSUC).

    The area judges how well seen and unseen classes are ranked, whatever the balance between them,
    which a penalty on the scores of seen classes can shift after training [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, of seen and of unseen classes.

    y_score : array-like of shape (n_samples, n_classes)
        Score of each class, higher is better and finite, as `predict_proba` and
        `decision_function` give them. With two classes, the shape may be (n_samples,), where
        positive means `classes[1]`: it stands for the two columns 0 and `y_score`.

    classes : array-like of shape (n_classes,)
        The label of each column of `y_score`, such as `estimator.classes_`.

    seen_classes : array-like of shape (n_seen_classes,)
        Those of `classes` with training rows. Every other class is unseen.

    Returns
    -------
    float
        The area, between 0 and 1.

    Raises
    ------
    ValueError
        If `y_true` holds no row of a seen class, or none of an unseen class; if `classes` lacks a
        label of `y_true` or `seen_classes`; if `y_score` holds NaN or infinity, or does not have
        one column per class; if labels of different kinds, such as 1 and "1", would be compared.

    See Also
    --------
    seen_unseen_curve : The curve itself.
    harmonic_mean_score : A summary of seen and unseen accuracy without any penalty.

    Notes
    -----
    The scale of the scores matters: probabilities and their logarithms give different areas,
    because the penalty is the same for every row.

    References
    ----------
    .. [1] W.-L. Chao, S. Changpinyo, B. Gong and F. Sha, "An empirical study and analysis of
       generalized zero-shot learning for object recognition in the wild", ECCV, 2016.

    Examples
    --------
    >>> from skcada.metrics import seen_unseen_auc_score
    >>> y_true = ["bat", "cat", "owl", "owl"]
    >>> y_score = [[9, 2, 1], [3, 6, 1], [9, 1, 3], [1, 1, 8]]
    >>> seen_unseen_auc_score(
    ...     y_true, y_score, classes=["bat", "cat", "owl"], seen_classes=["bat", "cat"]
    ... )
    0.75
    """
    seen_accuracy, unseen_accuracy, _ = seen_unseen_curve(
        y_true, y_score, classes=classes, seen_classes=seen_classes
    )
    return float(auc(unseen_accuracy, seen_accuracy))


def _find_best(
    candidates: NDArray[np.intp], scores: NDArray[np.floating]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the best of the candidate columns in each row, and its score."""
    best = candidates[scores[:, candidates].argmax(axis=1)]
    own = np.take_along_axis(scores, best[:, np.newaxis], axis=1).ravel()
    # In single precision the difference of two scores would be rounded.
    return best, own.astype(np.float64)


def _find_steps(
    seen_score: NDArray[np.float64],
    unseen_score: NDArray[np.float64],
    seen_is_first: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the penalties at which rows turn unseen, and the index of the one of each row."""
    thresholds, step = np.unique(seen_score - unseen_score, return_inverse=True)
    # Twice the spacing of the larger score bounds the rounding of both scores, of their difference
    # and of the one that argmax compares.
    error = 2 * np.spacing(np.maximum(np.abs(seen_score), np.abs(unseen_score)))
    least_error = np.full(len(thresholds), np.inf)
    # The least, so that a single row of huge scores does not merge the thresholds of all others.
    np.minimum.at(least_error, step, error)
    is_apart = np.diff(thresholds) > least_error[1:] + least_error[:-1]
    penalties = thresholds[np.append(is_apart, True)[: len(thresholds)]]
    step = np.append(0, np.cumsum(is_apart))[step]

    # Rounding may carry a row of large scores past the midpoint of two thresholds that are close to
    # each other. So argmax at the midpoints decides at which of the thresholds such a row turns.
    middles = (penalties[:-1] + penalties[1:]) / 2

    def is_seen_at(penalty: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        penalised = seen_score[rows] - penalty
        tied = penalised == unseen_score[rows]
        return (penalised > unseen_score[rows]) | (tied & seen_is_first[rows])

    before, after = np.append(-np.inf, middles), np.append(middles, np.inf)
    rows = np.arange(len(step))
    wrong = np.flatnonzero(~is_seen_at(before[step], rows) | is_seen_at(after[step], rows))
    low, high = np.zeros(len(wrong), dtype=np.intp), np.full(len(wrong), len(middles))
    while (low < high).any():
        middle = (low + high) // 2
        is_seen = is_seen_at(after[middle], wrong)
        low, high = np.where(is_seen, middle + 1, low), np.where(is_seen, high, middle)
    step[wrong] = low
    used, step = np.unique(step, return_inverse=True)
    return penalties[used], step


def _row_weights(columns: NDArray[np.intp], is_seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weigh rows so that, among seen and among unseen classes, the sum of hits is the accuracy."""
    n_rows = np.bincount(columns, minlength=len(is_seen))
    n_classes = np.where(is_seen, np.sum(is_seen & (n_rows > 0)), np.sum(~is_seen & (n_rows > 0)))
    return 1.0 / (n_rows * n_classes)[columns]
