"""The warm-up of the loss weights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ramp:
    """Loss weight that rises linearly from 0 to `factor` and stays there.

    `start` and `stop` of the rise are fractions of the training; if equal, the weight jumps.
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
