"""Sentence embeddings of classes, as the authors of CADA-VAE distribute them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from skcada._classes.labels import check_labels, format_labels
from skcada._sklearn import validate_params
from skcada.datasets._layout import refuse_not_finite, some
from skcada.datasets._plain_pickle import FLOOR, RATIO, read_plain_pickle, to_array


@validate_params(
    {"path": [str, os.PathLike], "classes": ["array-like"], "key": [str]},
    prefer_skip_nested_validation=True,
)
def load_sentence_embeddings(
    path: str | os.PathLike[str], *, classes: ArrayLike, key: str = "sentences"
) -> pd.DataFrame:
    """Load class embeddings from a pickled dict, such as the sentences of CUB.

    The authors of CADA-VAE [1]_ distribute the sentence embeddings of the 200 birds of CUB [2]_ as
    ``CUB_supporting_data.p``. Unpickling runs whatever code a file asks for; here only arrays,
    numbers, texts and plain containers are read, and a file that asks for more is refused.

    Parameters
    ----------
    path : str or path-like
        The file: a dict, pickled with a protocol before 5.
    classes : array-like of shape (n_classes,)
        The class labels in the order of the rows. For CUB that is the order of
        ``allclasses_names``, the ``target_names`` of :func:`load_xlsa17`.
    key : str, default="sentences"
        The key of the embeddings, an array of shape (n_classes, n_dimensions).

    Returns
    -------
    class_embeddings : DataFrame of shape (n_classes, n_dimensions)
        One row per class, its index (named ``"class"``) the class labels. Fits the parameter
        ``class_embeddings`` of the estimators as it is.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, asks for anything but plain data or holds far more objects than its
        size lets expect; if it lacks `key`; if the embeddings are not one row per class of finite
        numbers; or if a class occurs twice.

    See Also
    --------
    load_xlsa17 : Load a data set, also with sentence embeddings as ``splits_file``.

    Notes
    -----
    The unpickler of Python has no part in it. The opcodes of plain data are followed by a reader
    that calls nothing. It takes about ten times the size of the file, and 64 MiB, at most; that is
    enough for arrays of any size and for lists of a million numbers.

    References
    ----------
    .. [1] E. Schönfeld, S. Ebrahimi, S. Sinha, T. Darrell, Z. Akata. "Generalized Zero- and
       Few-Shot Learning via Aligned Variational Autoencoders". CVPR 2019.
    .. [2] S. Reed, Z. Akata, H. Lee, B. Schiele. "Learning Deep Representations of Fine-Grained
       Visual Descriptions". CVPR 2016.

    Examples
    --------
    >>> import pickle
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from skcada.datasets import load_sentence_embeddings
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "birds.p"
    ...     _ = path.write_bytes(pickle.dumps({"sentences": np.eye(2)}, protocol=4))
    ...     embeddings = load_sentence_embeddings(path, classes=["albatross", "auklet"])
    >>> embeddings
               sentences_0  sentences_1
    class
    albatross          1.0          0.0
    auklet             0.0          1.0
    """
    path = Path(path)
    index = check_labels(classes=classes)[0].rename("class")
    if index.has_duplicates:
        repeated = index[index.duplicated()].unique()
        raise ValueError(f"classes holds {some(repeated, 'class')} more than once. Name each once.")
    content = read_plain_pickle(path)
    if not isinstance(content, dict):
        raise ValueError(
            f"'{path}' holds a {type(content).__name__}, expected a dict with {key!r}. "
            "Check that it is the file meant."
        )
    if key not in content:
        raise ValueError(
            f"'{path}' lacks {key!r}; its keys are {format_labels(content)}. Pass the right one as "
            "key, or check that it is the file meant."
        )
    try:
        values = to_array(content[key], max_bytes=RATIO * path.stat().st_size + FLOOR)
    except ValueError as error:
        raise ValueError(
            f"{key!r} of '{path}' is no array of numbers ({error}). "
            "Check that it is the file meant."
        ) from error
    if values.dtype.kind not in "iuf" or values.ndim != 2 or len(values) != len(index):
        raise ValueError(
            f"{key!r} of '{path}' has shape {values.shape} and type {values.dtype}, but must be "
            f"numbers of shape ({len(index)}, n_dimensions), one row per label in classes. "
            "Check that classes lists those of the file, and that key is the right one."
        )
    refuse_not_finite(index[~np.isfinite(values).all(axis=1)], f"{key!r} of '{path}'")
    columns = [f"{key}_{i}" for i in range(values.shape[1])]
    return pd.DataFrame(values.astype(np.float64), index=index, columns=columns)
