"""The warm-up of the loss weights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ramp:
    """A loss weight that rises linearly from 0 to `factor` and stays there.

    Parameters
    ----------
    factor : float
        The weight after the warm-up.
    start, stop : float
        Where the warm-up begins and ends, as fractions of the training. With
        ``start == stop`` the weight jumps.

    Examples
    --------
    >>> from skcada._nn import Ramp
    >>> ramp = Ramp(2.37, start=0.21, stop=0.75)
    >>> [round(ramp.at(epoch / 100), 4) for epoch in (21, 48, 75, 99)]
    [0.0, 1.185, 2.37, 2.37]
    """

    factor: float
    start: float
    stop: float

    def at(self, progress: float) -> float:
        """Return the weight when the fraction `progress` of the training is done."""
        if progress >= self.stop:
            return self.factor
        if progress <= self.start:
            return 0.0
        return self.factor * (progress - self.start) / (self.stop - self.start)
