"""Intervals of numbers that parameters may have."""

# It may import `_sklearn`.

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from skcada._sklearn import Interval as SklearnInterval


class Interval(SklearnInterval):
    """An interval of numbers that NumPy and torch can hold, and of no booleans.

    That of scikit-learn takes True for 1 and whole numbers of any size, and cannot read fractions.

    >>> latent_size = Interval(Integral, 1, None, closed="left")
    >>> [latent_size.is_satisfied_by(size) for size in (64, 0, True, 10**30)]
    [True, False, False, False]
    """

    def is_satisfied_by(self, val: Any) -> bool:
        """Tell whether a value is such a number in the interval."""
        if isinstance(val, bool | np.bool_) or not isinstance(val, self.type):
            return False
        if isinstance(val, Integral):
            return -(2**63) <= int(val) < 2**63 and val in self
        # Fractions are real numbers, too, but NumPy computes with them as with any object.
        return isinstance(val, float | np.floating) and val in self

    def __str__(self) -> str:
        return f"{super().__str__()}, no bool and of at most 64 bits"
