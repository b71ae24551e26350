"""Scorers of fitted estimators, for cross-validation and searches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skcada._classes.labels import check_known, check_labels, check_lengths
from skcada._sklearn import HasMethods, validate_params
from skcada._unwrap import find_layer
from skcada.metrics._curve import seen_unseen_auc_score
from skcada.metrics._scores import gzsl_scores

_PARAMETER_CONSTRAINTS: dict[str, Any] = {
    "estimator": [HasMethods(["decision_function"]), HasMethods(["predict_proba"])],
    "X": "no_validation",
    "y": ["array-like"],
}


@validate_params(_PARAMETER_CONSTRAINTS, prefer_skip_nested_validation=False)
def gzsl_scorer(estimator: Any, X: Any, y: ArrayLike) -> dict[str, float]:
    """Score a fitted estimator on rows of seen and of unseen classes.

    Pass it as `scoring` to :func:`sklearn.model_selection.cross_validate` or, with `refit="H"`, to
    :class:`sklearn.model_selection.GridSearchCV`.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier with `classes_`, `seen_classes_` and `decision_function` or
        `predict_proba`, such as `GZSLClassifier`; or a pipeline that ends in one, a search over
        one, or a frozen one.

    X : array-like of shape (n_samples, n_features)
        Features.

    y : array-like of shape (n_samples,)
        True labels, of seen and of unseen classes.

    Returns
    -------
    dict of str to float
        "S", "U", "H" and "T1" as in :func:`gzsl_scores`, and "AUSUC" as in
        :func:`seen_unseen_auc_score`.

    Raises
    ------
    TypeError
        If the estimator has no `seen_classes_`.

    ValueError
        If `y` holds no row of a seen class, or none of an unseen class, or a class that the
        estimator does not know; or if the estimator tells unseen classes apart only.

    See Also
    --------
    harmonic_mean_scorer : "H" alone, for what takes no scorer of several numbers.
    gzsl_scores : The same from scores and labels.
    skcada.model_selection.GZSLShuffleSplit : Test folds with rows of seen and of unseen classes.
    skcada.model_selection.GZSLKFold : Hold every class out once.

    Notes
    -----
    The estimator scores `X` once, by `decision_function` if it has one, otherwise by
    `predict_proba`.

    Examples
    --------
    >>> from sklearn.model_selection import cross_validate
    >>> from skcada import CADAVAETransformer, GZSLClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> from skcada.metrics import gzsl_scorer
    >>> from skcada.model_selection import GZSLShuffleSplit
    >>> problem = make_gzsl_classification(random_state=0)
    >>> model = GZSLClassifier(
    ...     CADAVAETransformer(max_iter=1), class_embeddings=problem.class_embeddings
    ... )
    >>> cv = GZSLShuffleSplit(n_splits=2, random_state=0)
    >>> results = cross_validate(
    ...     model, problem.data, problem.target, cv=cv, scoring=gzsl_scorer
    ... )
    >>> [name for name in results if name.startswith("test_")]
    ['test_S', 'test_U', 'test_H', 'test_T1', 'test_AUSUC']
    """
    y_score, labels = _score(estimator, X, y, caller="gzsl_scorer")
    return {
        **gzsl_scores(y, y_score, **labels),
        "AUSUC": seen_unseen_auc_score(y, y_score, **labels),
    }


@validate_params(_PARAMETER_CONSTRAINTS, prefer_skip_nested_validation=False)
def harmonic_mean_scorer(estimator: Any, X: Any, y: ArrayLike) -> float:
    """Score a fitted estimator by the harmonic mean of its accuracies on seen and unseen classes.

    It is the "H" of :func:`gzsl_scorer`, for searches that take a single number:
    :class:`~sklearn.model_selection.HalvingGridSearchCV`, for instance.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier with `classes_`, `seen_classes_` and `decision_function` or
        `predict_proba`, such as `GZSLClassifier`; or a pipeline that ends in one, a search over
        one, or a frozen one.

    X : array-like of shape (n_samples, n_features)
        Features.

    y : array-like of shape (n_samples,)
        True labels, of seen and of unseen classes.

    Returns
    -------
    float
        H, between 0 and 1.

    Raises
    ------
    TypeError
        If the estimator has no `seen_classes_`.

    ValueError
        If `y` holds no row of a seen class, or none of an unseen class, or a class that the
        estimator does not know; or if the estimator tells unseen classes apart only.

    See Also
    --------
    gzsl_scorer : S, U, H, T1 and AUSUC at once.
    harmonic_mean_score : The same from labels and predictions.
    skcada.model_selection.GZSLShuffleSplit : Test folds with rows of seen and of unseen classes.

    Notes
    -----
    A search by successive halving scores training rows, too, unless `return_train_score` is False,
    and no training row is of an unseen class: it would warn at every fit. Let it give few epochs to
    many candidates, not few rows, by `resource`, as :doc:`/user_guide/searching` shows. Rows are
    drawn without regard to classes, so that seen classes may lose all their training rows and then
    count as unseen.

    Examples
    --------
    >>> from sklearn.model_selection import cross_val_score
    >>> from skcada import CADAVAETransformer, GZSLClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> from skcada.metrics import harmonic_mean_scorer
    >>> from skcada.model_selection import GZSLShuffleSplit
    >>> problem = make_gzsl_classification(random_state=0)
    >>> model = GZSLClassifier(
    ...     CADAVAETransformer(max_iter=1), class_embeddings=problem.class_embeddings
    ... )
    >>> cv = GZSLShuffleSplit(n_splits=2, random_state=0)
    >>> scores = cross_val_score(
    ...     model, problem.data, problem.target, cv=cv, scoring=harmonic_mean_scorer
    ... )
    >>> scores.shape
    (2,)
    """
    y_score, labels = _score(estimator, X, y, caller="harmonic_mean_scorer")
    return gzsl_scores(y, y_score, **labels)["H"]


def _score(estimator: Any, X: Any, y: Any, *, caller: str) -> tuple[NDArray, dict[str, NDArray]]:
    """Score classes, and return which they are and which of them are seen."""
    classifier = find_gzsl_classifier(estimator, caller=caller)
    labels = {"classes": classifier.classes_, "seen_classes": classifier.seen_classes_}
    return score_labelled_rows(estimator, X, y, classifier.classes_), labels


def find_gzsl_classifier(estimator: Any, *, caller: str) -> Any:
    """Find the fitted classifier in `estimator`, which must tell seen from unseen classes."""
    classifier = find_layer(
        estimator, "classes_", "seen_classes_", caller=caller, example="GZSLClassifier"
    )
    if not np.isin(classifier.seen_classes_, classifier.classes_).any():
        raise ValueError(
            "The estimator tells unseen classes apart only (label_space='unseen'), so that there "
            f"is no S, which {caller} needs. Use its score, the per-class accuracy on unseen "
            "classes, or label_space='all'."
        )
    return classifier


def score_labelled_rows(estimator: Any, X: Any, y: Any, classes: NDArray) -> NDArray:
    """Score classes, after a check of the labels, each of which must be of one of the classes."""
    given, known = check_labels(y=y, classes=classes)
    advice = "Give the estimator these classes too, or drop their rows."
    check_known(given, known, "y", "classes", advice=advice)
    y_score = class_scores(estimator, X)
    check_lengths(X=y_score, y=given)
    return y_score


def class_scores(estimator: Any, X: Any) -> NDArray:
    """Score classes by `decision_function`, or by `predict_proba` where there is none.

    Probabilities stay as they are, so that the scores are those that the metrics give for
    `predict_proba`. Their logarithms would give another area, and are infinite at 0.
    """
    score = getattr(estimator, "decision_function", None) or estimator.predict_proba
    return score(X)
