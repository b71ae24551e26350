"""Accuracies that count every class alike, on rows of seen and of unseen classes."""

from __future__ import annotations

from math import fsum
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skcada._classes.labels import check_labels, check_lengths
from skcada._intervals import Interval
from skcada._sklearn import validate_params
from skcada.metrics._label_validation import (
    check_both_kinds_of_rows,
    check_gzsl_rows,
    check_scored_rows,
    rows_of_labels,
)


@validate_params(
    {"y_true": ["array-like"], "y_pred": ["array-like"], "labels": ["array-like", None]},
    prefer_skip_nested_validation=True,
)
def per_class_accuracy_score(
    y_true: ArrayLike, y_pred: ArrayLike, *, labels: ArrayLike | None = None
) -> float:
    """Compute the accuracy of each class and average over the classes.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.

    y_pred : array-like of shape (n_samples,)
        Predicted labels. They may be of classes that `y_true` lacks.

    labels : array-like of shape (n_labels,), default=None
        The classes to average over. Rows of other classes are left out. By default, every class
        in `y_true`.

    Returns
    -------
    float
        The mean over the classes of the share of their rows that is predicted right.

    Raises
    ------
    ValueError
        If `y_true` is empty or lacks one of `labels`, or if labels of different kinds, such as 1
        and "1", would be compared.

    See Also
    --------
    harmonic_mean_score : This score on seen and on unseen classes, in one number.
    hit_at_k_score : The same average, for the k best classes of each row.
    sklearn.metrics.balanced_accuracy_score : The same value, but it warns when `y_pred` holds
        classes that `y_true` lacks, as predictions over unseen classes do.

    Examples
    --------
    >>> from skcada.metrics import per_class_accuracy_score
    >>> y_true = ["cat", "cat", "cat", "bat"]
    >>> y_pred = ["cat", "cat", "owl", "bat"]
    >>> per_class_accuracy_score(y_true, y_pred)
    0.833...
    >>> per_class_accuracy_score(y_true, y_pred, labels=["bat"])
    1.0
    """
    y_true, y_pred = check_labels(y_true=y_true, y_pred=y_pred)
    check_lengths(y_true=y_true, y_pred=y_pred)
    hits = np.asarray(y_true == y_pred)
    if labels is not None:
        kept = rows_of_labels(y_true, labels)
        hits, y_true = hits[kept], y_true[kept]
    return _mean_over_classes(hits, y_true.factorize()[0])


@validate_params(
    {"y_true": ["array-like"], "y_pred": ["array-like"], "seen_classes": ["array-like"]},
    prefer_skip_nested_validation=True,
)
def harmonic_mean_score(y_true: ArrayLike, y_pred: ArrayLike, *, seen_classes: ArrayLike) -> float:
    """Compute the harmonic mean H of the accuracies on seen and on unseen classes.

    Published results report it, because it is low if either accuracy is [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, of seen and of unseen classes.

    y_pred : array-like of shape (n_samples,)
        Predicted labels, each of them of any class.

    seen_classes : array-like of shape (n_seen_classes,)
        The classes with training rows. Every other class is unseen.

    Returns
    -------
    float
        H = 2SU / (S + U), where S is the per-class accuracy on the rows of seen classes and U the
        one on the rows of unseen classes; 0 if both are 0.

    Raises
    ------
    ValueError
        If `y_true` holds no row of a seen class, or none of an unseen class, or if labels of
        different kinds, such as 1 and "1", would be compared.

    See Also
    --------
    gzsl_scores : S, U and H from the scores of all classes.
    per_class_accuracy_score : S or U alone.
    seen_unseen_auc_score : A summary of S and U that does not depend on their balance.

    References
    ----------
    .. [1] Y. Xian, C. H. Lampert, B. Schiele and Z. Akata, "Zero-shot learning: A comprehensive
       evaluation of the good, the bad and the ugly", IEEE TPAMI, 2018.

    Examples
    --------
    >>> from skcada.metrics import harmonic_mean_score
    >>> y_true = ["cat", "cat", "bat", "owl"]
    >>> y_pred = ["cat", "bat", "bat", "owl"]
    >>> harmonic_mean_score(y_true, y_pred, seen_classes=["cat", "dog"])
    0.666...
    """
    y_true, y_pred, seen = check_labels(y_true=y_true, y_pred=y_pred, seen_classes=seen_classes)
    check_lengths(y_true=y_true, y_pred=y_pred)
    is_seen_row = y_true.isin(seen)
    check_both_kinds_of_rows(is_seen_row)
    hits, codes = np.asarray(y_true == y_pred), y_true.factorize()[0]
    return _harmonic_mean(
        _mean_over_classes(hits[is_seen_row], codes[is_seen_row]),
        _mean_over_classes(hits[~is_seen_row], codes[~is_seen_row]),
    )


