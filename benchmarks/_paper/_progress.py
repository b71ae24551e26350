"""Lines that say how far a campaign is."""

import math
import time
from collections.abc import Iterable, Sequence

from _command_line import say

from _paper._execute import Outcome
from _paper._runs import Run


class Progress:
    """Counts finished runs and estimates how long the others will take.

    Parameters
    ----------
    groups : sequence of sequence of Run
        All runs that are to be executed, those that share a VAE together.
    """

    def __init__(self, groups: Sequence[Sequence[Run]]) -> None:
        self.n_runs = sum(map(len, groups))
        self.n_done = 0
        self.n_failed = 0
        self._started = time.perf_counter()
        self._sizes = {group[0].vae: len(group) for group in groups}
        self._vae_seconds: dict[Run, float] = {}
        self._seconds: list[float] = []

    def show(self, outcome: Outcome) -> None:
        """Print the line of a finished run.

        Parameters
        ----------
        outcome : Outcome
            What became of it.
        """
        self.n_done += 1
        self.n_failed += bool(outcome.error)
        head = f"[{self.n_done}/{self.n_runs}] {outcome.run}:"
        if outcome.error:
            say(f"{head} failed, {outcome.error}")
            return
        scores = outcome.scores
        self._vae_seconds.setdefault(outcome.run.vae, scores["vae_seconds"])
        self._seconds.append(scores["seconds"])
        metric = next(name for name in ("H", "T1", "Hit@1") if name in scores)
        say(
            f"{head} {metric} {100 * scores[metric]:.1f} %, {scores['seconds']:.1f} s "
            f"(VAE {scores['vae_seconds']:.1f} s); {self._format_rest()} left"
        )

    def _format_rest(self) -> str:
        """Estimate from the work done so far and its pace, whatever the number of processes."""
        n_vaes_left = len(self._sizes) - len(self._vae_seconds)
        done = math.fsum([*self._vae_seconds.values(), *self._seconds])
        rest = n_vaes_left * _mean(self._vae_seconds.values())
        rest += (self.n_runs - self.n_done) * _mean(self._seconds)
        elapsed = time.perf_counter() - self._started
        return format_duration(rest * elapsed / done if done else 0.0)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)


def format_duration(seconds: float) -> str:
    """Say a duration in the units that fit it.

    Parameters
    ----------
    seconds : float
        The duration.

    Returns
    -------
    str
        Such as "about 2 h 5 min".
    """
    if seconds < 60:
        return f"about {math.ceil(seconds)} s"
    minutes = round(seconds / 60)
    return (
        f"about {minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"about {minutes} min"
    )
