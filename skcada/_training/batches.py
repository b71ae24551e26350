"""How many rows a step takes, and how many epochs a training."""

from __future__ import annotations

import math
from typing import Literal

SMALLEST = 32
FEWEST_EPOCHS, MOST_EPOCHS = 14, 60
# Rows that a training of automatic length visits, as far as the bounds on epochs allow.
ROW_VISITS = 100_000


def choose_batch_size(
    batch_size: int | Literal["auto"], n_samples: int, *, steps_per_epoch: int, largest: int
) -> int:
    """Return the rows a step.

    Parameters
    ----------
    batch_size : int or "auto"
        "auto" is what takes `steps_per_epoch`, but at least 32 and at most `largest`: the updates
        of a training of some epochs then depend little on the size of small data sets.
    n_samples, steps_per_epoch, largest : int

    Returns
    -------
    int

    Examples
    --------
    >>> from skcada._training.batches import choose_batch_size
    >>> bounds = {"steps_per_epoch": 25, "largest": 512}
    >>> [choose_batch_size("auto", n, **bounds) for n in (100, 5_000, 50_000)]
    [32, 200, 512]
    """
    if batch_size == "auto":
        return min(largest, max(SMALLEST, n_samples // steps_per_epoch))
    return batch_size


def choose_max_iter(max_iter: int | Literal["auto"], n_samples: int) -> int:
    """Return the number of epochs.

    Parameters
    ----------
    max_iter : int or "auto"
        "auto" is what visits 100,000 rows, but at least 14 and at most 60: small data get enough
        updates, and large data no useless ones.
    n_samples : int

    Returns
    -------
    int

    Examples
    --------
    >>> from skcada._training.batches import choose_max_iter
    >>> [choose_max_iter("auto", n) for n in (100, 4_000, 50_000)]
    [60, 25, 14]
    """
    if max_iter == "auto":
        return min(MOST_EPOCHS, max(FEWEST_EPOCHS, ROW_VISITS // n_samples))
    return max_iter


def count_steps(n_samples: int, batch_size: int) -> int:
    """Return the number of steps in an epoch, each of at most `batch_size` rows.

    An epoch is to be split into that many parts of equal size. A rest of a few rows would move
    the weights as far as a full batch does, by Adam, but in a direction that is mostly noise.

    Parameters
    ----------
    n_samples, batch_size : int

    Returns
    -------
    int

    Examples
    --------
    >>> from skcada._training.batches import count_steps
    >>> count_steps(100, 32)
    4
    """
    return math.ceil(n_samples / batch_size)
