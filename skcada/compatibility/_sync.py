"""The classifier known as SynC: classifiers of unseen classes are made of those of seen ones."""

from __future__ import annotations

from itertools import product
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada._intervals import Interval
from skcada._nn.ranking import one_versus_other, structured_hinge
from skcada._sklearn import StrOptions
from skcada._training.convex import LinearLoss, fit_linear_classifiers
from skcada.compatibility._base import BaseCompatibilityClassifier
from skcada.compatibility._held_out import HeldOutFold, choose
from skcada.compatibility._synthesis import compare, invert, median_distance
from skcada.compatibility._training_set import TrainingSet, check_squares, sum_by_class
from skcada.exceptions import warn_user

# What "auto" tries. Regularizations are in multiples of the mean eigenvalue of the covariance of
# the rows, so that the scale of these does not matter. The best pairs of real data lie inside.
REGULARIZATIONS = 10.0 ** np.arange(-4, 3)
SIMILARITY_SCALES = 2.0 ** np.arange(-5, 6)
# Ten times as much moved the AUSUC of the fits that it chose on CUB by .03.
TOL_OF_FOLDS = 1e-3
# The constant feature that stands for an intercept, in multiples of the length of a row. The
# smaller it is, the more the intercept is regularized.
CONSTANT = 0.15


