"""The training of the aligned variational autoencoders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skcada._nn import (
    RECONSTRUCTION_ERRORS,
    AlignedVAE,
    LossWeights,
    Ramp,
    draw_noise,
    loss_terms,
    term_names,
)
from skcada._nn.noise import NoiseKind
from skcada._training.trainer import Objective


def make_optimizer(parameters: Iterable[Tensor], learning_rate: float) -> torch.optim.Optimizer:
    """Make the optimiser of the authors' code: Adam with AMSGrad."""
    return torch.optim.Adam(
        parameters, lr=learning_rate, betas=(0.9, 0.999), amsgrad=True, fused=True
    )


# The inputs of rows with the same modalities, and their noise, by the index of the modality.
Group = tuple[dict[int, Tensor], dict[int, Tensor]]


class AlignedVAEObjective(Objective):
    """The objective of CADA-VAE, eq. (7), for :class:`~skcada._nn.networks.AlignedVAE`.

    `embeddings` has one table of shape (n_classes, n_dimensions) per kind of class embedding,
    `present` tells which class (row) has an embedding in which table (column), and `class_index`
    gives the table row of each sample. `dtype` is that of the matrix products.

    The authors' code draws every batch anew from all rows; here an epoch visits each row once.
    """

    def __init__(
        self,
        network: AlignedVAE,
        features: Tensor,
        embeddings: Sequence[Tensor],
        present: NDArray[np.bool_],
        class_index: NDArray[np.intp],
        *,
        beta: Ramp,
        gamma: Ramp,
        delta: Ramp,
        feature_weight: float,
        max_iter: int,
        learning_rate: float,
        reconstruction_loss: str,
        noise_kind: NoiseKind,
        dtype: torch.dtype,
    ) -> None:
        self.network = network.to(features.device)
        every_term = term_names(network.modalities, LossWeights(beta=1, gamma=1, delta=1))
        self.columns = ["loss", *every_term]
        self.tensors = dict(self.network.named_parameters())
        self.features = features
        self.embeddings = embeddings
        # Rows whose classes have the same modalities share a pattern. Patterns stay on the CPU,
        # where batches are composed, so that no step asks the device how many rows it has.
        patterns, class_patterns = np.unique(present, axis=0, return_inverse=True)
        self.patterns = [[0, *(np.flatnonzero(row) + 1).tolist()] for row in patterns]
        self.row_patterns = torch.from_numpy(class_patterns.ravel()[class_index])
        self.class_index = torch.from_numpy(class_index).to(features.device)
        self.beta, self.gamma, self.delta = beta, gamma, delta
        self.reconstruction_weights = {network.modalities[0]: feature_weight}
        self.max_iter = max_iter
        self.reconstruction_error = RECONSTRUCTION_ERRORS[reconstruction_loss]
        self.noise_kind = noise_kind
        self.dtype = dtype
        self.optimizers = [make_optimizer(self.network.parameters(), learning_rate)]
        self.weights = self.weights_at(0)

    def weights_at(self, epoch: int) -> LossWeights:
        """Return the loss weights in an epoch, counted from 0."""
        progress = epoch / self.max_iter
        return LossWeights(
            beta=self.beta.at(progress),
            gamma=self.gamma.at(progress),
            delta=self.delta.at(progress),
            reconstruction=self.reconstruction_weights,
        )

    def schedule(self) -> dict[str, list[float]]:
        """Return the loss weights "beta", "gamma" and "delta" in all epochs."""
        weights = [self.weights_at(epoch) for epoch in range(self.max_iter)]
        return {name: [getattr(w, name) for w in weights] for name in ("beta", "gamma", "delta")}

    def begin_epoch(self, epoch: int) -> Sequence[str]:
        """Set the loss weights; terms that are not computed at these are not named."""
        self.weights = self.weights_at(epoch)
        return [*term_names(self.network.modalities, self.weights), "loss"]

    def compose(
        self, batches: Sequence[Tensor], generator: torch.Generator
    ) -> Iterator[list[Group]]:
        """Divide each batch into groups of rows with the same modalities."""
        device = self.features.device
        # Drawn once per epoch, on the CPU, and moved in one piece.
        noise = [
            draw_noise(
                len(self.features),
                self.network.latent_size,
                kind=self.noise_kind,
                generator=generator,
            ).to(device)
            for _ in self.network.modalities
        ]
        patterns = [self.row_patterns[rows] for rows in batches]
        order = torch.cat(
            [rows[p.argsort(stable=True)] for rows, p in zip(batches, patterns, strict=True)]
        ).to(device)
        stop = 0
        for pattern in patterns:
            groups = []
            for present, n_rows in zip(
                self.patterns, pattern.bincount(minlength=len(self.patterns)).tolist(), strict=True
            ):
                start, stop = stop, stop + n_rows
                if n_rows:
                    rows = order[start:stop]
                    inputs = {m: self._inputs(m, rows) for m in present}
                    groups.append((inputs, {m: noise[m][start:stop] for m in present}))
            yield groups

    def loss(self, batch: list[Group]) -> tuple[Tensor, dict[str, Tensor]]:
        with torch.autocast(
            self.features.device.type, dtype=self.dtype, enabled=self.dtype != torch.float32
        ):
            terms = reduce(
                add,
                (
                    loss_terms(
                        self.network,
                        inputs,
                        noise,
                        self.weights,
                        reconstruction_error=self.reconstruction_error,
                        noise_kind=self.noise_kind,
                    )
                    for inputs, noise in batch
                ),
            )
        total = terms.total(self.weights)
        return total, terms.named() | {"loss": total}

    def advise(self, term: str) -> str:
        prefixes = ("reconstruction_", "kl_", "cross_reconstruction_")
        modality = next((term.removeprefix(p) for p in prefixes if term.startswith(p)), None)
        scaling = {"features": "feature_scaling", None: "feature_scaling or embedding_scaling"}
        parameter = scaling.get(modality, "embedding_scaling")
        return f"Lower learning_rate, or if {parameter} is 'raw', set it to 'auto'."

    def _inputs(self, modality: int, rows: Tensor) -> Tensor:
        if modality == 0:
            return self.features[rows]
        return self.embeddings[modality - 1][self.class_index[rows]]
