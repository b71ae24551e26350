"""Few-shot examples of unseen classes, apart from the rows to test on."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from skcada._classes.labels import check_known, check_labels, format_labels, rank_within_class
from skcada._intervals import Interval
from skcada._sklearn import validate_params


@validate_params(
    {
        "y": ["array-like"],
        "unseen_classes": ["array-like"],
        "n_shots": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def few_shot_split(
    y: ArrayLike,
    *,
    unseen_classes: ArrayLike,
    n_shots: int,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw some rows of each unseen class as examples, and keep the others to test on.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Class labels of all rows.

    unseen_classes : array-like of shape (n_unseen_classes,)
        Labels of the classes to draw shots of.

    n_shots : int
        Number of rows to draw of each class. 0 is zero-shot learning.

    random_state : int, RandomState instance or None, default=None
        Determines the draw. Draws of more shots with the same int contain those of fewer, so that
        a curve over the number of shots compares like with like.

    Returns
    -------
    shots : ndarray of shape (n_unseen_classes * n_shots,)
        Indices of the rows drawn, to be added to the training rows.

    rest : ndarray
        Indices of the other rows of the unseen classes, to test on.

    Raises
    ------
    ValueError
        If a class has no row, or none left to test on.

    See Also
    --------
    skcada.GZSLClassifier : Its `unseen_classes` tells shots from rows of seen classes.
    gzsl_train_test_split : Hold out whole classes without shots.

    Examples
    --------
    >>> import numpy as np
    >>> from skcada.model_selection import few_shot_split
    >>> y = np.repeat(["bat", "cat", "owl"], 3)
    >>> shots, rest = few_shot_split(y, unseen_classes=["cat", "owl"], n_shots=1, random_state=0)
    >>> print(*y[shots], "|", *y[rest])
    cat owl | cat cat owl owl
    """
    labels, unseen = check_labels(y=y, unseen_classes=unseen_classes)
    check_known(
        unseen, labels, "unseen_classes", "y", advice="Correct their spelling, or leave them out."
    )
    sizes = labels.value_counts().reindex(unseen.unique(), fill_value=0)
    too_small = sizes.index[sizes <= n_shots]
    if len(too_small):
        raise ValueError(
            f"n_shots={n_shots} leaves no row to test on of {len(too_small)} unseen classes: "
            f"{format_labels(too_small)}. Lower n_shots, or leave these classes out."
        )
    # The draw does not depend on n_shots: more shots are the same ones and some more.
    order = check_random_state(random_state).permutation(len(labels))
    rank = rank_within_class(labels.to_numpy(), order)
    is_unseen = np.asarray(labels.isin(unseen))
    return (
        np.flatnonzero(is_unseen & (rank < n_shots)),
        np.flatnonzero(is_unseen & (rank >= n_shots)),
    )
