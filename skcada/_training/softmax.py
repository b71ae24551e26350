"""The training loop of the softmax classifier."""

import torch
from torch import Tensor
from torch.nn import functional

from skcada._nn.networks import linear
from skcada._training.batches import count_steps


class SoftmaxTrainer:
    """Train a linear softmax classifier by minibatches, epoch by epoch.

    Parameters
    ----------
    X : Tensor of shape (n_samples, n_features)
    targets : Tensor of shape (n_samples,)
        Class of each sample, 0 to ``n_classes - 1``.
    n_classes : int
    batch_size : int
    learning_rate : float
    generator : torch.Generator
        Source of the initial weights and of the permutations, on the CPU.

    Attributes
    ----------
    layer : torch.nn.Linear
        On the device of `X`.
    """

    def __init__(
        self,
        X: Tensor,
        targets: Tensor,
        n_classes: int,
        *,
        batch_size: int,
        learning_rate: float,
        generator: torch.Generator,
    ) -> None:
        self.X = X
        self.targets = targets
        self.batch_size = batch_size
        self.generator = generator
        self.layer = linear(X.shape[1], n_classes, generator).to(X.device)
        # First-moment decay 0.5 as in the authors' code.
        self.optimizer = torch.optim.Adam(
            self.layer.parameters(), lr=learning_rate, betas=(0.5, 0.999), fused=True
        )

    def run_epoch(self) -> float:
        """Visit every row once, in random order.

        Returns
        -------
        float
            Mean cross-entropy in nats, each batch measured before its step.
        """
        n_samples = len(self.X)
        order = torch.randperm(n_samples, generator=self.generator).to(self.X.device)
        total = torch.zeros((), device=self.X.device)
        for rows in order.tensor_split(count_steps(n_samples, self.batch_size)):
            self.optimizer.zero_grad(set_to_none=True)
            logits = self.layer(self.X[rows])
            loss = functional.cross_entropy(logits, self.targets[rows])
            loss.backward()
            self.optimizer.step()
            total += loss.detach() * len(rows)
        return float(total) / n_samples
