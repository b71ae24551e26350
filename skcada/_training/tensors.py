"""From numpy to torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def as_tensor(array: NDArray, device: torch.device) -> Tensor:
    """Put an array on a device as float32, without a copy where memory can be shared.

    Parameters
    ----------
    array : ndarray
    device : torch.device

    Returns
    -------
    Tensor
        The same shape. It must be treated as read-only: it may share memory with `array`.
    """
    array = np.ascontiguousarray(array, dtype=np.float32)
    if not array.flags.writeable:
        # torch has no read-only tensors and warns of them; joblib maps large inputs read-only.
        array = array.copy()
    return torch.from_numpy(array).to(device)


def seeded_generator(random_state: np.random.RandomState) -> torch.Generator:
    """Make a torch generator whose stream is determined by a numpy random state.

    Parameters
    ----------
    random_state : numpy.random.RandomState
        One integer is drawn from it.

    Returns
    -------
    torch.Generator
        On the CPU: streams differ between kinds of device, and results must not.
    """
    seed = int(random_state.randint(np.iinfo(np.int32).max))
    return torch.Generator().manual_seed(seed)
