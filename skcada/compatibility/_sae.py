"""The classifier known as SAE: a linear autoencoder whose code is the class embedding."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh

from skcada._base.epochs import FitTask
from skcada._base.scaling import unit_rows
from skcada._classes.roles import ClassRoles
from skcada._intervals import Interval
from skcada._sklearn import StrOptions
from skcada.compatibility._base import BaseCompatibilityClassifier
from skcada.compatibility._held_out import HeldOutFold, choose
from skcada.compatibility._training_set import TrainingSet, compute_gram, sum_by_class

# What "auto" tries, in multiples of the ratio of the mean eigenvalues of both Gram matrices, so
# that neither the scale of rows and embeddings nor the number of rows matters.
GRID = 10.0 ** np.arange(-3, 3.5, 0.5)


class SAEClassifier(BaseCompatibilityClassifier):
    r"""Project features onto class embeddings by a linear autoencoder, in closed form.

    "Semantic autoencoder for zero-shot learning" [1]_, SAE for short. A matrix :math:`W` encodes
    rows as the embeddings of their classes, and its transpose decodes these to the rows. It takes
    as little time as :class:`ESZSLClassifier`.

    Parameters
    ----------
    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        The side information about every class, seen and unseen: a DataFrame indexed by class
        label, an array whose row i belongs to class i, a dict of class label to vector, or a dict
        of modality name to one of these. Modalities are scaled one by one and put side by side,
        and every class needs all of them. None describes each class by nothing but its identity.

    regularization : float or "auto", default="auto"
        The :math:`\lambda` of the encoder's error, beside that of the decoder. Near zero, the
        decoder is a regression from embeddings to features; if it is large, the encoder is one from
        features to embeddings.

    comparison_space : {"embeddings", "features"}, default="embeddings"
        Where rows and classes are compared: encoded rows with class embeddings, or rows with
        decoded class embeddings.

    feature_scaling : {"unit", "raw"}, default="unit"
        "unit" scales each row to length one and subtracts the mean of the training rows, "raw"
        takes features as they are.

    embedding_scaling : {"unit", "raw"}, default="unit"
        "unit" subtracts the mean embedding of the seen classes and scales each class embedding to
        length one, "raw" takes embeddings as they are.

    unseen_classes : array-like of shape (n_unseen_classes,) or None, default=None
        Classes that count as unseen although `y` has rows of them, which train the model as all
        rows do. Classes without rows are unseen in any case.

    label_space : {"all", "unseen"}, default="all"
        The classes to tell apart: all, or only the unseen ones.

    seen_penalty : float, default=0.0
        Number that is subtracted from the scores of seen classes.

    cv : int, cross-validator, iterable or None, default=None
        The folds on which "auto" chooses. They must hold out whole classes, and rows of other
        classes. None is ``GZSLShuffleSplit(3)``, for the sake of time with a single split where
        there are 100 or more seen classes and more than 1000 features. Few-shot rows are in every
        training fold and in no test fold. Without class embeddings it has no effect.

    random_state : int, RandomState instance or None, default=None
        Controls the folds where `cv` is None.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The sorted labels of the classes that are told apart.

    seen_classes_ : ndarray of shape (n_seen_classes,)
        The sorted labels of the classes in `y` that are not in `unseen_classes`.

    unseen_classes_ : ndarray of shape (n_unseen_classes,)
        The sorted labels of the other classes that have an embedding.

    class_embeddings_ : DataFrame, dict of str to DataFrame, or None
        The class embeddings of all classes, indexed by class label and sorted; one table per
        modality where there are several. None where none were given.

    encoder_ : ndarray of shape (n_dimensions, n_features)
        The matrix :math:`W`, whose transpose is the decoder.

    feature_mean_ : ndarray of shape (n_features,)
        What is subtracted from scaled rows; zero if `feature_scaling` is "raw".

    scaled_embeddings_ : ndarray of shape (n_classes, n_dimensions)
        Scaled class embeddings, in the order of `classes_`. The scores of rows ``x`` of unit
        length are the cosine similarities of ``(x - feature_mean_) @ encoder_.T`` with them, or of
        ``x - feature_mean_`` with ``scaled_embeddings_ @ encoder_``, divided by `mean_lead_`. A
        vector of zeros has a similarity of zero.

    mean_lead_ : float
        How far the score of the own class lies above the mean of the classes with rows, on average
        over the training rows and before the division. Where it does not, 1. Of more than 4096
        rows, some from all over the data are taken.

    regularization_ : float
        The value that was given or chosen.

    cv_results_ : dict of str to ndarray of shape (n_candidates,)
        The values that "auto" chose from, to be made a DataFrame: ``"regularization"``, the same in
        all folds, the AUSUC on each, ``"split0_test_score"`` and so on, and ``"mean_test_score"``,
        which is NaN where there was no fold.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they were strings.

    See Also
    --------
    ESZSLClassifier : A bilinear form with two regularizations, in closed form as well.
    skcada.model_selection.TunedSeenPenaltyClassifierCV : Choose `seen_penalty`.

    Notes
    -----
    With rows as the columns of :math:`X` and the embeddings of their classes as those of
    :math:`B`, it minimises :math:`\|X - W^\top B\|^2 + \lambda \|W X - B\|^2`, which the solution
    of a Sylvester equation does:

    .. math:: B B^\top W + \lambda W X X^\top = (1 + \lambda) B X^\top.

    The eigenvectors of both Gram matrices turn it into one division per entry of :math:`W`, so that
    every :math:`\lambda` costs a few matrix products. Directions that neither the rows nor the
    embeddings have get no weight.

    "auto" compares 13 values, powers of the root of ten from 1e-3 to 1e3 times the ratio of the
    mean eigenvalues of :math:`B B^\top` and :math:`X X^\top` (of those that can differ from zero).
    It takes the one with the best mean AUSUC on the folds (see
    :func:`~skcada.metrics.seen_unseen_auc_score`), and among equals the one nearest to the middle
    of the grid. Without class embeddings, or where `cv` is None and there are too few classes or
    rows to hold some out, it is the middle, the ratio itself.

    On held-out classes, a comparison of embeddings had the higher AUSUC on CUB described by
    sentences (.29 to .23) and on accented letters (.82 to .73), one of features on CUB described by
    attributes (.15 to .14) and on emoji (.20 to .18). Unit embeddings were as good as raw ones or
    better for a comparison of embeddings, and no better for one of features. The published form
    has neither centred rows nor centred embeddings. Which settings and which direction the authors
    used in each experiment could not be verified, and the published results have not been
    reproduced here. The harmonic means that were published are 13.6 on CUB, 11.8 on SUN, 3.5 on
    AWA1 and 2.2 on AWA2, in percent; a later public implementation reports 24.6, 23.6, 25.0 and
    22.4 for a comparison of features.

    References
    ----------
    .. [1] E. Kodirov, T. Xiang and S. Gong, "Semantic autoencoder for zero-shot learning", CVPR,
       2017.

    Examples
    --------
    >>> from skcada.compatibility import SAEClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> model = SAEClassifier(class_embeddings=problem.class_embeddings, random_state=0)
    >>> model.fit(X, y).predict(problem.data[problem.test_unseen]).shape
    (400,)
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseCompatibilityClassifier._parameter_constraints,
        "regularization": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "comparison_space": [StrOptions({"features", "embeddings"})],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        regularization: float | Literal["auto"] = "auto",
        comparison_space: Literal["features", "embeddings"] = "embeddings",
        feature_scaling: Literal["unit", "raw"] = "unit",
        embedding_scaling: Literal["unit", "raw"] = "unit",
        unseen_classes: ArrayLike | None = None,
        label_space: Literal["all", "unseen"] = "all",
        seen_penalty: float = 0.0,
        cv: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.class_embeddings = class_embeddings
        self.regularization = regularization
        self.comparison_space = comparison_space
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.random_state = random_state

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        # The solution lies in the span of the rows, where few rows need as few coordinates.
        basis, reduced = data.in_span()
        equation = SylvesterEquation.from_rows(reduced)
        lambda_ = self._choose_lambda(equation, reduced, labels, roles)
        encoder = equation.solve(lambda_)
        # Also after the parameter is set for the next fit.
        self._fitted_space = self.comparison_space
        self.encoder_ = encoder if basis is None else encoder @ basis.T
        self.mean_lead_ = self._measure_lead(data, self._score_vectors)

    def _choose_lambda(
        self, equation: SylvesterEquation, data: TrainingSet, labels: NDArray, roles: ClassRoles
    ) -> float:
        """Choose lambda from the grid or from what is given, and publish it."""
        is_chosen = self.regularization == "auto"
        lambdas = GRID * equation.balance if is_chosen else np.array([float(self.regularization)])
        folds = self._hold_out(data, labels, roles, is_wanted=is_chosen)
        scores = [self._score_lambdas(fold, lambdas) for fold in folds]
        best, self.cv_results_ = choose({"regularization": lambdas}, scores)
        self.regularization_ = float(lambdas[best])
        return self.regularization_

    def _score_lambdas(self, fold: HeldOutFold, lambdas: NDArray) -> list[float]:
        """Return the AUSUC of each regularization on a fold."""
        equation = SylvesterEquation.from_rows(fold.training)
        encoders = (equation.solve(lambda_) for lambda_ in lambdas)
        return [
            fold.score(compare(encoder, fold.tested, fold.vectors, self.comparison_space))
            for encoder in encoders
        ]

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float64]:
        return compare(self.encoder_, rows, vectors, self._fitted_space)


