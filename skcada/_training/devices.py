"""Devices, precisions, tensors and random generators of torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def resolve_device(device: str | torch.device) -> torch.device:
    """Return the device that a `device` parameter asks for; "auto" prefers an accelerator."""
    if device == "auto":
        # First: old versions fail to name the accelerator where none is available.
        is_there = torch.accelerator.is_available()
        accelerator = torch.accelerator.current_accelerator() if is_there else None
        return accelerator or torch.device("cpu")
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

    "auto" is bfloat16 only where the hardware multiplies it: emulated, it is slower than float32.
    """
    if precision == "auto":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]


def _has_bfloat16(device: torch.device) -> bool:
    # What does not say whether it has bfloat16, as in old versions of torch, is taken to lack it.
    if device.type == "cpu":
        name_capabilities = getattr(torch.cpu, "get_capabilities", dict)
        # They are named after instruction sets: avx512_bf16, amx_bf16, bf16.
        return any(
            is_available
            for name, is_available in name_capabilities().items()
            if name.endswith("bf16")
        )
    is_supported = getattr(torch.get_device_module(device), "is_bf16_supported", None)
    return is_supported is not None and is_supported(including_emulation=False)


def as_tensor(array: NDArray, device: torch.device) -> Tensor:
    """Put an array on a device as float32.

    The tensor may share memory with the array, so it must not be written to.
    """
    array = np.ascontiguousarray(array, dtype=np.float32)
    if not array.flags.writeable:
        # joblib maps large inputs read-only; torch has no read-only tensors and would warn.
        array = array.copy()
    return torch.from_numpy(array).to(device)


def seeded_generator(random_state: np.random.RandomState) -> torch.Generator:
    """Make a torch generator on the CPU from one integer that `random_state` draws.

    Streams differ between kinds of device, and results must not.
    """
    seed = int(random_state.randint(np.iinfo(np.int32).max))
    return torch.Generator().manual_seed(seed)
