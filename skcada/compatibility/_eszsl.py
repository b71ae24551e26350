"""The classifier known as ESZSL: ridge regression on both sides, in closed form."""

from __future__ import annotations

from itertools import product
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada._intervals import Interval
from skcada._sklearn import StrOptions
from skcada.compatibility._base import BaseCompatibilityClassifier
from skcada.compatibility._held_out import HeldOutFold, choose
from skcada.compatibility._normal_equations import NormalEquations
from skcada.compatibility._training_set import TrainingSet

# What "auto" tries, in multiples of the mean eigenvalue of the matrix that it is added to, so that
# neither the scale nor the number of the rows matters. The best pairs of real data lie well inside.
GRIDS = 10.0 ** np.stack([np.arange(-4, 3), np.arange(-1, 2.5, 0.5)])


class ESZSLClassifier(BaseCompatibilityClassifier):
    r"""Score features against class embeddings by a bilinear form that has a closed solution.

    "An embarrassingly simple approach to zero-shot learning" [1]_. A matrix :math:`V` maps
    features to class embeddings such that the score :math:`x^\top V a_c` of a training row is high
    for its own class. It is the fastest classifier of unseen classes and a strong baseline.

    Parameters
    ----------
    class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
        The side information about every class, seen and unseen: a DataFrame indexed by class
        label, an array whose row i belongs to class i, a dict of class label to vector, or a dict
        of modality name to one of these. Modalities are scaled one by one and put side by side,
        and every class needs all of them. None describes each class by nothing but its identity,
        which makes an ordinary ridge classifier.

    feature_regularization : float or "auto", default="auto"
        The :math:`\gamma` that is added to the diagonal of :math:`X^\top X`. It keeps the weights
        of each class small. A sum over rows: twice the rows need twice the value.

    embedding_regularization : float or "auto", default="auto"
        The :math:`\lambda` that is added to the diagonal of :math:`S^\top S`. It keeps the
        projected rows small.

    feature_scaling : {"unit", "raw"}, default="unit"
        "unit" scales each row to length one and subtracts the mean of the training rows, "raw"
        takes features as they are.

    embedding_scaling : {"unit", "raw"}, default="unit"
        "unit" subtracts the mean embedding of the seen classes and scales each class embedding to
        length one, "raw" takes embeddings as they are.

    target_coding : {"01", "pm1"}, default="01"
        The value to regress to for the other classes: "01" is 0, and "pm1" the -1 of the paper.
        With centred features "pm1" doubles `compatibility_` and changes no score. With raw ones, it
        makes the model spend its capacity on the constant -1.

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
        there are 100 or more seen classes and more than 1000 features and rows. Few-shot rows are
        in every training fold and in no test fold. Without class embeddings it has no effect.

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

    compatibility_ : ndarray of shape (n_features, n_dimensions)
        The matrix :math:`V`.

    feature_mean_ : ndarray of shape (n_features,)
        What is subtracted from scaled rows; zero if `feature_scaling` is "raw".

    scaled_embeddings_ : ndarray of shape (n_classes, n_dimensions)
        Scaled class embeddings, in the order of `classes_`. The scores of rows ``x`` of unit
        length are ``(x - feature_mean_) @ compatibility_ @ scaled_embeddings_.T`` divided by
        `mean_lead_`.

    mean_lead_ : float
        How far the score of the own class lies above the mean of the classes with rows, on average
        over the training rows and before the division. Where it does not, 1. Of more than 4096
        rows, some from all over the data are taken.

    feature_regularization_, embedding_regularization_ : float
        The values that were given or chosen.

    cv_results_ : dict of str to ndarray of shape (n_pairs,)
        The pairs that "auto" chose from, to be made a DataFrame: ``"feature_regularization"`` and
        ``"embedding_regularization"``, the same in all folds, the AUSUC on each,
        ``"split0_test_score"`` and so on, and ``"mean_test_score"``, which is NaN where there was
        no fold.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if they were strings.

    See Also
    --------
    skcada.GZSLClassifier : Classify in a latent space or from generated features.
    skcada.model_selection.TunedSeenPenaltyClassifierCV : Choose `seen_penalty`.
    sklearn.linear_model.RidgeClassifier : Ridge regression on seen classes alone.

    Notes
    -----
    With features :math:`X` of shape (n_samples, n_features), embeddings :math:`S` of the classes
    in `y` of shape (n_classes, n_dimensions) and targets :math:`Y` of shape (n_samples, n_classes),

    .. math:: V = (X^\top X + \gamma I)^{-1} X^\top Y S (S^\top S + \lambda I)^{-1},

    which minimises :math:`\|X V S^\top - Y\|^2 + \gamma \|V S^\top\|^2 + \lambda \|X V\|^2 +
    \gamma \lambda \|V\|^2`.

    "auto" compares 7 by 7 values: powers of ten from 1e-4 to 1e2 times the mean eigenvalue that
    :math:`X^\top X` has for centred rows (of those that can differ from zero, if there are fewer
    rows than features) with powers of the root of ten from 0.1 to 100 times that of
    :math:`S^\top S`. It takes the pair with the best mean AUSUC on the folds (see
    :func:`~skcada.metrics.seen_unseen_auc_score`), and among equals the one nearest to the middle
    of the grid. Without class embeddings, or where `cv` is None and there are too few classes or
    rows to hold some out, it is the middle: 0.1 and 3.16 times the mean eigenvalue. Folds of unit
    features are computed in single precision.

    How much regularization shrinks all scores differs from one fit to the next, and a penalty that
    was tuned on folds has to suit the final fit. So scores are divided by a positive number, after
    which the own class of training rows leads by 1 on average. No prediction changes. On held-out
    classes, the tuned penalty then came within .004 of the best possible harmonic mean on emoji,
    where it had missed it by .065.

    The published form has raw features, raw embeddings and targets of -1 and 1, and chooses by the
    accuracy on unseen classes among themselves: ``feature_scaling="raw", embedding_scaling="raw",
    target_coding="pm1"``. What is different here was chosen on held-out classes of CUB, described
    by attributes and by sentences, and of emoji. Targets of -1 for raw features cost 16 to 79 % of
    the accuracy on unseen classes. Unit embeddings raised the AUSUC by 18 and 58 % on CUB and left
    it as it was on emoji; unit features changed little. AUSUC as the criterion chose pairs that
    were as good among unseen classes and better on both kinds. The harmonic means that were
    published for a linear ESZSL [2]_ are 21.0 on CUB, 15.8 on SUN, 12.1 on AWA1 and 11.0 on AWA2,
    in percent.

    References
    ----------
    .. [1] B. Romera-Paredes and P. H. S. Torr, "An embarrassingly simple approach to zero-shot
       learning", ICML, 2015.
    .. [2] Y. Xian, C. H. Lampert, B. Schiele and Z. Akata, "Zero-shot learning: A comprehensive
       evaluation of the good, the bad and the ugly", IEEE TPAMI, 2018.

    Examples
    --------
    >>> from skcada.compatibility import ESZSLClassifier
    >>> from skcada.datasets import make_gzsl_classification
    >>> problem = make_gzsl_classification(random_state=0)
    >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    >>> model = ESZSLClassifier(class_embeddings=problem.class_embeddings, random_state=0)
    >>> model.fit(X, y).predict(problem.data[problem.test_unseen]).shape
    (400,)
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseCompatibilityClassifier._parameter_constraints,
        "feature_regularization": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "embedding_regularization": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
        ],
        "target_coding": [StrOptions({"01", "pm1"})],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        feature_regularization: float | Literal["auto"] = "auto",
        embedding_regularization: float | Literal["auto"] = "auto",
        feature_scaling: Literal["unit", "raw"] = "unit",
        embedding_scaling: Literal["unit", "raw"] = "unit",
        target_coding: Literal["01", "pm1"] = "01",
        unseen_classes: ArrayLike | None = None,
        label_space: Literal["all", "unseen"] = "all",
        seen_penalty: float = 0.0,
        cv: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.class_embeddings = class_embeddings
        self.feature_regularization = feature_regularization
        self.embedding_regularization = embedding_regularization
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.target_coding = target_coding
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.random_state = random_state

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        # The solution lies in the span of the rows, where few rows need as few coordinates.
        basis, reduced = data.in_span()
        equations = self._make_equations(reduced)
        gamma, lambda_ = self._choose_pair(equations, reduced, labels, roles)
        weights = equations.solve(gamma) @ equations.shrink(lambda_)
        self.compatibility_ = weights if basis is None else basis @ weights
        self.mean_lead_ = self._measure_lead(data, self._score_vectors)

    def _make_equations(self, data: TrainingSet) -> NormalEquations:
        is_signed = self.target_coding == "pm1"
        return NormalEquations.from_rows(
            data.rows, data.class_codes, data.vectors, is_signed=is_signed
        )

    def _choose_pair(
        self, equations: NormalEquations, data: TrainingSet, labels: NDArray, roles: ClassRoles
    ) -> tuple[float, float]:
        """Choose gamma and lambda from the grid or from what is given, and publish them."""
        given = (self.feature_regularization, self.embedding_regularization)
        gammas, lambdas = (
            (grid * (scale or 1.0)).tolist() if value == "auto" else [float(value)]
            for value, grid, scale in zip(given, GRIDS, equations.mean_eigenvalues, strict=True)
        )
        # Rows that are not centred may need every digit.
        if self.feature_scaling == "unit":
            data = TrainingSet(
                data.rows.astype(np.float32), data.class_codes, data.vectors.astype(np.float32)
            )
        folds = self._hold_out(data, labels, roles, is_wanted="auto" in given)
        scores = [self._score_pairs(fold, gammas, lambdas) for fold in folds]
        pairs = np.array(list(product(gammas, lambdas)))
        names = ("feature_regularization", "embedding_regularization")
        best, self.cv_results_ = choose(dict(zip(names, pairs.T, strict=True)), scores)
        gamma, lambda_ = pairs[best].tolist()
        self.feature_regularization_, self.embedding_regularization_ = gamma, lambda_
        return gamma, lambda_

    def _score_pairs(
        self, fold: HeldOutFold, gammas: list[float], lambdas: list[float]
    ) -> list[float]:
        """Return the AUSUC of each pair of regularizations on a fold."""
        equations = self._make_equations(fold.training)
        scores = []
        for gamma in gammas:
            projected = fold.tested @ equations.solve(gamma)
            for lambda_ in lambdas:
                competing = equations.shrink(lambda_) @ fold.vectors.T
                scores.append(fold.score(projected @ competing))
        return scores

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float64]:
        return (rows @ self.compatibility_) @ vectors.T
