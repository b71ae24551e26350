"""What every part is told."""

from dataclasses import dataclass
from pathlib import Path

from _speed._sizes import Sizes


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Parameters
    ----------
    sizes : Sizes
        Of the data and the networks.
    n_rounds : int
        How often each case is timed.
    n_threads : int
        Threads of torch and of every BLAS.
    folder : Path or None
        A data set in the xlsa17 format, for accuracies.
    n_seeds : int
        How many accuracies to take.
    """

    sizes: Sizes
    n_rounds: int
    n_threads: int
    folder: Path | None
    n_seeds: int

    @property
    def n_slow_rounds(self) -> int:
        """Rounds of what takes a minute."""
        return min(self.n_rounds, 2)
