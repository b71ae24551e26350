"""The classifier known as SAE: a linear autoencoder whose code is the class embedding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh, qr
from scipy.sparse import csr_array
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada.compatibility._base import BaseCompatibilityClassifier
from skcada.compatibility._held_out import HeldOutFold, choose
from skcada.compatibility._scaling import unit_rows
from skcada.compatibility._training_set import TrainingSet

# What "auto" tries, in multiples of the ratio of the mean eigenvalues of both Gram matrices, so
# that neither the scale of rows and embeddings nor the number of rows matters.
GRID = 10.0 ** np.arange(-3, 3.5, 0.5)


class SAEClassifier(BaseCompatibilityClassifier):
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
        comparison_space: Literal["features", "embeddings"] = "features",
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
        is_wide = len(data.rows) < data.rows.shape[1]
        basis, coordinates = qr(data.rows.T, mode="economic") if is_wide else (None, data.rows.T)
        full, data = data, replace(data, rows=coordinates.T)
        equation = SylvesterEquation.from_rows(data)
        lambda_ = self._choose_lambda(equation, data, labels, roles)
        encoder = equation.solve(lambda_)
        self.encoder_ = encoder if basis is None else encoder @ basis.T
        self.mean_lead_ = self._measure_lead(full, self._score_vectors)

    def _choose_lambda(
        self, equation: SylvesterEquation, data: TrainingSet, labels: NDArray, roles: ClassRoles
    ) -> float:
        """Choose lambda from the grid or from what is given, and publish it."""
        is_chosen = self.regularization == "auto"
        lambdas = GRID * equation.balance if is_chosen else np.array([float(self.regularization)])
        folds = self._hold_out(data, labels, roles) if is_chosen else []
        scores = [self._score_lambdas(fold, lambdas) for fold in folds]
        best, self.cv_results_ = choose({"regularization": lambdas}, scores)
        self.regularization_ = float(lambdas[best])
        return self.regularization_

    def _score_lambdas(self, fold: HeldOutFold, lambdas: NDArray) -> list[float]:
        """Return the AUSUC of each regularization on a fold."""
        equation = SylvesterEquation.from_rows(fold.training)
        encoders = (equation.solve(lambda_) for lambda_ in lambdas)
        return [
            fold.score(self._compare(encoder, fold.tested, fold.vectors)) for encoder in encoders
        ]

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float64]:
        return self._compare(self.encoder_, rows, vectors)

    def _compare(self, encoder: NDArray, rows: NDArray, vectors: NDArray) -> NDArray[np.float64]:
        """Return cosine similarities of rows and vectors in the space to compare in."""
        if self.comparison_space == "features":
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
        one_hot = csr_array((np.ones(len(rows)), members, np.arange(len(rows) + 1)))
        with np.errstate(over="ignore", invalid="ignore"):
            gram = rows.T @ rows
        if not np.isfinite(gram.trace()):
            raise ValueError(
                "The squares of X overflow. Scale X, for instance by StandardScaler, or set "
                'feature_scaling="unit".'
            )
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
            np.linalg.multi_dot([codes.T, vectors.T, one_hot.T @ rows, features]),
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