@validate_params(
    {
        "y_true": ["array-like"],
        "y_score": ["array-like"],
        "classes": ["array-like"],
        "seen_classes": ["array-like"],
    },
    prefer_skip_nested_validation=True,
)
def gzsl_scores(
    y_true: ArrayLike, y_score: ArrayLike, *, classes: ArrayLike, seen_classes: ArrayLike
) -> dict[str, float]:
    """Compute the four accuracies that generalized zero-shot learning reports [1]_.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels, of seen and of unseen classes.

    y_score : array-like of shape (n_samples, n_classes)
        Score of each class, higher is better, as `predict_proba` and `decision_function` give
        them. With two classes, the shape may be (n_samples,), where positive means `classes[1]`.

    classes : array-like of shape (n_classes,)
        The label of each column of `y_score`, such as `estimator.classes_`.

    seen_classes : array-like of shape (n_seen_classes,)
        Those of `classes` with training rows. Every other class is unseen.

    Returns
    -------
    dict of str to float
        With the keys

        - "S": per-class accuracy on the rows of seen classes, all classes competing;
        - "U": per-class accuracy on the rows of unseen classes, all classes competing;
        - "H": harmonic mean of S and U, 0 if both are 0;
        - "T1": per-class accuracy on the rows of unseen classes when only the unseen classes
          compete, the top-1 accuracy of conventional zero-shot learning.

    Raises
    ------
    ValueError
        If `y_true` holds no row of a seen class, or none of an unseen class; if `classes` lacks a
        label of `y_true` or `seen_classes`; if `y_score` holds NaN, or does not have one
        column per class; if labels of different kinds, such as 1 and "1", would be compared.

    See Also
    --------
    gzsl_scorer : These scores and the AUSUC of an estimator, for model selection.
    harmonic_mean_score : H alone, from predicted labels.
    seen_unseen_curve : S and U for every handicap of the seen classes.

    Notes
    -----
    The predicted class is the one with the highest score, and the first of them when several
    columns share it.

    References
    ----------
    .. [1] Y. Xian, C. H. Lampert, B. Schiele and Z. Akata, "Zero-shot learning: A comprehensive
       evaluation of the good, the bad and the ugly", IEEE TPAMI, 2018.

    Examples
    --------
    >>> from skcada.metrics import gzsl_scores
    >>> y_true = ["bat", "cat", "owl", "owl"]
    >>> y_score = [[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.1, 0.4], [0.1, 0.1, 0.8]]
    >>> gzsl_scores(y_true, y_score, classes=["bat", "cat", "owl"], seen_classes=["bat", "cat"])
    {'S': 1.0, 'U': 0.5, 'H': 0.666..., 'T1': 1.0}
    """
    columns, scores, is_seen = check_gzsl_rows(y_true, y_score, classes, seen_classes)
    seen_rows = is_seen[columns]
    hits = scores.argmax(axis=1) == columns
    seen = _mean_over_classes(hits[seen_rows], columns[seen_rows])
    unseen = _mean_over_classes(hits[~seen_rows], columns[~seen_rows])

    unseen_columns = np.flatnonzero(~is_seen)
    best_unseen = unseen_columns[scores[np.ix_(~seen_rows, unseen_columns)].argmax(axis=1)]
    top_1 = _mean_over_classes(best_unseen == columns[~seen_rows], columns[~seen_rows])
    return {"S": seen, "U": unseen, "H": _harmonic_mean(seen, unseen), "T1": top_1}


