"""Seeds for the estimators inside a meta-estimator."""

from __future__ import annotations

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
    parameters = cloned.get_params()
    seeded_parts = tuple(
        f"{name}__" if name else ""
        for name, part in {"": cloned, **parameters}.items()
        if getattr(part, "_seeds_its_parts", False) and part.random_state is not None
    )
    unseeded = {
        name: seeds.randint(np.iinfo(np.int32).max)
        for name, value in sorted(parameters.items())
        if name.rpartition("__")[2] == "random_state"
        and value is None
        # Another seed than the one that it would get from the estimator that it is part of.
        and not name.startswith(seeded_parts)
    }
    if unseeded:
        cloned.set_params(**unseeded)
    return cloned