def compare(encoder: NDArray, rows: NDArray, vectors: NDArray, space: str) -> NDArray[np.float64]:
    """Return cosine similarities of rows and vectors in the space of features or embeddings."""
    if space == "features":
        vectors = vectors @ encoder
    else:
        rows = rows @ encoder.T
    return unit_rows(rows) @ unit_rows(vectors).T


@dataclass(frozen=True, eq=False)
class SylvesterEquation:
    """The equation B B' W + lambda W X X' = (1 + lambda) B X', in the bases that diagonalise it.

    B has the embedding of the class of each row, and X the rows, both as columns. `codes` and
    `features` are the eigenvectors of B B' and X X', as columns, beside their eigenvalues, and
    `targets` is B X' in these bases.
    """

    codes: NDArray
    code_eigenvalues: NDArray
    features: NDArray
    feature_eigenvalues: NDArray
    targets: NDArray
    balance: float

    @classmethod
    def from_rows(cls, data: TrainingSet) -> Self:
        """Set up the equation from rows, their classes and the vectors of all classes."""
        trained, members = data.members
        rows, vectors = data.rows, data.vectors[trained]
        gram = compute_gram(rows)
        code_gram = (vectors.T * np.bincount(members)) @ vectors
        code_eigenvalues, codes = eigh(code_gram, driver="evd", check_finite=False)
        feature_eigenvalues, features = eigh(gram, driver="evd", check_finite=False)
        means = (
            code_gram.trace() / min(vectors.shape),
            gram.trace() / min(rows.shape),
        )
        return cls(
            codes,
            code_eigenvalues.clip(0.0),
            features,
            feature_eigenvalues.clip(0.0),
            np.linalg.multi_dot([codes.T, vectors.T, sum_by_class(rows, members), features]),
            means[0] / means[1] if min(means) > 0.0 else 1.0,
        )

    def solve(self, lambda_: float) -> NDArray:
        """Return W, of shape (n_dimensions, n_features)."""
        sums = self.code_eigenvalues[:, np.newaxis] + lambda_ * self.feature_eigenvalues
        # Directions that neither rows nor embeddings have carry nothing but rounding.
        least = sums.max(initial=0.0) * max(sums.shape) * np.finfo(float).eps
        is_rounding = sums <= least
        weights = (1 + lambda_) * self.targets / np.where(is_rounding, 1.0, sums)
        weights[is_rounding] = 0.0
        return np.linalg.multi_dot([self.codes, weights, self.features.T])
