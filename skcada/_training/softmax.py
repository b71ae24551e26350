"""The training loop of the softmax classifier."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from skcada._nn.networks import linear
from skcada._training.batches import count_steps


class SoftmaxTrainer:
    """Train a linear softmax classifier by minibatches, epoch by epoch."""

    def __init__(
        self,
        n_features: int,
        n_classes: int,
        *,
        learning_rate: float,
        device: torch.device,
        generator: torch.Generator,
    ) -> None:
        self.generator = generator
        self.layer = linear(n_features, n_classes, generator).to(device)
        # First-moment decay 0.5 as in the authors' code.
        self.optimizer = torch.optim.Adam(
            self.layer.parameters(), lr=learning_rate, betas=(0.5, 0.999), fused=True
        )

    def run_epoch(self, X: Tensor, targets: Tensor, batch_size: int) -> float:
        """Visit every row once, in random order; return the mean cross-entropy in nats.

        `targets` holds classes from 0 to ``n_classes - 1``. The loss of a batch is that before its
        step.
        """
        n_samples = len(X)
        order = torch.randperm(n_samples, generator=self.generator).to(X.device)
        total = torch.zeros((), device=X.device)
        for rows in order.tensor_split(count_steps(n_samples, batch_size)):
            self.optimizer.zero_grad(set_to_none=True)
            logits = self.layer(X[rows])
            loss = functional.cross_entropy(logits, targets[rows])
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(rows)
        return float(total) / n_samples

    def state(self) -> dict[str, Any]:
        """Return what the next epoch depends on, as arrays that belong to no device.

        "moments" are those of Adam, one dict per parameter.
        """
        moments = self.optimizer.state_dict()["state"]
        return {
            "weight": _to_array(self.layer.weight),
            "bias": _to_array(self.layer.bias),
            "moments": {
                i: {name: _to_array(value) for name, value in values.items()}
                for i, values in moments.items()
            },
            "generator": _to_array(self.generator.get_state()),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state that :meth:`state` returned."""
        with torch.no_grad():
            self.layer.weight.copy_(torch.tensor(state["weight"]))
            self.layer.bias.copy_(torch.tensor(state["bias"]))
        moments = {
            i: {name: torch.tensor(value) for name, value in values.items()}
            for i, values in state["moments"].items()
        }
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.generator.set_state(torch.tensor(state["generator"]))


def _to_array(tensor: Tensor) -> Any:
    # A copy: the tensor is trained further in place.
    return tensor.detach().cpu().numpy().copy()
