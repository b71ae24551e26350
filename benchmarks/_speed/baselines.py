"""The loop of research code and the unavoidable work, with which skcada is compared.

The loop has one decoder pass per latent, torch's default Adam (a loop over the parameters), random
batches by numpy indexing and a look at the loss in every step, in float32.
"""

import copy
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode


class PlainVAE(nn.Module):
    """Two variational autoencoders with one hidden layer in each network, which are copied."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        encoders, decoders = copy.deepcopy(network.encoders), copy.deepcopy(network.decoders)
        self.hidden = nn.ModuleList(nn.Sequential(e.hidden[0], nn.ReLU()) for e in encoders)
        self.mean = nn.ModuleList(encoder.mu for encoder in encoders)
        self.log_var = nn.ModuleList(encoder.logvar for encoder in encoders)
        self.decode = nn.ModuleList(nn.Sequential(d.hidden[0], nn.ReLU(), d.out) for d in decoders)

    def loss(
        self, x: Tensor, a: Tensor, noise: list[Tensor], beta: float, gamma: float, delta: float
    ) -> Tensor:
        """Return the loss of features and their attributes at these weights, summed over rows."""
        absolute = nn.L1Loss(reduction="sum")
        hidden_x, hidden_a = self.hidden[0](x), self.hidden[1](a)
        mean_x, log_var_x = self.mean[0](hidden_x), self.log_var[0](hidden_x)
        mean_a, log_var_a = self.mean[1](hidden_a), self.log_var[1](hidden_a)
        z_x = mean_x + log_var_x.exp() * noise[0].expand_as(log_var_x)
        z_a = mean_a + log_var_a.exp() * noise[1].expand_as(log_var_a)
        decode_x, decode_a = self.decode

        reconstruction = absolute(decode_x(z_x), x) + absolute(decode_a(z_a), a)
        cross = absolute(decode_x(z_a), x) + absolute(decode_a(z_x), a)
        divergence = -0.5 * torch.sum(1 + log_var_x - mean_x.pow(2) - log_var_x.exp())
        divergence = divergence - 0.5 * torch.sum(1 + log_var_a - mean_a.pow(2) - log_var_a.exp())
        distance = torch.sqrt(
            torch.sum((mean_x - mean_a) ** 2, dim=1)
            + torch.sum((torch.sqrt(log_var_x.exp()) - torch.sqrt(log_var_a.exp())) ** 2, dim=1)
        ).sum()
        return reconstruction + beta * divergence + gamma * cross + delta * distance


class PlainLoop:
    """Training of a copy of a fitted transformer at full loss weights, by batches of 50."""

    def __init__(self, transformer: Any, X: Any, y: Any, attributes: Any) -> None:
        self.network = PlainVAE(transformer.network_)
        self.weights = transformer.beta, transformer.gamma, transformer.delta
        self.X, self.y, self.attributes = X, y, attributes
        self.rng = np.random.default_rng(0)
        options: dict[str, Any] = {"lr": 1.5e-4, "amsgrad": True, "foreach": False, "fused": False}
        self.optimizer = torch.optim.Adam(self.network.parameters(), **options)

    def run(self, n_steps: int) -> list[float]:
        """Take some steps and return the loss before each of them."""
        losses = []
        for _ in range(n_steps):
            rows = self.rng.permutation(len(self.X))[:50]
            x = torch.from_numpy(self.X[rows])
            a = torch.from_numpy(self.attributes[self.y[rows]])
            noise = [torch.randn(len(rows), 1) for _ in range(2)]
            loss = self.network.loss(x, a, noise, *self.weights)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return losses


class StepFloor:
    """Matrix products of a training step, by dtype, and a pass over the state of its optimiser."""

    def __init__(self, network: Any, batch_size: int, dtype: torch.dtype) -> None:
        # Nobody needs the gradient of the data.
        first = {id(encoder.hidden[0]) for encoder in network.encoders}
        # Each decoder reconstructs from the latents of all modalities.
        n_rows = {network.encoders: batch_size, network.decoders: 2 * batch_size}
        self.products: list[tuple[Tensor, Tensor, Tensor]] = []
        for modules, n in n_rows.items():
            for layer in (part for part in modules.modules() if isinstance(part, nn.Linear)):
                x, y = (torch.rand(n, k).to(dtype) for k in (layer.in_features, layer.out_features))
                weight = torch.rand_like(layer.weight).to(dtype)
                self.products.append((x, weight.t(), torch.empty_like(y)))
                self.products.append((y.t(), x, torch.empty_like(weight)))
                if id(layer) not in first:
                    self.products.append((y, weight, torch.empty_like(x)))
        parameters = [torch.rand_like(p).requires_grad_() for p in network.parameters()]
        for parameter in parameters:
            parameter.grad = torch.rand_like(parameter)
        self.optimizer = torch.optim.Adam(parameters, lr=1e-4, amsgrad=True, fused=True)

    @torch.no_grad()
    def run(self, n_steps: int) -> None:
        """Do the work of some steps."""
        for _ in range(n_steps):
            for a, b, product in self.products:
                torch.mm(a, b, out=product)
            self.optimizer.step()


class RankingFloor:
    """Matrix products of an epoch of training a map by a loss of scores against class embeddings.

    `shape` is that of the map as it is stored, with one row per dimension of the embeddings, and
    each part of `batches` has the rows of a step.
    """

    def __init__(self, rows: Tensor, batches: tuple[Tensor, ...], shape: Any, n_classes: int):
        # Rows lie together already: that a step gathers its own is no product.
        self.batches = [rows[batch] for batch in batches]
        self.map, self.vectors = torch.rand(shape), torch.rand(n_classes, shape[0])

    @torch.no_grad()
    def run(self) -> None:
        """Do the work of an epoch."""
        for rows in self.batches:
            scores = rows @ self.map.T @ self.vectors.T
            # Of the same shape as the gradient of the scores, which leads to that of the map.
            (scores @ self.vectors).T @ rows


class Recorder(TorchDispatchMode):
    """Record the operands of all matrix products."""

    def __init__(self) -> None:
        super().__init__()
        self.products: list[tuple[Tensor, Tensor, Tensor]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note the operands of a product, and compute whatever is called."""
        if func in (torch.ops.aten.mm.default, torch.ops.aten.addmm.default):
            # Of the same sizes and strides, which decide how fast a product is.
            a, b = (x.detach().clone() for x in args[-2:])
            self.products.append((a, b, torch.empty(len(a), b.shape[1])))
        return func(*args, **(kwargs or {}))


