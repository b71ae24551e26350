"""Random draws of classes, rows and groups of rows to hold out."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skcada._classes.labels import format_labels, rank_within_class, read_column, refuse_masked
from skcada._intervals import Interval
from skcada._sklearn import RealNotInt
from skcada.exceptions import reading

SHARE_OR_COUNT = [
    Interval(RealNotInt, 0, 1, closed="neither"),
    Interval(Integral, 1, None, closed="left"),
]


def count(size: Any, total: Any) -> Any:
    """Return `size` if it is a number, and its product with `total`, rounded up, if a share."""
    return size if isinstance(size, Integral) else np.ceil(size * total).astype(np.intp)


def encode_classes(labels: pd.Index) -> tuple[NDArray[np.intp], pd.Index]:
    """Return the number of the class of each row, and the sorted classes."""
    codes, classes = labels.factorize(sort=True)
    return codes, pd.Index(classes)


def encode_groups(groups: ArrayLike) -> NDArray[np.intp]:
    """Return the number of the group of each row, and refuse rows without one."""
    refuse_masked(groups, "groups", "Give each of these rows a group, or drop them.")
    noun = "one group per row"
    values = read_column(groups, "groups", noun)
    with reading("groups", noun):
        codes, _ = pd.factorize(values)
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise ValueError(
            f"groups is missing in {missing.size} of {len(codes)} rows: {format_labels(missing)}. "
            "Give each of them a group of its own, or drop them."
        )
    return codes


def count_unseen(unseen_size: float | int, codes: NDArray[np.intp]) -> int:
    """Return the number of classes to hold out, and check that it leaves one to divide."""
    n_rows = np.bincount(codes)
    n_classes, n_divisible = len(n_rows), int(np.sum(n_rows >= 2))
    n_unseen = int(count(unseen_size, n_classes))
    if n_unseen >= n_classes:
        raise ValueError(
            f"unseen_size={unseen_size} holds out {n_unseen} of {n_classes} classes in "
            f"y, which leaves none to train on. Lower unseen_size, or add rows of more classes."
        )
    if n_unseen >= n_divisible:
        raise ValueError(
            f"unseen_size={unseen_size} holds out {n_unseen} of {n_classes} classes in "
            f"y, of which only {n_divisible} have two or more rows, so that a split may leave "
            f"no class with rows in both folds. Lower unseen_size, or add rows to the classes "
            f"that have one."
        )
    return n_unseen


def draw_rows(
    codes: NDArray[np.intp],
    classes: pd.Index,
    unseen: NDArray[np.intp],
    test_size: float | int,
    rng: np.random.RandomState,
    groups: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw training and test rows, both in random order, when some classes are unseen.

    `codes` and `groups` number the class and the group of each row. Each seen class keeps a
    training row. With groups, rows of unseen classes in a training group are in neither part.

    >>> codes, classes = np.array([0, 0, 0, 1]), pd.Index(["bat", "cat"])
    >>> rng = np.random.RandomState(0)
    >>> draw_rows(codes, classes, np.array([1]), 1, rng)
    (array([1, 0]), array([2, 3]))
    """
    order = rng.permutation(len(codes))
    is_unseen = np.isin(np.arange(len(classes)), unseen)
    if groups is None:
        n_rows = np.bincount(codes)
        n_test = np.where(is_unseen, n_rows, np.minimum(count(test_size, n_rows), n_rows - 1))
        in_test = rank_within_class(codes, order) < n_test[codes]
    else:
        in_test = _draw_groups(codes, classes, groups, is_unseen, test_size, rng)[groups]
    in_training = ~in_test & ~is_unseen[codes]
    if not np.any(in_test & ~is_unseen[codes]):
        found = "seen class has a second row to test"
        if groups is not None:
            found = "group can be tested without the last training rows of a seen class"
        raise ValueError(
            f"No {found}, so that no accuracy on seen classes could be measured. Hold out fewer "
            f"classes, or add {'rows' if groups is None else 'groups'} of seen classes."
        )
    return order[in_training[order]], order[in_test[order]]


def _draw_groups(
    codes: NDArray[np.intp],
    classes: pd.Index,
    groups: NDArray[np.intp],
    is_unseen: NDArray[np.bool_],
    test_size: float | int,
    rng: np.random.RandomState,
) -> NDArray[np.bool_]:
    """Draw test groups so that each class has some, and each seen class training groups, too."""
    pairs = pd.DataFrame({"group": groups, "class": codes}).drop_duplicates()
    classes_in = pairs.groupby("group")["class"].apply(list).tolist()
    n_groups = np.bincount(pairs["class"])
    most = np.where(is_unseen, n_groups, n_groups - 1)
    wanted = np.where(is_unseen, n_groups, np.minimum(count(test_size, n_groups), most))

    n_taken = [0] * len(n_groups)
    in_test = np.zeros(len(classes_in), dtype=bool)
    order = rng.permutation(len(classes_in)).tolist()
    # Groups of the rarest class come first where a class lacks any.
    rarest = [int(n_groups[inside].min()) for inside in classes_in]

    def take(limits: NDArray[np.intp], lacking: NDArray[np.bool_] | None = None) -> None:
        """Take groups up to limits per class, or only those with a class that lacks any yet."""
        limit = limits.tolist()
        for group in order if lacking is None else sorted(order, key=rarest.__getitem__):
            inside = classes_in[group]
            if (
                not in_test[group]
                and all(n_taken[c] < limit[c] for c in inside)
                and (lacking is None or any(lacking[c] and not n_taken[c] for c in inside))
            ):
                in_test[group] = True
                for c in inside:
                    n_taken[c] += 1

    # What must be tested goes before the share, and the share before what had better be tested.
    take(np.where(is_unseen, n_groups, 0))  # groups without a seen class cost no training row
    take(most, lacking=is_unseen)
    take(wanted)
    take(most, lacking=~is_unseen)

    untested = classes[is_unseen & (np.array(n_taken) == 0)]
    if len(untested):
        raise ValueError(
            f"The unseen classes {format_labels(untested)} cannot be tested: each group that has "
            "rows of them holds the last training rows of a seen class, too. Make other classes "
            "unseen, by unseen_classes or another random_state, or add groups."
        )
    return in_test
