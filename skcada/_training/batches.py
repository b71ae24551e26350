"""Sizes of batches and numbers of steps and epochs."""

from __future__ import annotations

import math
from typing import Literal

SMALLEST = 32
FEWEST_EPOCHS, MOST_EPOCHS = 14, 60
# Rows that a training of automatic length visits, within the bounds on epochs.
ROW_VISITS = 100_000


def choose_batch_size(
    batch_size: int | Literal["auto"], n_samples: int, *, steps_per_epoch: int, largest: int
) -> int:
    """Return the number of rows per step.

    "auto" aims at `steps_per_epoch` steps, with at least 32 and at most `largest` rows each, so
    that the number of updates depends little on the size of the data set.
    """
    if batch_size == "auto":
        return min(largest, max(SMALLEST, n_samples // steps_per_epoch))
    return batch_size


def choose_max_iter(max_iter: int | Literal["auto"], n_samples: int) -> int:
    """Return the number of epochs.

    "auto" aims at visits to 100,000 rows in all, in at least 14 and at most 60 epochs: small data
    sets get enough updates, and large ones get no useless ones.
    """
    if max_iter == "auto":
        return min(MOST_EPOCHS, max(FEWEST_EPOCHS, ROW_VISITS // n_samples))
    return max_iter


def count_steps(n_samples: int, batch_size: int) -> int:
    """Return the number of steps in an epoch, each of at most `batch_size` rows.

    An epoch is to be split into that many parts of equal size. With Adam, a rest of a few rows
    would move the weights as far as a full batch does, but in a mostly random direction.
    """
    return math.ceil(n_samples / batch_size)
