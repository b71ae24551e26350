"""Seeds for the estimators inside a meta-estimator."""

from typing import Any

import numpy as np
from sklearn.base import clone


def clone_seeded(estimator: Any, default: type, random_state: np.random.RandomState) -> Any:
    """Clone an estimator, or make the default one, and seed it where it has no seed yet.

    Parameters
    ----------
    estimator : estimator or None
    default : type
        Class to make an estimator of where `estimator` is None.
    random_state : RandomState
        Source of the seeds.

    Returns
    -------
    estimator
    """
    cloned = default() if estimator is None else clone(estimator)
    # Drawn in any case, so that a seed of one estimator does not change the other's.
    seeds = np.random.RandomState(random_state.randint(np.iinfo(np.int32).max))
    unseeded = {
        name: seeds.randint(np.iinfo(np.int32).max)
        for name, value in sorted(cloned.get_params().items())
        if name.rpartition("__")[2] == "random_state" and value is None
    }
    if unseeded:
        cloned.set_params(**unseeded)
    return cloned
