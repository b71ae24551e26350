"""The balance between seen and unseen classes, tuned on folds that hold out whole classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from skcada._base.epochs import FitTask
from skcada._base.estimator import (
    DocLinkMixin,
    clone_seeded,
    fit_method,
    index_labelled_rows,
    publish_features,
)
from skcada._base.state import PlainStateMixin
from skcada._classes.embeddings import DEFAULT_MODALITY
from skcada._classes.labels import check_labels, format_labels
from skcada._intervals import Interval
from skcada._sklearn import (
    CallbackSupportMixin,
    HasMethods,
    RealNotInt,
    StrOptions,
    _check_method_params,
    _safe_indexing,
)
from skcada.exceptions import warn_user
from skcada.metrics import seen_unseen_curve
from skcada.model_selection._held_out_folds import Fold, make_folds, warn_of_leaks
from skcada.model_selection._penalty_choice import (
    Curve,
    average,
    is_best_at_target,
    is_highest,
    middle_of_widest,
)


def _estimator_has(method: str) -> Callable[[TunedSeenPenaltyClassifierCV], bool]:
    def check(self: TunedSeenPenaltyClassifierCV) -> bool:
        return hasattr(getattr(self, "estimator_", self.estimator), method)

    return check


class TunedSeenPenaltyClassifierCV(
    DocLinkMixin,
    PlainStateMixin,
    CallbackSupportMixin,
    ClassifierMixin,
    MetaEstimatorMixin,
    BaseEstimator,
):
    """Classifier whose penalty on seen classes is tuned by cross-validation.

    A model that is trained on seen classes alone tends to favour them. Calibrated stacking [1]_
    subtracts a penalty from their scores. This meta-estimator finds the penalty on folds that
    hold out whole classes, by one fit per fold however many penalties there are to compare, and
    then fits `estimator` on all rows with the penalty it has found.

    Parameters
    ----------
    estimator : estimator
        A GZSL classifier of this package, such as :class:`~skcada.GZSLClassifier`, or a pipeline
        that ends in one; or any other classifier with `decision_function`, a parameter
        `seen_penalty`, and the attributes `classes_` and `seen_classes_` once it is fitted. Its
        own `seen_penalty` plays no role.

    scoring : "H" or float, default="H"
        What the penalty is to achieve. "H" is the highest harmonic mean of the per-class
        accuracies S on seen and U on unseen classes. A float between 0 and 1 is the least S to
        keep: of the penalties with at least that S, the one with the highest U. If no penalty
        keeps it, there is a warning, and the target is the highest S there is.

    cv : int, cross-validator, iterable or None, default=None
        The folds. Each must hold out all rows of some class, and some rows of another. None is
        :class:`GZSLShuffleSplit` with three splits, a sixth of the classes and a fifth of the rows
        of the others: one split is enough for many hundred classes, more make the choice steadier.
        An int is a number of ordinary folds, which hold out no class and thereby raise an error.

    n_jobs : int or None, default=None
        Number of folds that are fitted at once. None is 1 unless in a
        :func:`joblib.parallel_config` context, -1 as many as there are processors.

    random_state : int, RandomState instance or None, default=None
        Determines the folds where `cv` is None, and seeds `estimator`, in all fits alike, where
        its own `random_state` is None. Where this is None too, `estimator` is left as it is. Pass
        an int for reproducible results across calls.

    Attributes
    ----------
    best_seen_penalty_ : float
        The penalty that was found, in units of the `decision_function` of `estimator`.

    best_score_ : float or None
        Mean over the folds of H at that penalty, or of U where `scoring` is a float. None where
        there was nothing to tune.

    cv_results_ : dict of str to ndarray of shape (n_penalties,), or None
        The seen-unseen curve of each fold and their mean, fit for a DataFrame: "seen_penalty",
        increasing, one value between any two at which an accuracy changes; "mean_S", "mean_U" and
        "mean_H"; "split0_S", "split0_U", "split0_H" and so on for the other folds. None where
        there was nothing to tune.

    estimator_ : estimator
        The estimator that was fitted on all rows.

    classes_ : ndarray of shape (n_classes,)
        Labels of all classes, in the order of the columns of scores.

    seen_classes_ : ndarray of shape (n_seen_classes,)
        Those whose scores are penalised.

    unseen_classes_ : ndarray of shape (n_unseen_classes,)
        The other ones.

    n_features_in_ : int
        Number of features seen during fit, if `estimator_` tells.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during fit, if `estimator_` tells.

    See Also
    --------
    GZSLShuffleSplit : Folds that hold out whole classes.
    skcada.metrics.seen_unseen_curve : S and U at every penalty.
    sklearn.model_selection.TunedThresholdClassifierCV : The same idea for two classes.

    Notes
    -----
    In a fold, S is measured on held-out rows of classes in training, and U on the classes that are
    held out, while all classes compete, also those without any row. The accuracies are averaged
    over the folds at every penalty where one of them changes; the penalty returned is the middle
    of the interval of the best ones, so that it does not hang on a single row. There are fewer
    classes in training, and more unseen ones, than in the final fit, so the penalty is an
    estimate that gets better with many seen classes and small folds.

    Few-shot examples, rows of the `unseen_classes` of `estimator`, stay in the training part of
    every fold and are never tested: as seen classes they would raise S, and as unseen ones they
    would not be held out. A cross-validator splits the other rows only.

    A transformer that is frozen has been fitted on the classes that the folds hold out, which
    makes U too high and the penalty too low. There is a warning.

    Without class embeddings a GZSL classifier knows no class but those in `y`, so that there is no
    balance to tune: `estimator` is fitted with the penalty 0 and no folds.

    References
    ----------
    .. [1] W.-L. Chao, S. Changpinyo, B. Gong, F. Sha, "An Empirical Study and Analysis of
       Generalized Zero-Shot Learning for Object Recognition in the Wild", ECCV 2016.

    Examples
    --------
    >>> from skcada import CADAVAETransformer, GZSLClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> from skcada.model_selection import TunedSeenPenaltyClassifierCV
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> classifier = GZSLClassifier(
    ...     CADAVAETransformer(max_iter=5), class_embeddings=problem.class_embeddings
    ... )
    >>> model = TunedSeenPenaltyClassifierCV(classifier, random_state=0).fit(X, y)
    >>> model.estimator_.seen_penalty == model.best_seen_penalty_
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "decision_function", "get_params", "set_params"])],
        "scoring": [StrOptions({"H"}), Interval(RealNotInt, 0, 1, closed="neither")],
        "cv": ["cv_object"],
        "n_jobs": [Interval(Integral, None, None, closed="neither"), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        scoring: Literal["H"] | float = "H",
        cv: Any = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.estimator = estimator
        self.scoring = scoring
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner_tags = get_tags(self.estimator)
        tags.input_tags = inner_tags.input_tags
        tags.target_tags = inner_tags.target_tags
        tags.classifier_tags = inner_tags.classifier_tags
        return tags

    def get_metadata_routing(self) -> MetadataRouter:
        """Return which metadata go where.

        Returns
        -------
        MetadataRouter
            What is passed to :meth:`fit` goes to the `fit` of `estimator`.
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=mapping)

    @fit_method(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike, **fit_params: Any) -> Self:
        """Find the penalty and fit the estimator with it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of the seen classes, and few-shot examples of unseen ones.

        y : array-like of shape (n_samples,)
            Class labels.

        **fit_params : dict
            What to pass to the `fit` of `estimator`, in every fold too, such as
            `class_embeddings`; of a pipeline under the name of the step and two underscores. With
            metadata routing enabled, what `estimator` requests.

        Returns
        -------
        self : TunedSeenPenaltyClassifierCV
            The fitted classifier.

        Raises
        ------
        TypeError
            If the last step of `estimator` has no parameter `seen_penalty`.

        ValueError
            Before any training, if a fold holds out no class, or no row of a class in training; if
            `estimator` tells unseen classes apart only; if a class has no embedding. Later,
            whatever `estimator` raises.
        """
        prefix, last = _find_penalty(self.estimator)
        parameter = f"{prefix}seen_penalty"
        if getattr(last, "label_space", "all") == "unseen":
            raise ValueError(
                "label_space='unseen' leaves no seen class to penalise. Set label_space='all', or "
                f"use the estimator without {type(self).__name__}."
            )
        if self.random_state is None:
            # Seeds drawn here would make a memory of fitted transformers useless.
            estimator = clone(self.estimator)
        else:
            seeds = check_random_state(self.random_state)
            estimator = clone_seeded(self.estimator, seeds)
        estimator.set_params(**{parameter: 0.0})
        fit_params = self._route(fit_params)

        X, y, labels = index_labelled_rows(X, y)
        names = (f"{prefix}class_embeddings", "class_embeddings")
        passed = next((name for name in names if name in fit_params), names[0])
        is_shot = _find_shots(last, labels, fit_params.get(passed))
        if hasattr(last, "_resolve_roles") and not isinstance(fit_params.get(passed, {}), Mapping):
            # A table with as many rows as a fold has would look as if it had been sliced.
            fit_params = {**fit_params, passed: {DEFAULT_MODALITY: fit_params[passed]}}
        folds: list[Fold] = []
        if is_shot is not None:
            folds = make_folds(self.cv, X, y, is_shot=is_shot, random_state=self.random_state)
            warn_of_leaks(estimator.get_params(), y, folds)
        task = FitTask.start(self, X, y, max_subtasks=1 + bool(folds))
        self.best_seen_penalty_ = 0.0
        self.best_score_: float | None = None
        self.cv_results_: dict[str, NDArray[np.float64]] | None = None
        if folds:
            self._tune(estimator, folds, fit_params, task)
        estimator.set_params(**{parameter: self.best_seen_penalty_})
        with task.part("fit-with-best-penalty").fitting(estimator):
            self.estimator_ = estimator.fit(X, y, **fit_params)

        self.classes_ = self.estimator_.classes_
        self.seen_classes_ = last_step(self.estimator_).seen_classes_
        self.unseen_classes_ = self.classes_[~np.isin(self.classes_, self.seen_classes_)]
        publish_features(self, [self.estimator_])
        task.finish()
        return self

    def _route(self, fit_params: dict[str, Any]) -> dict[str, Any]:
        """Return what the fit of the estimator is passed."""
        if get_config()["enable_metadata_routing"]:
            return process_routing(self, "fit", **fit_params).estimator.fit
        return fit_params

    def _tune(
        self, estimator: Any, folds: list[Fold], fit_params: Mapping[str, Any], task: FitTask
    ) -> None:
        tuning = task.part("tune-seen-penalty", max_subtasks=len(folds), sequential_subtasks=False)
        tuning.begin()
        tasks = tuning.parts(["fold"] * len(folds))
        curves = Parallel(n_jobs=self.n_jobs)(
            delayed(fit_and_score)(
                _clone_for_fold(estimator),
                task.X,
                task.y,
                fold,
                fit_params=_check_method_params(task.X, fit_params, indices=fold[0]),
                task=fold_task,
            )
            for fold, fold_task in zip(folds, tasks, strict=True)
        )
        tuning.end()
        edges, results = average(curves)
        if self.scoring == "H":
            self.best_score_ = float(results["mean_H"].max())
            is_best = is_highest(results["mean_H"])
        else:
            is_best = is_best_at_target(results["mean_S"], results["mean_U"], self.scoring)
            self.best_score_ = float(results["mean_U"][is_best].max())
        self.cv_results_ = results
        self.best_seen_penalty_ = middle_of_widest(is_best, edges)
        if self.scoring == "H" and not self.best_score_:
            warn_user(
                "No penalty gives a harmonic mean above 0 in any fold, so seen_penalty stays 0: "
                "wherever a row of a seen class is predicted right, none of a held-out class is. "
                "Train estimator longer, or hold out more classes and rows with cv."
            )
            self.best_seen_penalty_ = 0.0

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X: ArrayLike) -> NDArray:
        """Compute the scores of all classes, those of seen ones less the penalty.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples,)
            Those of `estimator_`.
        """
        check_is_fitted(self)
        return self.estimator_.decision_function(X)

    @available_if(_estimator_has("predict"))
    def predict(self, X: ArrayLike) -> NDArray:
        """Predict the class with the highest score, seen or unseen.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples,)
            Class labels.
        """
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @available_if(_estimator_has("predict_log_proba"))
    def predict_log_proba(self, X: ArrayLike) -> NDArray:
        """Predict logarithms of class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Those of `estimator_`, in the order of `classes_`.
        """
        check_is_fitted(self)
        return self.estimator_.predict_log_proba(X)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X: ArrayLike) -> NDArray:
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Those of `estimator_`, in the order of `classes_`.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @available_if(_estimator_has("score"))
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the score of the estimator with the tuned penalty.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of seen and of unseen classes.

        y : array-like of shape (n_samples,)
            Their labels.

        sample_weight : array-like of shape (n_samples,) or None, default=None
            Passed on to `estimator_` where it is not None.

        Returns
        -------
        float
            That of `estimator_`, which for GZSL classifiers of this package is H.
        """
        check_is_fitted(self)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return self.estimator_.score(X, y, **weights)


