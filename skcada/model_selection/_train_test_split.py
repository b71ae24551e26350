"""One division of a data set into training rows and test rows of seen and unseen classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state, indexable

from skcada._classes.labels import check_known, check_labels, check_lengths
from skcada._sklearn import _safe_indexing, validate_params
from skcada.model_selection._hold_out import (
    SHARE_OR_COUNT,
    count_unseen,
    draw_rows,
    encode_classes,
    encode_groups,
)


@validate_params(
    {
        "X": "no_validation",
        "y": ["array-like"],
        "unseen_size": SHARE_OR_COUNT,
        "test_size": SHARE_OR_COUNT,
        "unseen_classes": ["array-like", None],
        "groups": ["array-like", None],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def gzsl_train_test_split(
    X: Any,
    y: ArrayLike,
    *arrays: Any,
    unseen_size: float | int = 0.2,
    test_size: float | int = 0.2,
    unseen_classes: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> list[Any]:
    """Divide arrays into training rows and test rows of seen and of unseen classes.

    The test rows are all rows of some classes, which are unseen in training, and some rows of each
    other class. It is what :func:`sklearn.model_selection.train_test_split` is for a classifier
    that needs examples of every class.

    Parameters
    ----------
    X : array-like, sparse matrix or DataFrame of shape (n_samples, n_features)
        Features.

    y : array-like of shape (n_samples,)
        Class labels, which say what is held out.

    *arrays : array-likes of shape (n_samples, ...)
        Further arrays to divide alike, such as names of files.

    unseen_size : float or int, default=0.2
        A float between 0 and 1 is the share of the classes to hold out, rounded up to a whole
        number of classes. An int is their number. Not used where `unseen_classes` names them.

    test_size : float or int, default=0.2
        A float between 0 and 1 is the share of the rows of each other class to hold out, rounded
        up to a whole number of rows. An int is their number, the same for each class. Either way,
        a class keeps at least one row in training, so that a class with a single row has none to
        test. With `groups` it is the groups of each class that are counted, not its rows.

    unseen_classes : array-like of shape (n_unseen_classes,), default=None
        Labels of the classes to hold out. None draws them.

    groups : array-like of shape (n_samples,), default=None
        The group of each row. Rows of one group are alike for another reason than their class:
        photographs of one individual, sentences of one document, letters of one font. A group is
        never on both sides. None takes each row for a group of its own.

    random_state : int, RandomState instance or None, default=None
        Determines the draw and the order of the rows. Pass an int for the same division at each
        call.

    Returns
    -------
    list of length 2 * (2 + len(arrays))
        Training and test part of each array: X_train, X_test, y_train, y_test and so on, of the
        type of the input, in random order.

    Raises
    ------
    ValueError
        If arrays differ in length; if `y` holds no class labels, or `unseen_classes` one that `y`
        lacks; if no class would be left to train on, or none with both training and test rows; or
        if a row has no group, or all groups of an unseen class are needed for training.

    See Also
    --------
    GZSLShuffleSplit : The same indices, again and again, for cross-validation.
    few_shot_split : Move some rows of unseen classes to the training rows.
    sklearn.model_selection.train_test_split : Hold out rows, but no class.

    Notes
    -----
    Groups that lie within one class, such as individuals, are held out in the share of `test_size`
    in each class. So are groups that have rows of every class, such as fonts. Where groups have
    rows of several classes, but not of all, the share is met as nearly as whole groups allow: first
    each class keeps a training row, then the share is not exceeded, unless a class had no test row
    otherwise. Classes in one group only have no test row.

    A group that has rows of seen *and* of unseen classes is on one side, too: if it is a training
    group, its rows of unseen classes are left out of both parts, since a model that is trained on
    the rest of the group would not be tested on anything new but the class. Groups with rows of
    unseen classes alone are test groups, so that without mixed groups all rows are returned.

    Examples
    --------
    >>> import numpy as np
    >>> from skcada.model_selection import gzsl_train_test_split
    >>> X, y = np.arange(10).reshape(-1, 1), np.repeat(["bat", "cat", "owl"], [4, 4, 2])
    >>> X_train, X_test, y_train, y_test = gzsl_train_test_split(
    ...     X, y, unseen_size=1, test_size=0.25, random_state=0
    ... )
    >>> print("train:", *np.sort(y_train), "test:", *np.sort(y_test))
    train: bat bat bat cat cat cat test: bat cat owl owl

    The photographs of one individual stay together:

    >>> individual = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 6])
    >>> _, _, _, _, train, test = gzsl_train_test_split(
    ...     X, y, individual, unseen_classes=["owl"], groups=individual, random_state=0
    ... )
    >>> print("train:", *np.sort(train), "test:", *np.sort(test))
    train: 1 1 4 4 test: 2 2 3 3 5 6
    """
    more = {f"arrays[{number}]": array for number, array in enumerate(arrays)}
    check_lengths(X=X, y=y, **more, groups=groups)
    divided = indexable(X, y, *arrays)
    rng = check_random_state(random_state)
    if unseen_classes is None:
        (labels,) = check_labels(y=y)
        codes, classes = encode_classes(labels)
        unseen = rng.permutation(len(classes))[: count_unseen(unseen_size, codes)]
    else:
        labels, named = check_labels(y=y, unseen_classes=unseen_classes)
        advice = "Correct their spelling, or leave them out."
        check_known(named, labels, "unseen_classes", "y", advice=advice)
        codes, classes = encode_classes(labels)
        unseen = np.unique(classes.get_indexer(named))
        if len(unseen) == len(classes):
            raise ValueError(
                f"unseen_classes holds all {len(classes)} classes in y, which leaves none to train "
                "on. Leave some out."
            )
    group_codes = None if groups is None else encode_groups(groups)
    parts = draw_rows(codes, classes, unseen, test_size, rng, group_codes)
    return [_safe_indexing(array, rows) for array in divided for rows in parts]
