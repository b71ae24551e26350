"""The mixin of all classifiers that tell seen and unseen classes apart."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from skcada._base.estimator import fitted_method, validate_new_rows
from skcada._classes.embeddings import Frames, refuse_sliced
from skcada._classes.labels import check_lengths
from skcada._classes.roles import ClassRoles, LabelSpace, find_told_apart
from skcada._intervals import Interval
from skcada._sklearn import StrOptions, _num_samples, _safe_indexing, validate_parameter_constraints
from skcada.metrics import harmonic_mean_score, per_class_accuracy_score

# Rows that are scored at once, so that copies, latents and scores of them take little memory.
CHUNK_SIZE = 4096
# float32 scores less a penalty of this size are exact to 2**-16. Beyond it they become float64.
LARGEST_SINGLE_PENALTY = 128.0

PENALTY_CONSTRAINT = {"seen_penalty": [Interval(Real, None, None, closed="neither")]}


class GZSLClassifierMixin(ClassifierMixin):
    """Roles of classes, the penalty on seen ones, predictions and the score H.

    A subclass stores the four parameters below, calls `_resolve_roles` and `_set_roles` in `fit`
    and implements `_score_classes`, which maps validated rows to one score per class in the order
    of `classes_`, higher for more likely classes, before the penalty.
    """

    class_embeddings: Any
    unseen_classes: ArrayLike | None
    label_space: LabelSpace
    seen_penalty: float

    classes_: NDArray
    seen_classes_: NDArray
    unseen_classes_: NDArray
    class_embeddings_: Frames | None

    _parameter_constraints: ClassVar[dict] = {
        "class_embeddings": ["array-like", "sparse matrix", dict, None],
        "unseen_classes": ["array-like", None],
        "label_space": [StrOptions({"all", "unseen"})],
        **PENALTY_CONSTRAINT,
    }
    # The types of rows that `_score_classes` takes; any other is converted to the first one.
    _row_types: ClassVar[Any] = np.float32

    def _score_classes(self, X: NDArray) -> NDArray:
        raise NotImplementedError

    def _inherited_embeddings(self) -> Any:
        """Return class embeddings that a part brings along, for where no others are given."""
        return None

    def _resolve_roles(self, y: NDArray, class_embeddings: Any = None) -> ClassRoles:
        """Work out the roles of classes for a fit with these labels."""
        refuse_sliced(class_embeddings, len(y))
        return ClassRoles.resolve(
            y,
            class_embeddings,
            self.class_embeddings,
            self._inherited_embeddings(),
            unseen_classes=self.unseen_classes,
            label_space=self.label_space,
        )

    def _set_roles(self, roles: ClassRoles) -> None:
        """Publish the roles as fitted attributes."""
        self.classes_ = roles.classes
        self.seen_classes_ = roles.seen
        self.unseen_classes_ = roles.unseen
        self.class_embeddings_ = roles.embeddings.frames()

    def _check_new_rows(self, X: Any) -> Any:
        """Return rows to predict in the form that `_score_classes` takes."""
        return validate_new_rows(self, X, dtype=self._row_types)

    def _map_rows(self, function: Callable[[NDArray], NDArray], X: ArrayLike) -> NDArray:
        """Apply a row-wise function to rows to predict, some rows at a time."""
        rows = self._check_new_rows(X)
        n_rows = _num_samples(rows)
        result = np.empty(0)
        for chunk in gen_batches(n_rows, CHUNK_SIZE):
            part = function(_safe_indexing(rows, chunk))
            if chunk.start == 0:
                # Parts that are joined at the end would take twice the memory.
                result = np.empty((n_rows, *part.shape[1:]), dtype=part.dtype)
            result[chunk] = part
        return result

    def _current_penalty(self) -> float:
        """Return the penalty, which may have been set after the fit that checked it."""
        validate_parameter_constraints(
            PENALTY_CONSTRAINT,
            {"seen_penalty": self.seen_penalty},
            caller_name=type(self).__name__,
        )
        # A float of Python leaves float32 what it is, one of numpy would not.
        return float(self.seen_penalty)

    def _penalise(self, scores: NDArray) -> NDArray:
        """Subtract the penalty from the columns of seen classes."""
        penalty = self._current_penalty()
        if not penalty:
            return scores
        if abs(penalty) > LARGEST_SINGLE_PENALTY:
            # In single precision it would swallow the order among the seen classes.
            scores = scores.astype(np.float64)
        return np.where(self._is_seen_column, scores - penalty, scores)

    def _find_best(self, scores: NDArray) -> NDArray[np.intp]:
        """Return the columns with the highest scores after the penalty."""
        penalty, is_seen = self._current_penalty(), self._is_seen_column
        if abs(penalty) <= LARGEST_SINGLE_PENALTY or is_seen.all() or not is_seen.any():
            return self._penalise(scores).argmax(axis=1)
        # The best class of each side does not depend on the penalty, however large it is.
        seen, unseen = (
            columns[scores[:, columns].argmax(axis=1)]
            for columns in (np.flatnonzero(is_seen), np.flatnonzero(~is_seen))
        )
        rows = np.arange(len(scores))
        lead = scores[rows, seen].astype(np.float64) - penalty - scores[rows, unseen]
        # Ties go to the lower column, as they do in argmax.
        return np.where((lead > 0) | ((lead == 0) & (seen < unseen)), seen, unseen)

    @property
    def _is_seen_column(self) -> NDArray[np.bool_]:
        return np.isin(self.classes_, self.seen_classes_)

    @fitted_method
    def decision_function(self, X: ArrayLike) -> NDArray:
        """Compute the scores of all classes, those of seen ones less `seen_penalty`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples,)
            Scores in the order of `classes_`, float64 where the size of `seen_penalty` exceeds
            128. With two classes the difference between the scores of ``classes_[1]`` and
            ``classes_[0]``. Scores beside which a penalty is so large that float64 cannot hold
            both tie; :meth:`predict` tells the classes apart by their order without it.
        """
        scores = self._map_rows(lambda rows: self._penalise(self._score_classes(rows)), X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    @fitted_method
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
        best = self._map_rows(lambda rows: self._find_best(self._score_classes(rows)), X)
        return self.classes_[best]

    @fitted_method
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: None = None) -> float:
        """Return the harmonic mean of the per-class accuracies on seen and unseen classes.

        Where only one of the two kinds of classes is told apart, without embeddings of unseen
        classes or with ``label_space="unseen"``, the score is the per-class accuracy on rows of
        these classes; rows of other known ones do not count.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of seen and of unseen classes.

        y : array-like of shape (n_samples,)
            Their labels.

        sample_weight : None, default=None
            Not supported, exists for API compatibility: every class counts alike.

        Returns
        -------
        float
            H or the per-class accuracy, between 0 and 1.

        Raises
        ------
        ValueError
            If `y` holds no seen or no unseen class, or one that the model does not know; if there
            are weights.
        """
        if sample_weight is not None:
            raise ValueError(
                "score takes no sample_weight, because every class counts alike, whatever its "
                "number of rows. Leave it out."
            )
        check_is_fitted(self)
        is_scored = find_told_apart(y, self.classes_, self.seen_classes_)
        predicted = self.predict(X)
        check_lengths(X=predicted, y=is_scored)
        if self._is_seen_column.any() and len(self.unseen_classes_):
            return harmonic_mean_score(y, predicted, seen_classes=self.seen_classes_)
        return per_class_accuracy_score(np.asarray(y)[is_scored], predicted[is_scored])