def _find_penalty(estimator: Any) -> tuple[str, Any]:
    """Return the prefix of the parameters of the last step of `estimator`, and that step."""
    prefix, step = "", estimator
    while isinstance(step, Pipeline):
        name, step = step.steps[-1]
        prefix += f"{name}__"
    if not hasattr(step, "get_params") or "seen_penalty" not in step.get_params(deep=False):
        raise TypeError(
            f"estimator must be a classifier with a parameter seen_penalty, such as "
            f"GZSLClassifier, or a Pipeline that ends in one, but {step!r} has none. To tune other "
            f"parameters too, put the search around TunedSeenPenaltyClassifierCV."
        )
    return prefix, step


def _find_shots(
    classifier: Any, labels: NDArray, class_embeddings: Any
) -> NDArray[np.bool_] | None:
    """Mark the few-shot examples; None where nothing describes classes, so that none can be unseen.

    What a GZSL classifier would refuse about classes is refused here, before any training.
    """
    if hasattr(classifier, "_resolve_roles"):
        roles = classifier._resolve_roles(labels, class_embeddings)
        return roles.is_shot(labels) if roles.embeddings.is_given else None
    unseen_classes = classifier.get_params(deep=False).get("unseen_classes")
    if unseen_classes is None or not len(unseen_classes):
        return np.zeros(len(labels), dtype=bool)
    index, unseen = check_labels(y=labels, unseen_classes=unseen_classes)
    return np.asarray(index.isin(unseen))


