"""Generated data of a fixed size: noise, since no time depends on what the values are."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

N_ATTRIBUTES = 312


class Data(NamedTuple):
    """Rows of seen classes, and attributes of all classes.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Between 0 and 1, float32.
    y : ndarray of shape (n_rows,)
        Integer labels from 0, each of which occurs.
    attributes : ndarray of shape (n_seen + n_unseen, 312)
        Between 0 and 1; unseen classes come last.
    """

    X: NDArray[np.float32]
    y: NDArray[np.intp]
    attributes: NDArray[np.float32]


def make_data(n_rows: int, n_features: int = 2048, n_seen: int = 30, n_unseen: int = 10) -> Data:
    """Generate data.

    Parameters
    ----------
    n_rows, n_features, n_seen, n_unseen : int
        Its sizes.

    Returns
    -------
    Data
        The same for the same sizes.
    """
    rng = np.random.default_rng(0)
    return Data(
        rng.random((n_rows, n_features), dtype=np.float32),
        np.arange(n_rows) % n_seen,
        rng.random((n_seen + n_unseen, N_ATTRIBUTES), dtype=np.float32),
    )


def make_modalities(data: Data, *, with_gaps: bool) -> dict[str, pd.DataFrame]:
    """Describe the classes by two kinds of embedding.

    Parameters
    ----------
    data : Data
        Whose attributes the first kind is.
    with_gaps : bool
        Whether the second kind, of half the length, lacks every other class.

    Returns
    -------
    dict of str to DataFrame
    """
    attributes = pd.DataFrame(data.attributes)
    sentences = attributes.iloc[:: 2 if with_gaps else 1, : N_ATTRIBUTES // 2]
    return {"attributes": attributes, "sentences": sentences}
