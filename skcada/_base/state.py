"""The saved state of estimators that hold a torch network."""

from __future__ import annotations

import copy
from typing import Any

import torch

from skcada._training import resolve_device
from skcada.exceptions import warn_user


class DeviceStateMixin:
    """Save `network_` on the CPU, and load it onto the device that `device` asks for.

    To be put left of :class:`~sklearn.base.BaseEstimator`. A machine without the device on which
    the estimator was trained loads it onto the CPU, with a warning unless `device` is "auto".
    """

    device: str | torch.device
    device_: torch.device
    network_: Any  # a torch.nn.Module

    def __getstate__(self) -> dict[str, Any]:
        # A copy: what is saved must not change what is in use.
        state = dict(super().__getstate__())  # type: ignore[call-overload]
        if "network_" in state and self.device_.type != "cpu":
            state["network_"] = copy.deepcopy(self.network_).cpu()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[misc]
        if "network_" not in state:
            return
        try:
            self.device_ = resolve_device(self.device)
        except ValueError as error:
            warn_user(f"{error} The loaded model runs on the CPU.")
            self.device_ = torch.device("cpu")
        if next(self.network_.parameters()).device != self.device_:
            # A shallow copy of an estimator shares its network.
            self.network_ = copy.deepcopy(self.network_).to(self.device_)