def last_step(estimator: Any) -> Any:
    """Return the classifier that a pipeline, or a pipeline in one, ends in."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def fit_and_score(
    estimator: Any, X: Any, y: Any, fold: Fold, *, fit_params: Mapping[str, Any], task: FitTask
) -> Curve:
    """Fit an estimator on a fold, with the penalty 0, and return its seen-unseen curve there.

    The number of the task is that of the fold.
    """
    (X_train, y_train), (X_test, y_test) = (
        (_safe_indexing(X, rows), _safe_indexing(y, rows)) for rows in fold
    )
    with task.on(X_train, y_train).fitting(estimator):
        estimator.fit(X_train, y_train, **fit_params)
    classes, labels = check_labels(classes=estimator.classes_, y=y_test)
    unknown = labels[~labels.isin(classes)].unique()
    if len(unknown):
        raise ValueError(
            f"Fold {task.context.task_id} holds out classes that estimator does not know without "
            f"their rows: {format_labels(unknown)}. Give it class embeddings of them."
        )
    return seen_unseen_curve(
        y_test,
        estimator.decision_function(X_test),
        classes=estimator.classes_,
        seen_classes=last_step(estimator).seen_classes_,
    )


def _clone_for_fold(estimator: Any) -> Any:
    """Clone an estimator without its checkpoints, which are of its fit on all rows."""
    cloned = clone(estimator)
    names = [n for n in cloned.get_params() if n.rpartition("__")[2] == "checkpoint"]
    return cloned.set_params(**dict.fromkeys(names))
