"""The work that a step or a prediction cannot avoid: its matrix products, and nothing else."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skcada._nn import AlignedVAE
from skcada._training.vae import make_optimizer


class _Layer:
    """The products of one linear layer, into memory that is there already."""

    def __init__(
        self, layer: nn.Linear, n_rows: int, dtype: torch.dtype, *, is_first: bool
    ) -> None:
        n_outputs, n_inputs = layer.weight.shape
        self.x = torch.rand(n_rows, n_inputs).to(dtype)
        self.dy = torch.rand(n_rows, n_outputs).to(dtype)
        self.weight = torch.rand(n_outputs, n_inputs).to(dtype)
        self.y = torch.empty_like(self.dy)
        self.dweight = torch.empty_like(self.weight)
        # Nobody needs the gradient of the data.
        self.dx = None if is_first else torch.empty_like(self.x)

    def forward(self) -> None:
        torch.mm(self.x, self.weight.t(), out=self.y)

    def backward(self) -> None:
        torch.mm(self.dy.t(), self.x, out=self.dweight)
        if self.dx is not None:
            torch.mm(self.dy, self.weight, out=self.dx)


class StepFloor:
    """Matrix products of a training step and one pass over the state of its optimiser.

    Parameters
    ----------
    network : AlignedVAE
        Whose shapes are taken.
    batch_size : int
        Rows a step.
    dtype : torch.dtype
        Of the products. The optimiser's state is float32 in any case.
    """

    def __init__(self, network: AlignedVAE, batch_size: int, dtype: torch.dtype) -> None:
        self.layers = [
            _Layer(layer, n_rows, dtype, is_first=is_first)
            for layer, n_rows, is_first in _list_layers(network, batch_size)
        ]
        parameters = [torch.rand_like(p).requires_grad_() for p in network.parameters()]
        for parameter in parameters:
            parameter.grad = torch.rand_like(parameter)
        self.optimizer = make_optimizer(parameters, 1e-4)

    @torch.no_grad()
    def run(self, n_steps: int) -> None:
        """Do the work of some steps."""
        for _ in range(n_steps):
            for layer in self.layers:
                layer.forward()
            for layer in reversed(self.layers):
                layer.backward()
            self.optimizer.step()


def _list_layers(network: AlignedVAE, batch_size: int) -> Iterator[tuple[nn.Linear, int, bool]]:
    """List every linear layer, the rows that go through it and whether its input is data."""
    encoder: Any
    for encoder in network.encoders:
        for i, layer in enumerate(encoder.hidden):
            yield layer, batch_size, i == 0
        yield encoder.mu, batch_size, False
        yield encoder.logvar, batch_size, False
    decoder: Any
    for decoder in network.decoders:
        # Each decoder reconstructs from the latents of all modalities.
        for layer in [*decoder.hidden, decoder.out]:
            yield layer, batch_size * len(network.decoders), False


class PredictFloor:
    """Matrix products of a prediction: hidden layers, latent means and classes.

    Parameters
    ----------
    network : AlignedVAE
        Whose encoder of features is taken.
    n_classes : int
        Classes to score.
    chunk_size : int, default=4096
        Rows at once, so that what is between two products stays in the cache.
    """

    def __init__(self, network: AlignedVAE, n_classes: int, chunk_size: int = 4096) -> None:
        encoder: Any = network.encoders[0]
        self.chunk_size = chunk_size
        self.weights = [layer.weight.detach() for layer in [*encoder.hidden, encoder.mu]]
        self.weights.append(torch.rand(n_classes, network.latent_size))
        self.outputs = [torch.empty(chunk_size, len(weight)) for weight in self.weights]

    @torch.inference_mode()
    def run(self, X: NDArray[np.float32]) -> None:
        """Do the work of predicting some rows."""
        for rows in torch.from_numpy(X).split(self.chunk_size):
            hidden: Tensor = rows
            for weight, output in zip(self.weights, self.outputs, strict=True):
                hidden = torch.mm(hidden, weight.t(), out=output[: len(rows)])
