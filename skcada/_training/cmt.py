"""The training of the network of CMT."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skcada._nn.cmt import Weights, initial_weights, nearness, objective, project
from skcada._training.devices import as_tensor
from skcada._training.inference import apply_in_chunks
from skcada._training.trainer import Objective

Solver = Literal["adam", "lbfgs"]


class CMTObjective(Objective):
    """The objective of CMT, lowered by Adam or by iterations of L-BFGS.

    `class_codes` has the row of `vectors` of each row of `rows`. `generator` draws on the CPU.
    L-BFGS takes all rows as one batch, and needs no `learning_rate`. The network is trained on rows
    divided by the root mean square of their entries, because its first weights and the learning
    rate suit entries of order one.
    """

    columns = ("objective",)

    def __init__(
        self,
        rows: NDArray[np.float32],
        class_codes: NDArray[np.intp],
        vectors: NDArray[np.float32],
        *,
        hidden_size: int,
        alpha: float,
        solver: Solver,
        learning_rate: float,
        device: torch.device,
        generator: torch.Generator,
    ) -> None:
        mean_square = float(np.mean(np.square(rows, dtype=np.float64)))
        self.factor = mean_square**-0.5 if mean_square else 1.0
        self.rows = as_tensor(rows, device) * self.factor
        self.class_codes = torch.from_numpy(class_codes).to(device)
        self.vectors = as_tensor(vectors, device)
        hidden_matrix, hidden_bias, matrix, bias = (
            weight.to(device).requires_grad_()
            for weight in initial_weights(rows.shape[1], hidden_size, vectors.shape[1], generator)
        )
        self.weights: Weights = hidden_matrix, hidden_bias, matrix, bias
        self.alpha = alpha
        names = "hidden_matrix", "hidden_bias", "matrix", "bias"
        self.tensors = dict(zip(names, self.weights, strict=True))
        if solver == "adam":
            self.optimizers = [torch.optim.Adam(self.weights, lr=learning_rate, fused=True)]
        else:
            # By default one iteration may evaluate the objective once, which no line search can
            # improve on.
            self.optimizers = [
                torch.optim.LBFGS(
                    self.weights, max_iter=1, max_eval=25, line_search_fn="strong_wolfe"
                )
            ]

    def loss(self, batch: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        targets = self.vectors[self.class_codes[batch]]
        mean = objective(self.rows[batch], targets, self.weights, self.alpha)
        return mean, {"objective": mean * len(batch)}

    def step(self, batch: Tensor) -> dict[str, Tensor]:
        (optimizer,) = self.optimizers
        if not isinstance(optimizer, torch.optim.LBFGS):
            return super().step(batch)

        def differentiate() -> Tensor:
            optimizer.zero_grad(set_to_none=True)
            mean, _ = self.loss(batch)
            mean.backward()
            return mean.detach()

        return {"objective": optimizer.step(differentiate) * len(batch)}

    def learnt_weights(self) -> list[NDArray[np.float32]]:
        """Return copies of the weights for rows that are not divided, in the network's order."""
        hidden_matrix, *others = (weight.detach() for weight in self.weights)
        return [weight.cpu().numpy().copy() for weight in (hidden_matrix * self.factor, *others)]

    def score(self, rows: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score other rows against other vectors, by minus the squared distance."""
        others = as_tensor(vectors, self.rows.device)

        def score(chunk: Tensor) -> tuple[Tensor]:
            return (nearness(project(chunk * self.factor, self.weights), others),)

        (scores,) = apply_in_chunks(score, rows, self.rows.device)
        return scores
