"""The normal equations of a bilinear form, ridge on both sides, solved for many ridges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array


@dataclass(frozen=True)
class NormalEquations:
    """The parts of V = (X'X + gamma I)^-1 X'Y S (S'S + lambda I)^-1 that neither ridge changes.

    `gram` is X'X, `targets` is X'Y, and S, the embeddings of the classes with rows, is
    ``left @ diag(singular) @ right``.
    """

    gram: NDArray
    targets: NDArray
    left: NDArray
    singular: NDArray
    right: NDArray

    @classmethod
    def of(
        cls, rows: NDArray, class_codes: NDArray, vectors: NDArray, *, is_signed: bool
    ) -> NormalEquations:
        """Set them up from rows, the classes of the rows and the vectors of all classes."""
        classes, members = np.unique(class_codes, return_inverse=True)
        one_hot = csr_array((np.ones(len(rows), rows.dtype), members, np.arange(len(rows) + 1)))
        targets = one_hot.T @ rows
        if is_signed:
            targets = 2 * targets - targets.sum(axis=0)
        svd = np.linalg.svd(vectors[classes], full_matrices=False)
        return cls(rows.T @ rows, targets.T, *svd)

    def mean_eigenvalues(self) -> tuple[float, float]:
        """Return those of X'X and of S'S."""
        n_dimensions = self.right.shape[1]
        return float(self.gram.diagonal().mean()), float((self.singular**2).sum() / n_dimensions)

    def solve(self, gamma: float) -> NDArray:
        """Return (X'X + gamma I)^-1 X'Y left."""
        # Symmetric, and in the order in which LAPACK can work in place.
        matrix = self.gram.T.copy(order="F")
        # A smaller ridge would be lost in rounding.
        least = np.finfo(matrix.dtype).eps * np.trace(matrix)
        np.fill_diagonal(matrix, matrix.diagonal() + max(least, matrix.dtype.type(gamma)))
        factor = cho_factor(matrix, overwrite_a=True, check_finite=False)
        return cho_solve(factor, self.targets, check_finite=False) @ self.left

    def shrink(self, ridge: float) -> NDArray:
        """Return diag(singular) right (S'S + ridge I)^-1."""
        factors = self.singular / (self.singular**2 + self.singular.dtype.type(ridge))
        return factors[:, np.newaxis] * self.right
