"""Data sets for generalized zero-shot learning: built-in ones, generated ones, published ones.

The functions return a :class:`~sklearn.utils.Bunch` of one layout, except for
:func:`load_imagenet21k`, whose features do not fit into memory, and
:func:`load_sentence_embeddings`, which adds to a data set:

data : ndarray of shape (n_samples, n_features), dtype float32
    The features of all rows, of seen and unseen classes alike.
target : ndarray of shape (n_samples,)
    The class label of each row.
class_embeddings : DataFrame of shape (n_classes, n_attributes)
    One row per class, its index (named ``"class"``) the class labels; one column per attribute.
    Fits the parameter ``class_embeddings`` of the estimators as it is.
seen_classes, unseen_classes : ndarray
    Sorted labels of the classes of the ``trainval`` rows and of the ``test_unseen`` rows.
trainval, test_seen, test_unseen : ndarray of int
    Row indices, counted from 0, without a row in common: the rows to train on, further rows of the
    seen classes to test on, and the rows of the unseen classes.
train, val : ndarray of int, or None
    Two parts of ``trainval`` without a class in common: tune on a model that is fitted to ``train``
    and takes the classes of ``val`` for unseen, then refit on ``trainval``. None where the data
    set has no such division.
feature_names : list of str
    The names of the features.
target_names : ndarray of shape (n_classes,)
    All class labels, in the order of the rows of ``class_embeddings``.
DESCR : str
    The description of the data set.
frame : DataFrame of shape (n_samples, n_features + 1), or None
    With ``as_frame=True``, ``data`` and ``target`` side by side; ``data`` is then a DataFrame
    and ``target`` a Series.

:func:`load_accented_letters` adds ``images``, ``face`` and ``family``, with one entry per row.

With ``return_X_y=True`` the functions return ``(data, target)`` of all rows instead.
:func:`dump_xlsa17` writes such a data set to files.
"""

# May import the floor below: `_classes`. No torch.

from skcada.datasets._accented_letters.loader import load_accented_letters
from skcada.datasets._dump_xlsa17 import dump_xlsa17
from skcada.datasets._fetch_xlsa17 import fetch_xlsa17
from skcada.datasets._generated import make_gzsl_classification
from skcada.datasets._imagenet21k import load_imagenet21k
from skcada.datasets._segment_digits import load_segment_digits
from skcada.datasets._sentence_embeddings import load_sentence_embeddings
from skcada.datasets._xlsa17 import load_xlsa17

__all__ = [
    "dump_xlsa17",
    "fetch_xlsa17",
    "load_accented_letters",
    "load_imagenet21k",
    "load_segment_digits",
    "load_sentence_embeddings",
    "load_xlsa17",
    "make_gzsl_classification",
]