@validate_params(
    {
        "y_true": ["array-like"],
        "y_score": ["array-like"],
        "classes": ["array-like"],
        "k": [Interval(Integral, 1, None, closed="left")],
        "labels": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def hit_at_k_score(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    classes: ArrayLike,
    k: int = 1,
    labels: ArrayLike | None = None,
) -> float:
    """Compute how often the true class is among the k best, averaged over the classes.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.

    y_score : array-like of shape (n_samples, n_classes)
        Score of each class, higher is better, as `predict_proba` and `decision_function` give
        them. With two classes, the shape may be (n_samples,), where positive means `classes[1]`.

    classes : array-like of shape (n_classes,)
        The label of each column of `y_score`, such as `estimator.classes_`.

    k : int, default=1
        How many of the best classes count as hits, at most `n_classes`.

    labels : array-like of shape (n_labels,), default=None
        The classes to average over. Rows of other classes are left out. By default, every class
        in `y_true`.

    Returns
    -------
    float
        The mean over the classes of the share of their rows whose class is among the `k` columns
        with the highest scores.

    Raises
    ------
    ValueError
        If `k` exceeds the number of classes; if `y_true` lacks one of `labels`, or `classes` one
        of the labels in `y_true`; if `y_score` holds NaN, or does not have one column per class; if
        labels of different kinds, such as 1 and "1", would be compared.

    See Also
    --------
    per_class_accuracy_score : The same average, from predicted labels; equal to `k=1`.
    gzsl_scores : Top-1 accuracies on seen and on unseen classes.
    sklearn.metrics.top_k_accuracy_score : The average over rows instead of classes.

    Notes
    -----
    :func:`sklearn.metrics.top_k_accuracy_score` averages over rows, so that frequent classes weigh
    more, while published zero-shot results average over classes [1]_. Here, `y_true` need not hold
    every class. Columns with equal scores rank in their order, lower columns first, as
    :func:`numpy.argmax` has it, so a model that gives every class the same score is not right
    about all of them.

    References
    ----------
    .. [1] Y. Xian, C. H. Lampert, B. Schiele and Z. Akata, "Zero-shot learning: A comprehensive
       evaluation of the good, the bad and the ugly", IEEE TPAMI, 2018.

    Examples
    --------
    >>> from skcada.metrics import hit_at_k_score
    >>> y_true = ["cat", "cat", "owl"]
    >>> y_score = [[0.1, 0.6, 0.3], [0.5, 0.4, 0.1], [0.5, 0.3, 0.2]]
    >>> hit_at_k_score(y_true, y_score, classes=["bat", "cat", "owl"], k=2)
    0.5
    """
    columns, scores = check_scored_rows(y_true, y_score, classes)
    if k > scores.shape[1]:
        raise ValueError(f"k={k} exceeds the number of classes, {scores.shape[1]}. Use a lower k.")
    own = np.take_along_axis(scores, columns[:, np.newaxis], axis=1)
    is_before = np.arange(scores.shape[1]) < columns[:, np.newaxis]
    rank = ((scores > own) | ((scores == own) & is_before)).sum(axis=1)
    hits = rank < k
    if labels is not None:
        kept = rows_of_labels(y_true, labels)
        hits, columns = hits[kept], columns[kept]
    return _mean_over_classes(hits, columns)


def _mean_over_classes(hits: NDArray[np.bool_], codes: NDArray[np.intp]) -> float:
    """Average hits within each class that occurs in `codes`, then over these classes."""
    n_rows = np.bincount(codes)
    n_hits = np.bincount(codes, weights=hits)
    accuracies = n_hits[n_rows > 0] / n_rows[n_rows > 0]
    # Summed exactly, so that the score does not depend on the order of the classes.
    return fsum(accuracies) / len(accuracies)


def _harmonic_mean(seen: float, unseen: float) -> float:
    """Return the harmonic mean of two accuracies, 0 if both are 0."""
    return 2 * seen * unseen / (seen + unseen) if seen + unseen else 0.0
