"""Handwritten digits, described to the model by their seven-segment displays."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.datasets import load_digits
from sklearn.utils import Bunch

from skcada._classes.labels import format_labels, rank_within_class
from skcada._sklearn import validate_params
from skcada.datasets._layout import (
    DataAndTarget,
    divide_by_class,
    make_bunch,
)
from skcada.exceptions import reading

SEGMENTS = "abcdefg"  # clockwise from the top, the middle bar last
LIT = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")

DESCR = """\
Segment digits
--------------

The 1,797 handwritten digits of scikit-learn's `load_digits`: images of 8 x 8 pixels, each from 0 to
16. A digit's class embedding is its seven-segment display: 1 where a segment is lit, 0 where it is
dark. Segments a to f go clockwise from the top, g is the middle bar; 6 and 9 have tails.

Unseen digits: {unseen}. All their rows are test_unseen. Every fifth row of each other digit is
test_seen, the rest trainval. {validation}
"""


@validate_params(
    {"unseen_classes": ["array-like"], "return_X_y": ["boolean"], "as_frame": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def load_segment_digits(
    *, unseen_classes: ArrayLike = (1, 6), return_X_y: bool = False, as_frame: bool = False
) -> Bunch | DataAndTarget:
    """Load handwritten digits with their seven-segment displays as class embeddings.

    A small real data set that needs no download: the 1,797 images of
    :func:`sklearn.datasets.load_digits`, with 64 features from 0 to 16. The embedding of a digit
    is the vector of the segments, "a" to "g", that a seven-segment display lights to show it.

    Parameters
    ----------
    unseen_classes : array-like of int, default=(1, 6)
        The digits to keep from training, at most eight. The default is the pair whose displays
        differ most, in six segments. Nothing in this choice looks at the images.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, `data` is a DataFrame and `target` a Series.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        The data set in the layout that :mod:`skcada.datasets` describes, with int labels 0 to 9.
        Every fifth row of each seen digit is in ``test_seen``. As many digits are held out for
        ``val`` as are unseen (the largest ones), but two remain in ``train``; with only two
        seen digits ``train`` and ``val`` are None.

    (data, target) : tuple if ``return_X_y`` is True
        The features and labels of all rows.

    Raises
    ------
    ValueError
        If `unseen_classes` is empty, holds something else than different digits, or leaves fewer
        than two digits to train on.

    See Also
    --------
    make_gzsl_classification : Generate a problem of any size.
    load_xlsa17 : Load a published data set.

    Examples
    --------
    >>> from skcada.datasets import load_segment_digits
    >>> digits = load_segment_digits()
    >>> digits.data.shape
    (1797, 64)
    >>> digits.unseen_classes
    array([1, 6])
    >>> digits.class_embeddings.loc[[1, 6]].astype(int)
           a  b  c  d  e  f  g
    class
    1      0  1  1  0  0  0  0
    6      1  0  1  1  1  1  1
    """
    unseen = _validate_unseen(unseen_classes)
    digits = load_digits()
    target = digits.target.astype(np.int64)
    is_unseen = np.isin(target, unseen)
    is_fifth = rank_within_class(target) % 5 == 4
    trainval = np.flatnonzero(~is_unseen & ~is_fifth)
    train, val = divide_by_class(target, trainval, unseen.size)
    return make_bunch(
        digits.data.astype(np.float32),
        target,
        pd.DataFrame(
            [[float(segment in lit) for segment in SEGMENTS] for lit in LIT],
            columns=list(SEGMENTS),
        ),
        trainval=trainval,
        test_seen=np.flatnonzero(~is_unseen & is_fifth),
        test_unseen=np.flatnonzero(is_unseen),
        train=train,
        val=val,
        feature_names=list(digits.feature_names),
        descr=DESCR.format(
            unseen=format_labels(unseen),
            validation=(
                "Too few digits are seen to hold any out for validation."
                if val is None
                else f"Held out for validation: {format_labels(np.unique(target[val]))}."
            ),
        ),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )


def _validate_unseen(unseen_classes: ArrayLike) -> NDArray[np.intp]:
    with reading("unseen_classes", "digits"):
        unseen = np.asarray(unseen_classes)
    if unseen.ndim != 1 or unseen.size == 0:
        raise ValueError(
            f"unseen_classes must list one to eight digits, got {unseen_classes!r}. "
            "Pass a tuple such as (1, 6)."
        )
    if unseen.dtype.kind not in "iu" or not np.isin(unseen, np.arange(10)).all():
        raise ValueError(
            f"unseen_classes must hold digits, integers from 0 to 9, got {unseen_classes!r}. "
            "Pass a tuple such as (1, 6)."
        )
    digits, counts = np.unique(unseen, return_counts=True)
    if (counts > 1).any():
        raise ValueError(
            f"unseen_classes names {format_labels(digits[counts > 1])} more than once: "
            f"{unseen_classes!r}. Name each digit once."
        )
    if digits.size > 8:
        raise ValueError(
            f"unseen_classes names {digits.size} of the 10 digits, but two seen ones must remain "
            "to train on. Name at most eight."
        )
    return digits.astype(np.intp)
