"""The training of maps from features to class embeddings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from skcada._nn.ranking import best_map_scores
from skcada._training.devices import as_tensor
from skcada._training.trainer import Objective

# Makes a Tensor of a shape, of uniform numbers from 0 to 1.
Draw = Callable[[torch.Size], Tensor]
# A loss of scores and class codes, summed over rows.
RankingLoss = Callable[[Tensor, Tensor, Draw], Tensor]


class RankingObjective(Objective):
    """A ranking loss of the scores of one or several maps.

    `class_codes` has the row of `vectors` of each row of `rows`. Maps begin at zero, which is as
    good as any place for a single one, whose loss is convex; several begin at normal numbers of
    variance ``1 / n_features``. `generator` draws on the CPU.
    """

    columns = ("ranking",)

    def __init__(
        self,
        rows: NDArray[np.float32],
        class_codes: NDArray[np.intp],
        vectors: NDArray[np.float32],
        *,
        n_maps: int,
        loss: RankingLoss,
        learning_rate: float,
        device: torch.device,
        generator: torch.Generator,
    ) -> None:
        self.rows = as_tensor(rows, device)
        self.class_codes = torch.from_numpy(class_codes).to(device)
        # Steps never leave the span of the vectors, which may need fewer coordinates.
        _, singular, directions = np.linalg.svd(vectors, full_matrices=False)
        least = max(vectors.shape) * np.finfo(np.float32).eps * singular.max(initial=0.0)
        self.basis = directions[singular > least]
        self.vectors = as_tensor(vectors @ self.basis.T, device)
        self.n_maps = n_maps
        # Side by side, and transposed as the weights of a linear layer are, whose gradient is the
        # faster product.
        shape = n_maps * len(self.basis), rows.shape[1]
        maps = torch.zeros(shape)
        if n_maps > 1:
            maps.normal_(0.0, rows.shape[1] ** -0.5, generator=generator)
        self.maps = maps.to(device)
        self.average = torch.zeros(shape, device=device)
        self.tensors = {"maps": self.maps, "average": self.average}
        self.ranking_loss = loss
        self.generator = generator
        self.learning_rate = learning_rate

    def step(self, batch: Tensor) -> dict[str, Tensor]:
        """Follow the gradient of the mean over a batch."""
        rows = self.rows.index_select(0, batch)
        projections = functional.linear(rows, self.maps).requires_grad_()
        loss = self.ranking_loss(
            self._score(projections, self.vectors), self.class_codes[batch], self._draw
        )
        (gradient,) = torch.autograd.grad(loss, projections)
        # The gradient of the maps is a product, which is added to them as it is computed.
        self.maps.addmm_(gradient.T, rows, alpha=-self.learning_rate / len(batch))
        return {"ranking": loss}

    def end_epoch(self, epoch: int) -> None:
        # The mean over epochs is steadier than the last iterate of a constant step.
        self.average.lerp_(self.maps, 1 / (epoch + 1))

    def _draw(self, shape: torch.Size) -> Tensor:
        return torch.rand(shape, generator=self.generator).to(self.rows.device)

    def _score(self, projections: Tensor, vectors: Tensor) -> Tensor:
        by_map = projections.unflatten(1, (self.n_maps, len(self.basis)))
        return best_map_scores(by_map.transpose(0, 1), vectors)

    def averaged_maps(self) -> NDArray[np.float32]:
        """Return the maps, of shape (n_maps, n_features, n_dimensions)."""
        maps = self.average.unflatten(0, (self.n_maps, len(self.basis))).transpose(1, 2)
        return maps.cpu().numpy() @ self.basis

    def score(self, rows: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score other rows against other vectors."""
        device = self.rows.device
        others = as_tensor(vectors @ self.basis.T, device)
        projections = functional.linear(as_tensor(rows, device), self.average)
        return self._score(projections, others).cpu().numpy()
