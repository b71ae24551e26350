"""The scaled rows and class embeddings that a compatibility system learns from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Scaled rows, the position of the class of each, and scaled embeddings of all classes."""

    rows: NDArray
    class_codes: NDArray[np.intp]
    vectors: NDArray

    @property
    def members(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The codes of the classes with rows, sorted, and the position among them of each row's."""
        trained, members = np.unique(self.class_codes, return_inverse=True)
        return trained, members

    def in_span(self) -> tuple[NDArray | None, TrainingSet]:
        """Return an orthonormal basis of the span of few wide rows, and the set in its coordinates.

        The basis is None where there are no fewer rows than features, and rows stay as they are.
        """
        if len(self.rows) >= self.rows.shape[1]:
            return None, self
        basis, coordinates = qr(self.rows.T, mode="economic")
        return basis, replace(self, rows=coordinates.T)


def sum_by_class(rows: NDArray, members: NDArray[np.intp]) -> NDArray:
    """Return the sum of the rows of each class; `members` has the position of the class of each."""
    one_hot = csr_array((np.ones(len(rows), rows.dtype), members, np.arange(len(rows) + 1)))
    return one_hot.T @ rows


def compute_gram(rows: NDArray) -> NDArray:
    """Return the products of all pairs of columns; refuse rows whose squares overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        gram = rows.T @ rows
    check_squares(gram.trace())
    return gram


def check_squares(total: float) -> None:
    """Refuse rows whose squares sum to no finite number."""
    if not np.isfinite(total):
        raise ValueError(
            "The squares of X overflow. Scale X, for instance by StandardScaler, or set "
            'feature_scaling="unit".'
        )
