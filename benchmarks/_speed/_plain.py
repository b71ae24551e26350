"""A training of CADA-VAE as research code does it, to compare with.

One modality after the other, one decoder pass for each latent, torch's default Adam (a loop over
the parameters), a random batch by numpy indexing and a look at the loss at every step, in float32.
"""

import itertools
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skcada._nn import AlignedVAE, LossWeights


def _linear(n_inputs: int, n_outputs: int) -> nn.Linear:
    layer = nn.Linear(n_inputs, n_outputs)
    nn.init.xavier_uniform_(layer.weight, gain=0.5)
    nn.init.zeros_(layer.bias)
    return layer


class PlainEncoder(nn.Module):
    """One hidden layer, then mean and log-variance."""

    def __init__(self, n_inputs: int, n_hidden: int, latent_size: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(_linear(n_inputs, n_hidden), nn.ReLU())
        self.mean = _linear(n_hidden, latent_size)
        self.log_var = _linear(n_hidden, latent_size)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the means and the log-variances."""
        h = self.hidden(x)
        return self.mean(h), self.log_var(h)


def plain_decoder(latent_size: int, n_hidden: int, n_outputs: int) -> nn.Sequential:
    """Return one hidden layer, then the reconstruction."""
    return nn.Sequential(_linear(latent_size, n_hidden), nn.ReLU(), _linear(n_hidden, n_outputs))


class PlainVAE(nn.Module):
    """Two variational autoencoders with one hidden layer a network.

    Parameters
    ----------
    like : AlignedVAE
        A network of features and one kind of embedding, whose sizes and weights are copied.
    """

    def __init__(self, like: AlignedVAE) -> None:
        super().__init__()
        encoders: Any = like.encoders
        decoders: Any = like.decoders
        hidden = [encoder.hidden[0] for encoder in encoders]
        of_decoder = [decoder.hidden[0] for decoder in decoders]
        x_size, a_size = (layer.in_features for layer in hidden)
        size = like.latent_size
        self.encode_x = PlainEncoder(x_size, hidden[0].out_features, size)
        self.encode_a = PlainEncoder(a_size, hidden[1].out_features, size)
        self.decode_x = plain_decoder(size, of_decoder[0].out_features, x_size)
        self.decode_a = plain_decoder(size, of_decoder[1].out_features, a_size)
        # Both list encoders first, features first, and hidden layer, mean, log-variance in turn.
        with torch.no_grad():
            for mine, its in zip(self.parameters(), like.parameters(), strict=True):
                mine.copy_(its)

    def loss(
        self, x: Tensor, a: Tensor, noise: tuple[Tensor, Tensor], weights: LossWeights
    ) -> Tensor:
        """Return the weighted loss of a batch.

        Parameters
        ----------
        x : Tensor of shape (n_samples, n_features)
            Features.
        a : Tensor of shape (n_samples, n_attributes)
            The attributes of their classes.
        noise : tuple of two Tensor of shape (n_samples, 1)
            A draw a sample for the latents of either.
        weights : LossWeights
            Of the terms.

        Returns
        -------
        Tensor of shape ()
            Summed over the batch.
        """
        absolute = nn.L1Loss(reduction="sum")
        mean_x, log_var_x = self.encode_x(x)
        mean_a, log_var_a = self.encode_a(a)
        z_x = mean_x + log_var_x.exp() * noise[0].expand_as(log_var_x)
        z_a = mean_a + log_var_a.exp() * noise[1].expand_as(log_var_a)

        reconstruction = absolute(self.decode_x(z_x), x) + absolute(self.decode_a(z_a), a)
        # As in research code, computed also while its weight is zero.
        cross = absolute(self.decode_x(z_a), x) + absolute(self.decode_a(z_x), a)
        divergence = -0.5 * torch.sum(1 + log_var_x - mean_x.pow(2) - log_var_x.exp())
        divergence = divergence - 0.5 * torch.sum(1 + log_var_a - mean_a.pow(2) - log_var_a.exp())
        distance = torch.sqrt(
            torch.sum((mean_x - mean_a) ** 2, dim=1)
            + torch.sum((torch.sqrt(log_var_x.exp()) - torch.sqrt(log_var_a.exp())) ** 2, dim=1)
        ).sum()

        loss = reconstruction + weights.beta * divergence
        if weights.gamma > 0:
            loss = loss + weights.gamma * cross
        if weights.delta > 0:
            loss = loss + weights.delta * distance
        return loss


class PlainTrainer:
    """Train a plain VAE step by step.

    Parameters
    ----------
    network : PlainVAE
        Trained in place.
    X : ndarray of shape (n_rows, n_features)
        Features.
    y : ndarray of shape (n_rows,)
        Their classes, which are rows of `attributes`.
    attributes : ndarray of shape (n_classes, n_attributes)
        The class embeddings.
    batch_size : int
        Rows a step.
    """

    def __init__(
        self,
        network: PlainVAE,
        X: NDArray[np.float32],
        y: NDArray[np.intp],
        attributes: NDArray[np.float32],
        batch_size: int,
    ) -> None:
        self.network = network
        self.X, self.y, self.attributes = X, y, attributes
        self.batch_size = batch_size
        self.rng = np.random.default_rng(0)
        self.optimizer = torch.optim.Adam(
            network.parameters(), lr=1.5e-4, amsgrad=True, foreach=False, fused=False
        )

    def run(self, n_steps: int, weights: LossWeights) -> list[float]:
        """Take some steps.

        Parameters
        ----------
        n_steps : int
            How many.
        weights : LossWeights
            Of the terms.

        Returns
        -------
        list of float
            The loss before each step.
        """
        return [self._step(weights) for _ in range(n_steps)]

    def _step(self, weights: LossWeights) -> float:
        rows = self.rng.permutation(len(self.X))[: self.batch_size]
        x = torch.from_numpy(self.X[rows])
        a = torch.from_numpy(self.attributes[self.y[rows]])
        noise = (torch.randn(len(rows), 1), torch.randn(len(rows), 1))
        loss = self.network.loss(x, a, noise, weights)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


class PlainSoftmax:
    """Train a linear softmax step by step.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Latents.
    y : ndarray of shape (n_rows,)
        Classes from 0.
    batch_size : int
        Rows a step.
    """

    def __init__(self, X: NDArray[np.float32], y: NDArray[np.intp], batch_size: int) -> None:
        self.X, self.y, self.batch_size = X, y, batch_size
        self.network = nn.Sequential(_linear(X.shape[1], int(y.max()) + 1), nn.LogSoftmax(dim=1))
        self.criterion = nn.NLLLoss()
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=1e-3, betas=(0.5, 0.999), foreach=False, fused=False
        )
        self.rng = np.random.default_rng(0)

    def run(self, n_steps: int) -> list[float]:
        """Take some steps, in a new random order of the rows, and return their losses."""
        order = self.rng.permutation(len(self.X))
        losses = []
        for start in itertools.islice(
            itertools.cycle(range(0, len(order), self.batch_size)), n_steps
        ):
            rows = order[start : start + self.batch_size]
            loss = self.criterion(
                self.network(torch.from_numpy(self.X[rows])), torch.from_numpy(self.y[rows])
            )
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return losses
