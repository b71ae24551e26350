"""The normal equations of a bilinear form, ridge on both sides, solved for many ridges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from skcada.compatibility._training_set import compute_gram, sum_by_class


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
    mean_eigenvalues: tuple[float, float]

    @classmethod
    def from_rows(
        cls, rows: NDArray, class_codes: NDArray, vectors: NDArray, *, is_signed: bool
    ) -> NormalEquations:
        """Set up the equations from rows, their classes and the vectors of all classes."""
        classes, members = np.unique(class_codes, return_inverse=True)
        targets = sum_by_class(rows, members)
        center = rows.mean(axis=0, dtype=np.float64)
        trained = vectors[classes]
        if is_signed:
            targets = 2 * targets - targets.sum(axis=0)
        gram = compute_gram(rows)
        # Of the variation about the mean alone: an offset of all rows is one huge eigenvalue.
        variation = np.maximum(gram.diagonal() - len(rows) * center**2, 0.0).mean()
        spread = np.square(trained).sum(axis=0).mean()
        svd = np.linalg.svd(trained, full_matrices=False)
        return cls(gram, targets.T, *svd, (float(variation), float(spread)))

    def solve(self, gamma: float) -> NDArray:
        """Return (X'X + gamma I)^-1 X'Y left."""
        # A smaller ridge would be lost in rounding.
        least = 8 * np.finfo(self.gram.dtype).eps * np.trace(self.gram)
        ridge = max(least, self.gram.dtype.type(gamma))
        while True:
            # Symmetric, and in the order in which LAPACK can work in place.
            matrix = self.gram.T.copy(order="F")
            np.fill_diagonal(matrix, matrix.diagonal() + ridge)
            try:
                factor = cho_factor(matrix, overwrite_a=True, check_finite=False)
            except LinAlgError:
                # Rounding left a negative eigenvalue, of the size of `least` or a little more.
                ridge = max(10 * ridge, np.finfo(matrix.dtype).tiny)
            else:
                return cho_solve(factor, self.targets, check_finite=False) @ self.left

    def shrink(self, lambda_: float) -> NDArray:
        """Return diag(singular) right (S'S + lambda I)^-1."""
        # Squares of raw embeddings may overflow in single precision.
        singular = self.singular.astype(np.float64)
        factors = (singular / (singular**2 + lambda_)).astype(self.right.dtype)
        return factors[:, np.newaxis] * self.right
