"""What all classifiers share that score features against class embeddings."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skcada._base.classifier import GZSLClassifierMixin
from skcada._base.epochs import FitTask
from skcada._base.estimator import DocLinkMixin, fit_method, fitted_method, spread, validate_rows
from skcada._base.state import PlainStateMixin
from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.roles import ClassRoles
from skcada._sklearn import CallbackSupportMixin, StrOptions
from skcada.compatibility._held_out import HeldOutFolds, make_held_out_folds
from skcada.compatibility._scaling import EmbeddingScaling, FeatureScaling, Scaling, measure_lead
from skcada.compatibility._training_set import TrainingSet
from skcada.exceptions import CollapseWarning, warn_user

# Rows that the lead of the own class is measured on.
ROWS_OF_LEAD = 4096
# Rows that are looked at to see whether all scores tie.
ROWS_OF_TIES = 256


class BaseCompatibilityClassifier(
    DocLinkMixin, PlainStateMixin, CallbackSupportMixin, GZSLClassifierMixin, BaseEstimator
):
    """A classifier that scores scaled rows against scaled class embeddings.

    A subclass implements `_learn` and `_score_vectors`, and stores these parameters.
    """

    feature_scaling: Scaling
    embedding_scaling: Scaling
    cv: Any
    random_state: int | np.random.RandomState | None

    _parameter_constraints: ClassVar[dict] = {
        **GZSLClassifierMixin._parameter_constraints,
        "feature_scaling": [StrOptions({"unit", "raw"})],
        "embedding_scaling": [StrOptions({"unit", "raw"})],
        "cv": ["cv_object"],
        "random_state": ["random_state"],
    }
    _private_parts: ClassVar[dict] = {
        "_feature_scaling": FeatureScaling,
        "_embedding_scaling": EmbeddingScaling,
    }
    # Tasks that callbacks are shown.
    _n_parts: ClassVar[int] = 0
    _row_types: ClassVar[Any] = [np.float64, np.float32]
    # What scaled rows and embeddings are computed in.
    _precision: ClassVar[type[np.floating]] = np.float64

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        """Train, and publish what is learnt, with `mean_lead_`."""
        raise NotImplementedError

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray:
        """Score scaled rows against scaled class embeddings, a column for each of these."""
        raise NotImplementedError

    @fit_method(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, class_embeddings: Any = None) -> Self:
        """Learn to score features against class embeddings.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of the seen classes, and few-shot examples of unseen ones.

        y : array-like of shape (n_samples,)
            Class labels.

        class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
            Takes precedence over the parameter of the constructor.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If a class in `y` or in `unseen_classes` has no embedding, a class lacks a modality, an
            input holds NaN or infinity, or a fold of `cv` tests no class that is held out or none
            that is not.

        Warns
        -----
        CollapseWarning
            If all classes get the same score, because the rows or the embeddings do not differ.
        """
        rows, labels = validate_rows(self, X, y, dtype=self._row_types)
        roles = self._resolve_roles(labels, class_embeddings)
        scaling = EmbeddingScaling.fit(roles.embeddings, ~roles.is_unseen, self.embedding_scaling)
        vectors = scaling.apply(roles.embeddings)
        task = FitTask.start(self, rows, labels, max_subtasks=self._n_parts)
        rows = rows.astype(self._precision, copy=False)
        self._feature_scaling, scaled = FeatureScaling.fit(rows, self.feature_scaling)
        class_codes = roles.embeddings.index_of(labels)
        data = TrainingSet(scaled, class_codes, vectors.astype(self._precision))
        self.feature_mean_ = self._feature_scaling.mean
        self._embedding_scaling = scaling
        # Before training, so that callbacks can try what is learnt by then.
        self._set_roles(roles)
        self._learn(data, labels, roles, task)
        self._warn_of_ties(data)
        task.finish()
        return self

    def _measure_lead(
        self, data: TrainingSet, score: Callable[[NDArray, NDArray], NDArray]
    ) -> float:
        """Return how far the own class leads in scores of rows and vectors, on average."""
        trained, members = data.members
        some = spread(len(data.rows), ROWS_OF_LEAD)
        return measure_lead(score(data.rows[some], data.vectors[trained]), members[some])

    def _warn_of_ties(self, data: TrainingSet) -> None:
        some = spread(len(data.rows), ROWS_OF_TIES)
        scores = self._score_vectors(data.rows[some], data.vectors)
        if np.ptp(scores, axis=1).max() == 0.0:
            warn_user(
                "Nothing could be learnt, so that the scores of all classes tie: the rows of X, or "
                "the embeddings of their classes, do not differ. Add rows of other classes.",
                CollapseWarning,
            )

    def _hold_out(
        self, data: TrainingSet, labels: NDArray, roles: ClassRoles, *, is_wanted: bool = True
    ) -> HeldOutFolds:
        """Return the folds to choose on, none where that is not wanted or not possible."""
        folds = []
        if is_wanted:
            folds = make_held_out_folds(
                self.cv, data.rows, labels, roles, random_state=self.random_state
            )
        return HeldOutFolds(data, roles, folds, self.feature_scaling, self.embedding_scaling)

    def _set_roles(self, roles: ClassRoles) -> None:
        super()._set_roles(roles)
        vectors = self._embedding_scaling.apply(roles.embeddings.select(roles.classes))
        self.scaled_embeddings_ = vectors

    def _scale_rows(self, X: NDArray) -> NDArray:
        return self._feature_scaling.apply(X.astype(self._precision, copy=False))

    def _score_classes(self, X: NDArray) -> NDArray:
        rows = self._scale_rows(X)
        vectors = self.scaled_embeddings_.astype(self._precision, copy=False)
        return self._score_vectors(rows, vectors) / self.mean_lead_

    @fitted_method
    def with_class_embeddings(self, class_embeddings: Any) -> Self:
        """Return a copy that tells further classes apart, without a new fit.

        Parameters
        ----------
        class_embeddings : DataFrame, array-like, sparse matrix or dict
            Embeddings of further classes, or other embeddings of unseen ones, in any form that
            `fit` takes and with the columns of the fit. Seen classes may be among them if their
            embeddings are those of the fit.

        Returns
        -------
        object
            A fitted classifier whose `classes_` are sorted anew, and whose parameter
            `class_embeddings` holds all embeddings. The scores of classes that were there stay as
            they are, and so does this classifier.

        Raises
        ------
        ValueError
            If seen classes are described otherwise than at fit, a class lacks a modality, the
            columns or the kind of labels differ from those at fit, or if this classifier was
            fitted without class embeddings.
        """
        check_is_fitted(self)
        fitted = self.class_embeddings_
        known = np.concatenate([self.seen_classes_, self.unseen_classes_])
        embeddings = ClassEmbeddings.for_training(fitted, np.unique(known))
        is_unseen = ~np.isin(embeddings.classes, self.seen_classes_)
        has_seen = np.isin(self.seen_classes_, self.classes_).any()
        roles = ClassRoles(embeddings, is_unseen, "all" if has_seen else "unseen")
        joined = copy.copy(self)
        joined._set_roles(roles.join(class_embeddings))
        joined.class_embeddings = joined.class_embeddings_
        return joined
