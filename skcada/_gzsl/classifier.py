"""Generalized zero-shot classification on sampled latents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, _fit_context
from sklearn.callback import CallbackSupportMixin
from sklearn.frozen import FrozenEstimator
from sklearn.utils import _safe_indexing, check_random_state, gen_batches
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skcada._base.estimator import DocLinkMixin, atomic_fit, clone_seeded
from skcada._classes.embeddings import ClassEmbeddings, choose_class_embeddings, embeddings_of
from skcada._classes.roles import find_told_apart, find_unseen, warn_of_equal_descriptions
from skcada._gzsl.cache import fit_or_load
from skcada._gzsl.diagnostics import check_sides
from skcada._gzsl.final_classifier import (
    check_classes,
    check_classifier,
    score_classes,
    train_classifier,
)
from skcada._gzsl.latent_set import CHUNK_SIZE, LatentSet, check_samples_per_class
from skcada._gzsl.softmax import SoftmaxClassifier
from skcada.alignment._cada_vae import CADAVAETransformer
from skcada.metrics import gzsl_scores, per_class_accuracy_score


def _classifier_has(method: str) -> Callable[[GZSLClassifier], bool]:
    def check(self: GZSLClassifier) -> bool:
        classifier = getattr(self, "classifier_", self.classifier)
        return classifier is None or hasattr(classifier, method)

    return check


class GZSLClassifier(
    DocLinkMixin, CallbackSupportMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator
):
    """Classifier of seen and unseen classes by aligned latents (CADA-VAE).

    A transformer maps features and class embeddings into one latent space. Latents sampled from
    the features of seen classes and from the embeddings of unseen ones then train an ordinary
    classifier of all classes; rows to predict enter it as latent means [1]_.

    Parameters
    ----------
    transformer : estimator or None, default=None
        Maps features and class embeddings to latents. None is
        :class:`~skcada.CADAVAETransformer` with default settings. A
        :class:`~sklearn.frozen.FrozenEstimator` of a fitted one skips its training, so that
        classes can be added in seconds.

    classifier : estimator or None, default=None
        The final classifier, any one with `decision_function` or `predict_proba`. None is
        :class:`~skcada.SoftmaxClassifier` with default settings.

    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        One description, a vector, of every class, seen or unseen: a DataFrame indexed by class
        label, a dict of class label to vector, or an array whose row i describes class i. A dict
        of modality name to one of these gives several kinds of description, each of which may
        cover only some classes. None takes that of the `transformer`; where that has none too,
        classes are one-hot and none is unseen, which makes this an ordinary classifier.

    samples_per_class : tuple or list of two int, default=(200, 400)
        Number of latents that the classifier is trained on, for each seen and for each unseen
        class. Their ratio moves the balance between seen and unseen classes.

    resample : bool, default=False
        Whether to draw new latents for every epoch of the classifier, the *dynamic* set of [1]_,
        instead of the same ones. The classifier must have `partial_fit`, which is called
        `max_iter` times, a parameter of it.

    unseen_classes : array-like or None, default=None
        Labels of classes whose rows in `X`, if there are any, are few-shot examples: they do not
        train the transformer, and replace half of the latents that are drawn from the embedding
        of their class. Classes without rows are unseen in any case.

    label_space : {"all", "unseen"}, default="all"
        The classes to tell apart: all of them (generalized zero-shot learning), or the unseen
        ones only (zero-shot learning).

    seen_penalty : float, default=0.0
        Subtracted from the scores of seen classes (calibrated stacking [2]_), in units of
        :meth:`decision_function`. Positive values favour unseen classes.

    memory : str, object with the joblib.Memory interface or None, default=None
        A folder to keep fitted transformers in, so that a search over other parameters trains each
        distinct transformer once. A change of the data, of the embeddings or of the transformer's
        parameters makes it train anew.

    random_state : int, RandomState instance or None, default=None
        Determines the sampled latents, and seeds `transformer` and `classifier` where their own
        `random_state` is None. Pass an int for reproducible results across calls.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels of the classes that are told apart, sorted.

    seen_classes_ : ndarray of shape (n_seen_classes,)
        Labels of the classes in `y` that are not in `unseen_classes`, sorted.

    unseen_classes_ : ndarray of shape (n_unseen_classes,)
        Labels of the other classes that have an embedding, sorted.

    transformer_ : estimator
        The fitted transformer.

    classifier_ : estimator
        The fitted classifier.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during fit, if `X` has names that are all strings.

    See Also
    --------
    CADAVAETransformer : The latent space alone.
    skcada.metrics.gzsl_scorer : Scores S, U, H and T1 for cross-validation.
    skcada.model_selection.GZSLShuffleSplit : Folds that hold out whole classes.

    Notes
    -----
    An ordinary cross-validator never holds a class out, so that no unseen accuracy can be
    measured. Pass ``cv=GZSLShuffleSplit()`` or ``cv=GZSLKFold()`` to searches.

    References
    ----------
    .. [1] E. Schönfeld, S. Ebrahimi, S. Sinha, T. Darrell, Z. Akata, "Generalized Zero- and
       Few-Shot Learning via Aligned Variational Autoencoders", CVPR 2019.
    .. [2] W.-L. Chao, S. Changpinyo, B. Gong, F. Sha, "An Empirical Study and Analysis of
       Generalized Zero-Shot Learning for Object Recognition in the Wild", ECCV 2016.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import MinMaxScaler
    >>> from skcada import GZSLClassifier
    >>> from skcada.datasets import load_segment_digits
    >>> digits = load_segment_digits()
    >>> X, y = digits.data[digits.trainval], digits.target[digits.trainval]
    >>> model = make_pipeline(
    ...     MinMaxScaler(),
    ...     GZSLClassifier(class_embeddings=digits.class_embeddings, random_state=0),
    ... )
    >>> model.fit(X, y)
    Pipeline(...)
    >>> model.predict(digits.data[digits.test_unseen]).shape == digits.test_unseen.shape
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "transformer": [HasMethods(["fit", "transform", "sample"]), None],
        "classifier": [HasMethods(["fit", "predict"]), None],
        "class_embeddings": ["array-like", "sparse matrix", dict, None],
        "samples_per_class": [tuple, list],
        "resample": ["boolean"],
        "unseen_classes": ["array-like", None],
        "label_space": [StrOptions({"all", "unseen"})],
        "seen_penalty": [Interval(Real, None, None, closed="neither")],
        "memory": [str, HasMethods(["cache"]), None],
        "random_state": ["random_state"],
    }
    # For estimators around this one.
    _seeds_its_parts = True

    def __init__(
        self,
        transformer: Any = None,
        *,
        classifier: Any = None,
        class_embeddings: Any = None,
        samples_per_class: Sequence[int] = (200, 400),
        resample: bool = False,
        unseen_classes: ArrayLike | None = None,
        label_space: Literal["all", "unseen"] = "all",
        seen_penalty: float = 0.0,
        memory: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.transformer = transformer
        self.classifier = classifier
        self.class_embeddings = class_embeddings
        self.samples_per_class = samples_per_class
        self.resample = resample
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.memory = memory
        self.random_state = random_state

    def set_params(self, **params: Any) -> Self:
        """Set parameters of this estimator and of the estimators in it.

        Parameters
        ----------
        **params : dict
            Names and values; ``transformer__gamma`` is `gamma` of `transformer`.

        Returns
        -------
        self : GZSLClassifier
            The classifier.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        for part, default in (
            ("transformer", "CADAVAETransformer"),
            ("classifier", "SoftmaxClassifier"),
        ):
            nested = [name for name in params if name.startswith(f"{part}__")]
            if nested and params.get(part, getattr(self, part)) is None:
                raise ValueError(
                    f"There is no parameter {nested[0]!r}, because {part} is None. Pass "
                    f"{part}={default}() to GZSLClassifier first."
                )
        return super().set_params(**params)

    def _validate_params(self) -> None:
        if isinstance(self.transformer, Mapping | list) or hasattr(self.transformer, "__array__"):
            # It would be printed as a whole.
            raise TypeError(
                f"transformer is a {type(self.transformer).__name__}. Pass class embeddings by "
                "name: GZSLClassifier(class_embeddings=...)."
            )
        super()._validate_params()

    @atomic_fit
    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: ArrayLike, y: ArrayLike, class_embeddings: Any = None) -> Self:
        """Train the transformer and the classifier.

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
        self : GZSLClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            Before any training, if a class in `y` or in `unseen_classes` has no embedding, if
            labels differ in type or occur twice, if an input holds NaN or infinity or is not
            numeric, if `samples_per_class` yields no rows, or if no class is seen or, where only
            unseen ones are to be told apart, unseen; during it, if a loss becomes non-finite.

        Warns
        -----
        CollapseWarning
            If nearly all training latents are predicted to be of unseen classes, or of seen ones,
            or the classifier tells features from embeddings instead of classes.
        """
        rows, labels = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(labels)
        source = choose_class_embeddings(class_embeddings, len(rows), embeddings_of(self))
        if source is None and self.unseen_classes is not None:
            raise ValueError(
                "unseen_classes needs class_embeddings: without them nothing relates an unseen "
                "class to seen ones."
            )
        embeddings = ClassEmbeddings.for_training(source, np.unique(labels))
        is_unseen = find_unseen(embeddings, labels, self.unseen_classes, self.label_space)
        warn_of_equal_descriptions(embeddings, is_unseen)
        is_shot = is_unseen[embeddings.index_of(labels)]
        n_seen, n_unseen = check_samples_per_class(self.samples_per_class)
        random_state = check_random_state(self.random_state)
        transformer = clone_seeded(self.transformer, CADAVAETransformer, random_state)
        classifier = clone_seeded(self.classifier, SoftmaxClassifier, random_state)
        check_classifier(classifier, resample=self.resample)
        only_unseen = self.label_space == "unseen"
        classes = embeddings.classes[is_unseen] if only_unseen else embeddings.classes
        check_classes(classifier, classes)

        context = self._init_callback_context(max_subtasks=2)
        context.call_on_fit_task_begin(estimator=self, X=rows, y=labels)
        self.seen_classes_ = embeddings.classes[~is_unseen]
        self.unseen_classes_ = embeddings.classes[is_unseen]
        self.classes_ = classes
        self._class_embeddings = embeddings

        named = self._with_names(rows, transformer)
        of_seen_rows = named if not is_shot.any() else _safe_indexing(named, ~is_shot)
        determined = transformer
        if self.random_state is None:
            # Seeds that were drawn here are no wish of the user: any fit will do.
            determined = CADAVAETransformer() if self.transformer is None else self.transformer
        self.transformer_ = fit_or_load(
            transformer,
            of_seen_rows,
            labels[~is_shot],
            embeddings,
            memory=self.memory,
            determined=determined,
            estimator=self,
            task=context.subcontext(task_name="fit-transformer"),
        )

        latent_set = LatentSet(
            self.transformer_,
            named,
            labels,
            is_shot,
            embeddings,
            self.unseen_classes_,
            n_seen=0 if only_unseen else n_seen,
            n_unseen=n_unseen,
        )
        self.classifier_ = train_classifier(
            classifier,
            latent_set,
            classes,
            resample=self.resample,
            random_state=random_state,
            estimator=self,
            context=context,
        )
        check_classes(self.classifier_, classes)
        if len(self.unseen_classes_) and not only_unseen:
            check_sides(self._score_latents, np.isin(self.classes_, self.seen_classes_), latent_set)
        context.call_on_fit_task_end(estimator=self, X=rows, y=labels, reconstruction_attributes={})
        return self

    def _with_names(
        self, X: NDArray[np.float32], transformer: Any
    ) -> NDArray[np.float32] | pd.DataFrame:
        """Give validated rows their column names back.

        A frozen transformer may have been fitted with names, and would warn of their absence, or
        without, and would warn of their presence.
        """
        is_frozen = isinstance(transformer, FrozenEstimator)
        knows_names = not is_frozen or hasattr(transformer, "feature_names_in_")
        if not hasattr(self, "feature_names_in_") or not knows_names:
            return X
        return pd.DataFrame(X, columns=self.feature_names_in_, copy=False)

    def _map_latent_means(self, function: Callable[[NDArray], NDArray], X: ArrayLike) -> NDArray:
        """Apply a row-wise function to latent means, some rows at a time."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float32, reset=False)
        result = np.empty(0)
        for chunk in gen_batches(len(rows), CHUNK_SIZE):
            # An array, also where set_output makes the transformer return frames.
            part = self._with_names(rows[chunk], self.transformer_)
            latents = np.asarray(self.transformer_.transform(part))
            of_chunk = function(latents)
            if chunk.start == 0:
                # Parts that are joined at the end would take twice the memory.
                result = np.empty((len(rows), *of_chunk.shape[1:]), dtype=of_chunk.dtype)
            result[chunk] = of_chunk
        return result

    def _score_latents(self, latents: NDArray) -> NDArray:
        scores = score_classes(self.classifier_, latents, len(self.classes_))
        return self._penalise(scores) if self.seen_penalty else scores

    def _penalise(self, scores: NDArray) -> NDArray:
        is_seen = np.isin(self.classes_, self.seen_classes_)
        # A float of Python leaves float32 what it is, one of numpy would not.
        return np.where(is_seen, scores - float(self.seen_penalty), scores)

    def _log_proba_of_latents(self, latents: NDArray) -> NDArray:
        with np.errstate(divide="ignore"):
            log_proba = np.log(self.classifier_.predict_proba(latents))
        return log_softmax(self._penalise(log_proba), axis=1) if self.seen_penalty else log_proba

    def decision_function(self, X: ArrayLike) -> NDArray:
        """Compute the scores of all classes, those of seen ones less `seen_penalty`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples,)
            Decision function of the classifier, or log-probabilities where it has none, in the
            order of `classes_`. With two classes the difference between the scores of
            ``classes_[1]`` and ``classes_[0]``.
        """
        scores = self._map_latent_means(self._score_latents, X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

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
        best = self._map_latent_means(lambda z: self._score_latents(z).argmax(axis=1), X)
        return self.classes_[best]

    @available_if(_classifier_has("predict_proba"))
    def predict_log_proba(self, X: ArrayLike) -> NDArray:
        """Predict logarithms of class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Log-probabilities, in the order of `classes_`. The odds of seen classes are divided
            by the exponential of `seen_penalty`.
        """
        return self._map_latent_means(self._log_proba_of_latents, X)

    @available_if(_classifier_has("predict_proba"))
    def predict_proba(self, X: ArrayLike) -> NDArray:
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of `classes_`. The odds of seen classes are divided by
            the exponential of `seen_penalty`.
        """
        if self.seen_penalty:
            return self._map_latent_means(lambda z: np.exp(self._log_proba_of_latents(z)), X)
        return self._map_latent_means(lambda z: self.classifier_.predict_proba(z), X)

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
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

        Returns
        -------
        float
            H or the per-class accuracy, between 0 and 1.

        Raises
        ------
        ValueError
            If `y` holds no seen or no unseen class, or one that the model does not know.
        """
        tells_seen = np.isin(self.seen_classes_, self.classes_).any()
        if tells_seen and len(self.unseen_classes_):
            return gzsl_scores(
                y,
                self._map_latent_means(self._score_latents, X),
                classes=self.classes_,
                seen_classes=self.seen_classes_,
            )["H"]
        is_scored = find_told_apart(y, self.classes_, self.seen_classes_)
        return per_class_accuracy_score(np.asarray(y)[is_scored], self.predict(X)[is_scored])
