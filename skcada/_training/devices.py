"""Where tensors live, and in which type matrix products are computed."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def resolve_device(device: str | torch.device) -> torch.device:
    """Return the torch device that a `device` parameter asks for.

    Parameters
    ----------
    device : str or torch.device
        ``"auto"`` is the accelerator of this machine where there is one, else the CPU.

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        If this machine or this build of torch has no such device.

    Examples
    --------
    >>> from skcada._training import resolve_device
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")
    try:
        resolved = torch.device(device)
        torch.empty(0, device=resolved)
    # torch raises AssertionError where it was built without that backend.
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(
            f"device={str(device)!r} is not available here ({error}). "
            "Use 'auto' to take what this machine has, or 'cpu'."
        ) from error
    return resolved


def resolve_precision(precision: str, device: torch.device) -> torch.dtype:
    """Return the type of the matrix products that a `precision` parameter asks for.

    Parameters
    ----------
    precision : {"float32", "bfloat16", "auto"}
        ``"auto"`` is bfloat16 where the hardware multiplies it by itself: elsewhere it would be
        emulated, slower than float32.
    device : torch.device

    Returns
    -------
    torch.dtype

    Examples
    --------
    >>> import torch
    >>> from skcada._training import resolve_precision
    >>> resolve_precision("bfloat16", torch.device("cpu"))
    torch.bfloat16
    """
    if precision == "auto":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cpu":
        # Named after instruction sets: avx512_bf16, amx_bf16, bf16.
        return any(
            is_there
            for name, is_there in torch.cpu.get_capabilities().items()
            if name.endswith("bf16")
        )
    # Kinds of accelerator that do not tell are taken not to have it.
    is_supported = getattr(torch.get_device_module(device), "is_bf16_supported", None)
    return is_supported is not None and is_supported(including_emulation=False)


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