class SynCClassifier(BaseCompatibilityClassifier):
    r"""Make classifiers of unseen classes from those of seen classes with similar embeddings.

    "Synthesized classifiers for zero-shot learning" [1]_, SynC for short. A linear classifier is
    trained for each class with rows. The classifier of any class is a mean of phantom classifiers,
    one on the embedding of each of these classes, weighted by how similar the embeddings are.

    Parameters
    ----------
    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        The side information about every class, seen and unseen: a DataFrame indexed by class
        label, an array whose row i belongs to class i, a dict of class label to vector, or a dict
        of modality name to one of these. Modalities are scaled one by one and put side by side,
        and every class needs all of them. None describes each class by nothing but its identity,
        which makes an ordinary linear classifier.

    loss : {"one-versus-other", "crammer-singer", "structured"}, default="one-versus-other"
        What trains the classifiers of classes with rows: squared hinges of one binary classifier
        per class, the largest hinge of any class with a margin of 1, or the same with the distance
        of both class embeddings as the margin, in units of `distance_unit_`. The last two have
        kinks, so that L-BFGS takes longer and ends near the minimum, not at it.

    regularization : float or "auto", default="auto"
        The :math:`\lambda` of the squared weights, beside a mean over rows. One versus other is a
        mean over classes as well, and needs smaller values.

    similarity_scale : float or "auto", default="auto"
        The :math:`\tau` of squared distances in units of `distance_unit_`. The larger it is, the
        more a class takes after its nearest neighbour alone.

    max_iter : int, default=1000
        The most iterations of L-BFGS.

    tol : float, default=1e-5
        L-BFGS ends where no entry of the gradient exceeds `tol` times the largest one that zero
        weights have, or where an iteration lowers the loss, which is 1 for zero weights, by less
        than ``tol / 100``.

    feature_scaling : {"unit", "raw"}, default="unit"
        "unit" scales each row to length one, subtracts the mean of the training rows, and gives
        the classifiers an intercept instead of it. "raw" takes features as they are, without an
        intercept.

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
        Controls the folds where `cv` is None. Training draws nothing.

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

    coef_ : ndarray of shape (n_classes, n_features)
        The weights of the classifier of each of `classes_`. The scores of rows ``x`` of unit
        length are ``(x - feature_mean_) @ coef_.T + intercept_`` divided by `mean_lead_`.

    intercept_ : ndarray of shape (n_classes,)
        The intercepts of these classifiers; zero if `feature_scaling` is "raw".

    phantoms_ : ndarray of shape (n_trained_classes, n_features)
        The weights of the phantom classifiers, in the order of the sorted classes in `y`.

    phantom_intercepts_ : ndarray of shape (n_trained_classes,)
        Their intercepts.

    phantom_embeddings_ : ndarray of shape (n_trained_classes, n_dimensions)
        Where phantoms lie: the scaled embeddings of the classes in `y`, divided by
        `distance_unit_`.

    distance_unit_ : float
        The median distance of the scaled embeddings of the classes in `y`, pairs without any left
        out; 1 if there are no others.

    feature_mean_ : ndarray of shape (n_features,)
        What is subtracted from scaled rows; zero if `feature_scaling` is "raw".

    scaled_embeddings_ : ndarray of shape (n_classes, n_dimensions)
        Scaled class embeddings, in the order of `classes_`.

    mean_lead_ : float
        How far the score of the own class lies above the mean of the classes with rows, on average
        over the training rows and before the division. Where it does not, 1. Of more than 4096
        rows, some from all over the data are taken.

    regularization_, similarity_scale_ : float
        The values that were given or chosen.

    cv_results_ : dict of str to ndarray of shape (n_pairs,)
        The pairs that "auto" chose from, to be made a DataFrame: ``"regularization"`` and
        ``"similarity_scale"``, the same in all folds, the AUSUC on each, ``"split0_test_score"``
        and so on, and ``"mean_test_score"``, which is NaN where there was no fold.

    n_iter_ : int
        Iterations of L-BFGS in the final fit.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they were strings.

    See Also
    --------
    ESZSLClassifier : A bilinear form, in closed form. It is faster, and a strong baseline.
    skcada.model_selection.TunedSeenPenaltyClassifierCV : Choose `seen_penalty`.
    sklearn.svm.LinearSVC : One versus other for seen classes alone.

    Notes
    -----
    With :math:`a_c` the scaled embedding of class c in units of the median distance and
    :math:`b_r` those of the classes with rows, the similarities are

    .. math:: s_{cr} = \frac{\exp(-\tau \|a_c - b_r\|^2)}{\sum_q \exp(-\tau \|a_c - b_q\|^2)}

    and the classifiers :math:`w_c = \sum_r s_{cr} v_r`. One versus other minimises

    .. math:: \frac{1}{n C} \sum_i \sum_c \max(0, 1 - t_{ic} w_c^\top x_i)^2
        + \frac{\lambda}{2} \|W\|^2

    over C classes with rows, where :math:`t_{ic}` is 1 for the own class of a row and -1 for the
    others. As in the authors' fast code, the classifiers :math:`W` of these classes are trained
    by L-BFGS regardless of similarities, and the phantoms are :math:`V = S^+ W`. Where :math:`S`
    is invertible, the classifiers of these classes are :math:`W` again, so that nothing is lost
    and one :math:`W` serves every :math:`\tau`. Where it is not, because embeddings coincide or
    :math:`\tau` is tiny, they are the nearest that there are. Classes that join later by
    :meth:`with_class_embeddings` meet the same phantoms and the same unit of distance.

    "auto" compares 7 by 11 values: powers of ten from 1e-4 to 100 times the mean eigenvalue of the
    covariance of the rows (of those that can differ from zero), divided by the number of classes
    for one versus other, with powers of two from 1/32 to 32. It takes the pair with the best mean
    AUSUC on the folds (see :func:`~skcada.metrics.seen_unseen_auc_score`), and among equals the one
    with the strongest regularization. Without class embeddings, or where `cv` is None and there are
    too few classes or rows to hold some out, it is the middle: 0.1 times that number, and 1. Folds
    of unit features are computed in single precision and less exactly than the final fit.

    The published form has rows and embeddings of unit length that are not centred, and no
    intercept: pass both of unit length with ``feature_scaling="raw", embedding_scaling="raw"``.
    Centring takes the direction from rows that a classifier needs to reject most of them. So a
    constant feature, .15 times the root mean square length of rows, is added. One of .16 raised the
    AUSUC on held-out classes from .13 to .17 on CUB described by attributes and from .17 to .22 on
    CUB described by sentences; values from .1 to .3 differed by little more than noise. The authors
    begin L-BFGS at random numbers, and it begins at class means here, so that no seed matters; the
    minimum is the same. They choose by AUSUC too, from wider grids. The pairs that they chose are
    not published, and the published results have not been reproduced here. The harmonic means that
    were published [2]_ are 19.8 on CUB, 13.4 on SUN, 16.2 on AWA1 and 18.0 on AWA2, in percent.

    References
    ----------
    .. [1] S. Changpinyo, W.-L. Chao, B. Gong and F. Sha, "Synthesized classifiers for zero-shot
       learning", CVPR, 2016.
    .. [2] Y. Xian, C. H. Lampert, B. Schiele and Z. Akata, "Zero-shot learning: A comprehensive
       evaluation of the good, the bad and the ugly", IEEE TPAMI, 2018.

    Examples
    --------
    >>> from skcada.compatibility import SynCClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> model = SynCClassifier(class_embeddings=problem.class_embeddings, random_state=0)
    >>> model.fit(X, y).predict(problem.data[problem.test_unseen]).shape
    (400,)
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseCompatibilityClassifier._parameter_constraints,
        "loss": [StrOptions({"one-versus-other", "crammer-singer", "structured"})],
        "regularization": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "similarity_scale": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        loss: Literal["one-versus-other", "crammer-singer", "structured"] = "one-versus-other",
        regularization: float | Literal["auto"] = "auto",
        similarity_scale: float | Literal["auto"] = "auto",
        max_iter: int = 1000,
        tol: float = 1e-5,
        feature_scaling: Literal["unit", "raw"] = "unit",
        embedding_scaling: Literal["unit", "raw"] = "unit",
        unseen_classes: ArrayLike | None = None,
        label_space: Literal["all", "unseen"] = "all",
        seen_penalty: float = 0.0,
        cv: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.class_embeddings = class_embeddings
        self.loss = loss
        self.regularization = regularization
        self.similarity_scale = similarity_scale
        self.max_iter = max_iter
        self.tol = tol
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.random_state = random_state

    @property
    def coef_(self) -> NDArray[np.float64]:
        """The weights of the classifier of each class, of shape (n_classes, n_features)."""
        return self._synthesize(self.scaled_embeddings_)[0]

    @property
    def intercept_(self) -> NDArray[np.float64]:
        """The intercept of the classifier of each class, of shape (n_classes,)."""
        return self._synthesize(self.scaled_embeddings_)[1]

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        lambda_, scale = self._choose_pair(data, labels, roles)
        vectors = data.vectors[data.members[0]]
        self.distance_unit_ = median_distance(vectors)
        self.phantom_embeddings_ = vectors / self.distance_unit_
        inverse = invert(compare(self.phantom_embeddings_, self.phantom_embeddings_, scale))
        constant = self._measure_constant(data.rows)
        rows = append_constant(data.rows, constant)
        weights, self.n_iter_ = self._fit_seen(rows, data, lambda_, None, self.tol)
        if self.n_iter_ >= self.max_iter:
            warn_user(
                f"The loss had not converged after max_iter={self.max_iter} iterations. Raise "
                "max_iter, tol or regularization.",
                ConvergenceWarning,
            )
        self.phantoms_ = inverse @ weights[:, :-1]
        self.phantom_intercepts_ = inverse @ (weights[:, -1] * constant)
        self.mean_lead_ = self._measure_lead(data, self._score_vectors)

    def _choose_pair(
        self, data: TrainingSet, labels: NDArray, roles: ClassRoles
    ) -> tuple[float, float]:
        """Choose lambda and tau from the grid or from what is given, and publish them."""
        given = (self.regularization, self.similarity_scale)
        grids = (REGULARIZATIONS * self._measure_unit(data), SIMILARITY_SCALES)
        lambdas, scales = (
            grid.tolist() if value == "auto" else [float(value)]
            for value, grid in zip(given, grids, strict=True)
        )
        # Rows that are not centred may need every digit.
        if self.feature_scaling == "unit":
            data = TrainingSet(data.rows.astype(np.float32), data.class_codes, data.vectors)
        folds = self._hold_out(data, labels, roles, is_wanted="auto" in given)
        scores = [self._score_pairs(fold, lambdas, scales) for fold in folds]
        pairs = np.array(list(product(lambdas, scales)))
        names = ("regularization", "similarity_scale")
        # Where all scores are perfect, weak classifiers of unseen classes can still fail.
        strongest = len(pairs) - 1 - len(scales) // 2
        candidates = dict(zip(names, pairs.T, strict=True))
        best, self.cv_results_ = choose(candidates, scores, preferred=strongest)
        lambda_, scale = pairs[best].tolist()
        self.regularization_, self.similarity_scale_ = lambda_, scale
        return lambda_, scale

    def _measure_unit(self, data: TrainingSet) -> float:
        """Return what "auto" tries multiples of."""
        with np.errstate(over="ignore", invalid="ignore"):
            eigenvalue = float(data.rows.var(axis=0).sum()) / min(data.rows.shape)
        check_squares(eigenvalue)
        # One versus other is a mean over classes, too.
        n_terms = len(data.members[0]) if self.loss == "one-versus-other" else 1
        return (eigenvalue or 1.0) / n_terms

    def _measure_constant(self, rows: NDArray) -> float:
        """Return the constant feature, which replaces what centring took from unit rows."""
        return CONSTANT * mean_square(rows) ** 0.5 if self.feature_scaling == "unit" else 0.0

    def _score_pairs(
        self, fold: HeldOutFold, lambdas: list[float], scales: list[float]
    ) -> list[float]:
        """Return the AUSUC of each pair of lambda and tau on a fold."""
        trained, _ = fold.training.members
        unit = median_distance(fold.training.vectors[trained])
        phantoms, vectors = fold.training.vectors[trained] / unit, fold.vectors / unit
        mixes = [
            compare(vectors, phantoms, scale) @ invert(compare(phantoms, phantoms, scale))
            for scale in scales
        ]
        constant = self._measure_constant(fold.training.rows)
        rows = append_constant(fold.training.rows, constant)
        tested = append_constant(fold.tested, constant)
        weights, scores = None, []
        # From the strongest to the weakest, each of which begins where the one before ended. The
        # classifiers of seen classes do not depend on tau.
        for lambda_ in reversed(lambdas):
            weights, _ = self._fit_seen(rows, fold.training, lambda_, weights, TOL_OF_FOLDS)
            projected = tested @ weights.T
            scores.append([fold.score(projected @ mix.T) for mix in mixes])
        return [score for of_lambda in reversed(scores) for score in of_lambda]

    def _fit_seen(
        self, rows: NDArray, data: TrainingSet, lambda_: float, start: NDArray | None, tol: float
    ) -> tuple[NDArray[np.float64], int]:
        """Fit the classifiers of the classes with rows, regardless of similarities."""
        trained, members = data.members
        return fit_linear_classifiers(
            rows,
            members,
            loss=self._make_loss(data.vectors[trained]),
            regularization=lambda_,
            start=class_means(rows, members) if start is None else start,
            max_iter=self.max_iter,
            tol=tol,
        )

    def _make_loss(self, vectors: NDArray) -> LinearLoss:
        if self.loss == "one-versus-other":
            return one_versus_other
        if self.loss == "crammer-singer":
            return lambda scores, class_codes: structured_hinge(scores, class_codes, 1.0)
        distances = torch.from_numpy(cdist(vectors, vectors) / median_distance(vectors))
        return lambda scores, class_codes: structured_hinge(
            scores, class_codes, distances[class_codes].to(scores.dtype)
        )

    def _synthesize(self, vectors: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weights and the intercepts of classes with such scaled embeddings."""
        similarities = compare(
            vectors / self.distance_unit_, self.phantom_embeddings_, self.similarity_scale_
        )
        return similarities @ self.phantoms_, similarities @ self.phantom_intercepts_

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float64]:
        weights, intercepts = self._synthesize(vectors)
        return rows @ weights.T + intercepts


def append_constant(rows: NDArray, constant: float) -> NDArray:
    """Append a constant feature."""
    return np.hstack([rows, np.full((len(rows), 1), constant, rows.dtype)])


def mean_square(rows: NDArray) -> float:
    """Return the mean squared length of rows."""
    return float(np.einsum("ij,ij->", rows, rows)) / len(rows)


def class_means(rows: NDArray, members: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the mean row of each class, scaled such that the scores of rows are about 1.

    Weights of zero would let all classes tie, where a structured hinge has no direction of descent.
    """
    means = sum_by_class(rows.astype(np.float64), members) / np.bincount(members)[:, np.newaxis]
    return means / (mean_square(rows) or 1.0)