class RecordedSteps:
    """Some steps of a training, and the matrix products that they make."""

    def __init__(self, trainer: Any, n_steps: int) -> None:
        self.objective = trainer.objective
        self.objective.begin_epoch(trainer.n_epochs)
        batches = trainer.objective.compose(trainer._draw_batches(), trainer.generator)
        self.batches = list(islice(batches, n_steps))
        with Recorder() as recorder:
            self.run()
        self.products = recorder.products
        # As often as each optimiser moves its tensors in these steps.
        self.updates: list[Any] = []
        for optimizer in self.objective.optimizers:
            moved = optimizer.param_groups[0]["params"]
            copies = [parameter.detach().clone().requires_grad_() for parameter in moved]
            for parameter in copies:
                parameter.grad = torch.rand_like(parameter)
            update = torch.optim.Adam(copies, lr=1e-9, fused=True)
            self.updates += [update] * int(optimizer.state[moved[0]]["step"])

    def run(self) -> None:
        """Take the steps."""
        for batch in self.batches:
            self.objective.step(batch)

    @torch.no_grad()
    def multiply(self) -> None:
        """Make the matrix products of the steps."""
        for a, b, product in self.products:
            torch.mm(a, b, out=product)

    @torch.no_grad()
    def multiply_and_update(self) -> None:
        """Make the matrix products of the steps, and pass over the state of the optimisers."""
        self.multiply()
        for optimizer in self.updates:
            optimizer.step()


@torch.inference_mode()
def predict_floor(network: Any, n_classes: int, X: NDArray[np.float32]) -> None:
    """Compute the matrix products of a prediction: hidden layers, latent means and classes."""
    encoder = network.encoders[0]
    weights = [layer.weight.detach() for layer in [*encoder.hidden, encoder.mu]]
    weights.append(torch.rand(n_classes, network.latent_size))
    # Chunks are so small that what is between two products stays in the cache.
    for rows in torch.from_numpy(X).split(4096):
        for weight in weights:
            rows = rows @ weight.t()
