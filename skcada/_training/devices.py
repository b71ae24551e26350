"""Where tensors live."""

import torch


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
