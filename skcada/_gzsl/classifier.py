"""Generalized zero-shot classification on sampled latents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from skcada._base.classifier import GZSLClassifierMixin
from skcada._base.epochs import FitTask, refuse_unseeded_checkpoints
from skcada._base.estimator import (
    DocLinkMixin,
    clone_seeded,
    fit_method,
    fitted_method,
    validate_rows,
)
from skcada._base.state import PlainStateMixin
from skcada._classes.roles import LabelSpace
from skcada._gzsl.cache import fit_or_load
from skcada._gzsl.diagnostics import warn_if_one_sided
from skcada._gzsl.final_classifier import (
    check_classes,
    check_classifier,
    score_classes,
    train_classifier,
)
from skcada._gzsl.latent_set import LatentSet, check_samples_per_class
from skcada._gzsl.similarity import SimilarityScorer, check_aligner, make_similarity_scorer
from skcada._gzsl.softmax import SoftmaxClassifier
from skcada._sklearn import CallbackSupportMixin, HasMethods, StrOptions, _safe_indexing
from skcada.alignment import CADAVAETransformer


def _classifier_has(method: str) -> Callable[[GZSLClassifier], bool]:
    def check(self: GZSLClassifier) -> bool:
        classifier = getattr(self, "classifier_", self.classifier)
        return classifier is None or hasattr(classifier, method)

    return check


class GZSLClassifier(
    DocLinkMixin,
    PlainStateMixin,
    CallbackSupportMixin,
    MetaEstimatorMixin,
    GZSLClassifierMixin,
    BaseEstimator,
):
    """Classifier of seen and unseen classes by sampled latents, by default those of CADA-VAE.

    A transformer maps features and class embeddings into one latent space. Latents sampled from
    the features of seen classes and from the embeddings of unseen ones then train an ordinary
    classifier of all classes; rows to predict enter it as latent means [1]_.

    Parameters
    ----------
    transformer : estimator or None, default=None
        Maps features and class embeddings to latents: any estimator with the methods of
        :class:`~skcada.alignment.LatentSource`. None is :class:`~skcada.CADAVAETransformer` with
        default settings. A :class:`~sklearn.frozen.FrozenEstimator` of a fitted one skips its
        training, so that classes can be added in seconds.

    classifier : estimator, "similarity" or None, default=None
        The final classifier, any one with `decision_function` or `predict_proba`. None is
        :class:`~skcada.SoftmaxClassifier` with default settings. "similarity" trains none: the
        score of a class is the inner product of the latent of a row with that of the class
        embedding, for which the transformer must be an :class:`~skcada.alignment.Aligner`. A class
        with several kinds of description has the mean of their latents. Nothing is sampled then, so
        that `samples_per_class` and `resample` play no role, and scores are no log-odds, so that
        there is no `predict_proba`.

    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        One description, a vector, of every class, seen or unseen: a pandas DataFrame indexed by
        class label, a DataFrame of another library with one column of text, the labels, a dict of
        class label to vector, or an array whose row i describes class i. A dict of modality name
        to one of these gives several kinds of description, each of which may cover only some
        classes. None takes those of the `transformer`: if it is frozen, those that it was fitted
        with. Where it has none either, nothing relates classes and none is unseen, which makes
        this an ordinary classifier.

    samples_per_class : tuple or list of two int, default=(200, 400)
        Number of latents that the classifier is trained on, for each seen and for each unseen
        class. Their ratio moves the balance between seen and unseen classes. With
        ``label_space="unseen"`` the first one plays no role. None as the first one takes one
        latent of each row, however many rows a class has.

    resample : bool, default=False
        Whether to draw new latents for every epoch of the classifier, the *dynamic* set of [1]_,
        instead of the same ones. The classifier must have `partial_fit` and a parameter
        `max_iter`, the number of epochs.

    unseen_classes : array-like or None, default=None
        Labels of classes whose rows in `X`, if there are any, are few-shot examples: they do not
        train the transformer, and replace half of the latents that are drawn from the embedding
        of their class; with ``classifier="similarity"`` the latent of the class is the mean of that
        of its embedding and the mean one of its shots. Classes without rows are unseen in any case.

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

    class_embeddings_ : DataFrame, dict of str to DataFrame, or None
        The class embeddings of all classes, indexed by class label and sorted; one table per
        modality where there are several. None where none were given.

    transformer_ : estimator
        The fitted transformer.

    classifier_ : estimator
        The fitted classifier. With ``classifier="similarity"`` an object with the `classes_` and
        their latents, `class_codes_`.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during fit, if `X` has names that are all strings.

    See Also
    --------
    CADAVAETransformer : The latent space alone.
    skcada.alignment.LatentSource : What a transformer must have.
    skcada.compatibility.ESZSLClassifier : Scores features against embeddings in closed form.
    skcada.metrics.gzsl_scorer : Scores S, U, H, T1 and AUSUC for cross-validation.
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
    >>> from skcada import GZSLClassifier
    >>> from skcada.datasets import load_segment_digits
    >>> digits = load_segment_digits()
    >>> X, y = digits.data[digits.trainval], digits.target[digits.trainval]
    >>> model = GZSLClassifier(class_embeddings=digits.class_embeddings, random_state=0)
    >>> model.fit(X, y)
    GZSLClassifier(...)
    >>> model.predict(digits.data[digits.test_unseen]).shape == digits.test_unseen.shape
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        **GZSLClassifierMixin._parameter_constraints,
        "transformer": [HasMethods(["fit", "transform", "sample"]), None],
        "classifier": [HasMethods(["fit", "predict"]), StrOptions({"similarity"}), None],
        "samples_per_class": [tuple, list],
        "resample": ["boolean"],
        "memory": [str, HasMethods(["cache"]), None],
        "random_state": ["random_state"],
    }
    # Read by clone_seeded where another estimator wraps this one.
    _seeds_its_parts = True

    _private_parts: ClassVar[dict] = {"classifier_": SimilarityScorer}

    def __init__(
        self,
        transformer: Any = None,
        *,
        classifier: Any = None,
        class_embeddings: Any = None,
        samples_per_class: Sequence[int | None] = (200, 400),
        resample: bool = False,
        unseen_classes: ArrayLike | None = None,
        label_space: LabelSpace = "all",
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
            Names and values; ``transformer__gamma`` is `gamma` of `transformer`. Where that is
            None, the default that it stands for takes its place first, and likewise `classifier`.

        Returns
        -------
        self : GZSLClassifier
            The classifier.

        Raises
        ------
        ValueError
            If there is no such parameter.

        Examples
        --------
        >>> from skcada import GZSLClassifier
        >>> GZSLClassifier().set_params(transformer__gamma=1.0).transformer
        CADAVAETransformer(gamma=1.0)
        """
        defaults = {"transformer": CADAVAETransformer, "classifier": SoftmaxClassifier}
        for part, default in defaults.items():
            prefix = f"{part}__"
            names = [name for name in params if name.startswith(prefix)]
            if names and isinstance(params.get(part, getattr(self, part)), str):
                raise ValueError(
                    f"{names[0]} is a parameter of an estimator, but {part} is "
                    f"{params.get(part, getattr(self, part))!r}, which has none. Leave it out."
                )
            if names and params.get(part, getattr(self, part)) is None:
                nested = {name.removeprefix(prefix): params.pop(name) for name in names}
                params[part] = default().set_params(**nested)
        return super().set_params(**params)

    def _validate_params(self) -> None:
        if isinstance(self.transformer, Mapping | list) or hasattr(self.transformer, "__array__"):
            # It would be printed as a whole.
            raise TypeError(
                f"transformer is a {type(self.transformer).__name__}. Pass class embeddings by "
                "name: GZSLClassifier(class_embeddings=...)."
            )
        super()._validate_params()

    @fit_method(prefer_skip_nested_validation=False)
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
            numeric, if `samples_per_class` yields no rows, if the transformer has no latents of
            class embeddings that similarity needs, if no class is left to be seen or, with
            ``label_space="unseen"``, none is unseen; during it, if a loss or a latent is not
            finite.

        TypeError
            If `transformer` is a table of class embeddings.

        Warns
        -----
        CollapseWarning
            If nearly all training latents are predicted to be of unseen classes, or of seen ones,
            or the classifier tells features from embeddings instead of classes.
        """
        rows, labels = validate_rows(self, X, y)
        roles = self._resolve_roles(labels, class_embeddings)
        n_seen, n_unseen = check_samples_per_class(self.samples_per_class)
        refuse_unseeded_checkpoints(self)
        random_state = check_random_state(self.random_state)
        transformer = clone_seeded(self._given_transformer(), random_state)
        classifier = SoftmaxClassifier() if self.classifier is None else self.classifier
        # An estimator may compare to a text in a way of its own.
        is_trained = not isinstance(classifier, str)
        if is_trained:
            classifier = clone_seeded(classifier, random_state)
            check_classifier(classifier, resample=self.resample)
            check_classes(classifier, roles.classes)
        else:
            check_aligner(transformer)
        task = FitTask.start(self, rows, labels, max_subtasks=2)
        # Before the training: callbacks may predict by a classifier that is half trained.
        self._set_roles(roles)

        named = self._name_rows(rows, transformer)
        is_shot = roles.is_shot(labels)
        self.transformer_ = fit_or_load(
            transformer,
            # Selecting all rows would copy them.
            _safe_indexing(named, ~is_shot) if is_shot.any() else named,
            labels[~is_shot],
            roles.embeddings,
            memory=self.memory,
            parameters=self._distinguishing_parameters(transformer),
            task=task.part("fit-transformer"),
        )
        if not is_trained:
            self.classifier_: Any = make_similarity_scorer(self.transformer_, named, labels, roles)
            task.part("fit-classifier").skip()
            task.finish()
            return self
        latent_set = LatentSet(
            self.transformer_,
            named,
            labels,
            roles,
            n_seen=0 if roles.label_space == "unseen" else n_seen,
            n_unseen=n_unseen,
        )
        self.classifier_ = train_classifier(
            classifier, latent_set, resample=self.resample, random_state=random_state, task=task
        )
        # A pipeline or a search in its place may know others.
        check_classes(self.classifier_, roles.classes)
        if len(roles.unseen) and roles.label_space == "all":
            warn_if_one_sided(
                lambda z: self._penalise(self._score_latents(z)), self._is_seen_column, latent_set
            )
        task.finish()
        return self

    def _inherited_embeddings(self) -> Any:
        """Return those of the transformer: if it is frozen, what it was fitted with."""
        is_frozen = isinstance(self.transformer, FrozenEstimator)
        if is_frozen and hasattr(self.transformer, "class_embeddings_"):
            return self.transformer.class_embeddings_
        return getattr(self.transformer, "class_embeddings", None)

    def _distinguishing_parameters(self, transformer: Any) -> dict[str, Any]:
        """Return the parameters by which fits of the transformer are told apart in a cache."""
        if self.random_state is None:
            # The user set no seed, so that a cached fit with any seed is as good.
            transformer = self._given_transformer()
        return transformer.get_params()

    def _given_transformer(self) -> Any:
        return CADAVAETransformer() if self.transformer is None else self.transformer

    def _name_rows(self, X: NDArray[np.float32], transformer: Any) -> NDArray | pd.DataFrame:
        """Give validated rows their column names back, where the transformer knows them.

        A frozen one may have been fitted with names, and would warn of their absence, or without,
        and would warn of their presence.
        """
        is_frozen = isinstance(transformer, FrozenEstimator)
        knows_names = not is_frozen or hasattr(transformer, "feature_names_in_")
        if not knows_names or not hasattr(self, "feature_names_in_"):
            return X
        return pd.DataFrame(X, columns=self.feature_names_in_, copy=False)

    def _encode(self, X: NDArray[np.float32]) -> NDArray:
        # An array, also where set_output makes the transformer return frames.
        return np.asarray(self.transformer_.transform(self._name_rows(X, self.transformer_)))

    def _score_classes(self, X: NDArray[np.float32]) -> NDArray:
        return self._score_latents(self._encode(X))

    def _score_latents(self, latents: NDArray) -> NDArray:
        return score_classes(self.classifier_, latents, len(self.classes_))

    def _log_proba(self, X: NDArray[np.float32]) -> NDArray:
        with np.errstate(divide="ignore"):
            log_proba = np.log(self.classifier_.predict_proba(self._encode(X)))
        if not self._current_penalty():
            return log_proba
        return log_softmax(self._penalise(log_proba), axis=1)

    @available_if(_classifier_has("predict_proba"))
    @fitted_method
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
        return self._map_rows(self._log_proba, X)

    @available_if(_classifier_has("predict_proba"))
    @fitted_method
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
        if self._current_penalty():
            return self._map_rows(lambda rows: np.exp(self._log_proba(rows)), X)
        return self._map_rows(lambda rows: self.classifier_.predict_proba(self._encode(rows)), X)
