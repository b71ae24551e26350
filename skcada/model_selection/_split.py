"""Cross-validators whose test folds hold whole classes and rows of the other classes."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import BaseCrossValidator, BaseShuffleSplit
from sklearn.utils import check_random_state

from skcada._classes.labels import check_labels, check_lengths, rank_within_class
from skcada._intervals import Interval
from skcada._sklearn import validate_params
from skcada.exceptions import warn_user
from skcada.model_selection._hold_out import (
    SHARE_OR_COUNT,
    count_unseen,
    draw_rows,
    encode_classes,
    encode_groups,
)


class GZSLShuffleSplit(BaseShuffleSplit):
    """Hold out random classes, and random rows of the remaining classes, again and again.

    In each split, the test fold holds every row of some classes, so that these are unseen in
    training, and some rows of each remaining class. The training fold holds all other rows.

    Parameters
    ----------
    n_splits : int, default=10
        Number of splits.

    unseen_size : float or int, default=0.2
        A float between 0 and 1 is the share of the classes to hold out, rounded up to a whole
        number of classes. An int is their number.

    test_size : float or int, default=0.2
        A float between 0 and 1 is the share of the rows of each remaining class to hold out,
        rounded up to a whole number of rows. An int is their number, the same for each class.
        Either way, a remaining class keeps at least one row in training, so that the row of a
        class with a single one is tested only where the class is held out. With groups it is
        groups that are counted, not rows.

    random_state : int, RandomState instance or None, default=None
        Controls which classes and rows are held out. Pass an int for the same splits at each call
        of `split`.

    See Also
    --------
    GZSLKFold : Hold every class out exactly once.
    gzsl_train_test_split : Hold out once, and return the parts themselves.
    skcada.metrics.gzsl_scorer : Score both kinds of test rows in cross-validation.
    sklearn.model_selection.StratifiedShuffleSplit : Hold out rows of every class, but no class.

    Examples
    --------
    >>> import numpy as np
    >>> from skcada.model_selection import GZSLShuffleSplit
    >>> y = np.repeat(["bat", "cat", "owl"], 3)
    >>> cv = GZSLShuffleSplit(n_splits=2, unseen_size=1, random_state=0)
    >>> for train, test in cv.split(y, y):
    ...     print("train:", *np.sort(y[train]), "test:", *np.sort(y[test]))
    train: bat bat cat cat test: bat cat owl owl owl
    train: bat bat cat cat test: bat cat owl owl owl
    """

    # Groups are used where they are passed, as by the splitters of scikit-learn that need them.
    __metadata_request__split: ClassVar = {"groups": True}

    @validate_params(
        {
            "n_splits": [Interval(Integral, 1, None, closed="left")],
            "unseen_size": SHARE_OR_COUNT,
            "test_size": SHARE_OR_COUNT,
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(
        self,
        n_splits: int = 10,
        *,
        unseen_size: float | int = 0.2,
        test_size: float | int = 0.2,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(n_splits, test_size=test_size, random_state=random_state)
        self.unseen_size = unseen_size

    def split(
        self, X: Any, y: ArrayLike | None, groups: ArrayLike | None = None
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Generate the indices of the training and test rows of each split.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features. Only their number of rows is used.

        y : array-like of shape (n_samples,)
            Class labels.

        groups : array-like of shape (n_samples,), default=None
            The group of each row, such as the photographed individual. No group is in both folds,
            as :func:`gzsl_train_test_split` explains.

        Returns
        -------
        iterator of tuple (train, test)
            The indices of the training rows and of the test rows of each split, both in random
            order. At least one test row is of a class in training, and at least one is not.

        Raises
        ------
        ValueError
            If `y` is None or holds no class labels, or if it has no more classes with two or more
            rows than `unseen_size` holds out: a split could then be left without a class in both
            folds. With groups, also if a row has none, or if a split would have to divide one.
        """
        _check_split_arguments(self, X, y, groups)
        return super().split(y, y, groups)

    def _iter_indices(
        self, X: Any, y: ArrayLike, groups: ArrayLike | None = None
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        (labels,) = check_labels(y=y)
        codes, classes = encode_classes(labels)
        n_unseen = count_unseen(self.unseen_size, codes)
        group_codes = None if groups is None else encode_groups(groups)
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            unseen = rng.permutation(len(classes))[:n_unseen]
            yield draw_rows(codes, classes, unseen, self.test_size, rng, group_codes)


class GZSLKFold(BaseCrossValidator):
    """Hold out every class once, along with a part of the rows of the other classes.

    The classes are dealt to the folds, and so are the rows of each class. The test fold of a split
    holds every row of the classes of the fold, so that these are unseen in training, and the part
    of the rows of each other class that belongs to the fold. The training fold holds all other
    rows.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2 and at most the number of classes with two or more rows.

    shuffle : bool, default=False
        Whether to deal classes and rows in random order. Otherwise the sorted classes are dealt one
        after the other like cards, and the rows of a class in blocks of consecutive rows.

    random_state : int, RandomState instance or None, default=None
        Controls the order of classes and rows if `shuffle` is True; must be None otherwise. Pass
        an int for the same splits at each call of `split`.

    See Also
    --------
    GZSLShuffleSplit : Choose how much to hold out, and how often.
    skcada.metrics.gzsl_scorer : Score both kinds of test rows in cross-validation.
    sklearn.model_selection.StratifiedKFold : Hold out rows of every class, but no class.

    Notes
    -----
    Each row of a class of two or more rows is tested twice, once while its class is held out and
    once while its class is in training; or only once, where both fall into the same fold.

    A class with a single row is tested as an unseen class only, and its row is in training in
    every other split. Such classes are dealt last, so that every fold has a class of two or more
    rows, and every test fold has rows of a class in training.

    Examples
    --------
    >>> import numpy as np
    >>> from skcada.model_selection import GZSLKFold
    >>> y = np.repeat(["bat", "cat", "owl"], 3)
    >>> for train, test in GZSLKFold(n_splits=3).split(y, y):
    ...     print("train:", *y[train], "test:", *y[test])
    train: cat cat owl owl test: bat bat bat cat owl
    train: bat bat owl owl test: bat cat cat cat owl
    train: bat bat cat cat test: bat cat owl owl owl
    """

    @validate_params(
        {
            "n_splits": [Interval(Integral, 2, None, closed="left")],
            "shuffle": ["boolean"],
            "random_state": ["random_state"],
        },
        prefer_skip_nested_validation=True,
    )
    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        if not shuffle and random_state is not None:
            raise ValueError(
                f"random_state={random_state!r} has no effect while shuffle is False. Leave "
                f"random_state out, or set shuffle=True."
            )
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of splits.

        Parameters
        ----------
        X : object, default=None
            Always ignored, exists for API compatibility.

        y : object, default=None
            Always ignored, exists for API compatibility.

        groups : object, default=None
            Always ignored, exists for API compatibility.

        Returns
        -------
        int
            The number of splits, `n_splits`.
        """
        return self.n_splits

    def split(
        self, X: Any, y: ArrayLike | None, groups: Any = None
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Generate the indices of the training and test rows of each split.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features. Only their number of rows is used.

        y : array-like of shape (n_samples,)
            Class labels.

        groups : object, default=None
            Always ignored, exists for API compatibility.

        Returns
        -------
        iterator of tuple (train, test)
            The indices of the training rows and of the test rows of each split, both increasing.
            At least one test row is of a class in training, and at least one is not.

        Raises
        ------
        ValueError
            If `y` is None or holds no class labels, or if it has fewer classes with two or more
            rows than there are folds.
        """
        if groups is not None:
            warn_user("The groups parameter is ignored by GZSLKFold")
        _check_split_arguments(self, X, y)
        return super().split(y, y)

    def _iter_test_masks(
        self, X: Any, y: ArrayLike, groups: Any = None
    ) -> Iterator[NDArray[np.bool_]]:
        (labels,) = check_labels(y=y)
        codes, classes = encode_classes(labels)
        n_rows = np.bincount(codes)
        n_classes, n_divisible = len(classes), int(np.sum(n_rows >= 2))
        if n_divisible < self.n_splits:
            raise ValueError(
                f"n_splits={self.n_splits} folds need as many classes with two or more rows, but "
                f"{n_divisible} of the {n_classes} classes in y have them. Lower n_splits to at "
                f"most {n_divisible}, or use GZSLShuffleSplit."
            )
        class_order, row_order = np.arange(n_classes), np.arange(len(codes))
        if self.shuffle:
            rng = check_random_state(self.random_state)
            class_order, row_order = rng.permutation(n_classes), rng.permutation(len(codes))

        # Classes that cannot be divided are dealt last: no fold must depend on them.
        class_order = class_order[np.argsort(n_rows[class_order] < 2, kind="stable")]
        fold_of_class = np.empty(n_classes, dtype=np.intp)
        fold_of_class[class_order] = np.arange(n_classes) % self.n_splits

        part = rank_within_class(codes, row_order) * self.n_splits // n_rows[codes]
        # The first part goes to the fold after the one of the class itself: so each fold tests rows
        # of a seen class even if no class has more than two rows.
        fold_of_row = (fold_of_class[codes] + 1 + part) % self.n_splits
        divisible_row = n_rows[codes] >= 2
        for fold in range(self.n_splits):
            yield (fold_of_class[codes] == fold) | (divisible_row & (fold_of_row == fold))


def _check_split_arguments(
    cv: BaseCrossValidator | BaseShuffleSplit, X: Any, y: ArrayLike | None, groups: Any = None
) -> None:
    """Raise unless there is one label per row, and one group if there are groups."""
    name = type(cv).__name__
    if y is None:
        raise ValueError(
            f"{name} holds out whole classes, so it needs to know the class of each row, but y is "
            f"None. Pass the labels as y."
        )
    check_lengths(X=X, y=y, groups=groups)
