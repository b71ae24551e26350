"""The scaled rows and class embeddings that a compatibility system learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
