"""The training of the softmax classifier."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from skcada._nn.networks import linear
from skcada._training.trainer import Objective, Trainer


class SoftmaxObjective(Objective):
    """The mean cross-entropy of a linear softmax classifier, in nats.

    `targets` holds the class of each row, from 0 to ``n_classes - 1``.
    """

    columns = ("cross_entropy",)

    def __init__(
        self,
        rows: Tensor,
        targets: Tensor,
        n_classes: int,
        *,
        learning_rate: float,
        generator: torch.Generator,
    ) -> None:
        self.rows = rows
        self.targets = targets
        self.layer = linear(rows.shape[1], n_classes, generator).to(rows.device)
        self.tensors = dict(self.layer.named_parameters())
        # First-moment decay 0.5 as in the authors' code.
        self.optimizers = [
            torch.optim.Adam(
                self.layer.parameters(), lr=learning_rate, betas=(0.5, 0.999), fused=True
            )
        ]

    def loss(self, batch: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        logits = self.layer(self.rows[batch])
        mean = functional.cross_entropy(logits, self.targets[batch])
        return mean, {"cross_entropy": mean * len(batch)}

    def advise(self, term: str) -> str:
        return "Scale X, for instance with StandardScaler, or lower learning_rate."


def train_softmax(
    rows: Tensor,
    targets: Tensor,
    n_classes: int,
    *,
    n_epochs: int,
    batch_size: int,
    learning_rate: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Return the weights, (n_classes, n_features), and the biases of a softmax trained so long."""
    objective = SoftmaxObjective(
        rows, targets, n_classes, learning_rate=learning_rate, generator=generator
    )
    trainer = Trainer(objective, len(rows), batch_size=batch_size, generator=generator)
    for _ in range(n_epochs):
        trainer.run_epoch()
    return objective.layer.weight.detach(), objective.layer.bias.detach()
