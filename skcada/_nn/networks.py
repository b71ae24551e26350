"""Encoders and decoders of the aligned variational autoencoders.

Nothing here draws from torch's global generator: layers are made without initialisation and
then filled from the generator that is handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

# A matrix product whose result has a handful of rows, but more columns, is summed in another order
# by two threads than by one (by MKL: 5 to 11 rows). A wider result is not.
NARROW = 16


class NarrowLinear(nn.Linear):
    """Linear layer of few outputs whose gradient does not depend on the number of threads.

    The gradient of the weights has one row per output. Here it is computed transposed, with one
    column per output. On processors where no other product depends on the number of threads, a
    search in parallel processes of one thread each then finds what a sequential one of several
    threads finds.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x W^T + b``, (n_samples, n_outputs)."""
        return torch.addmm(self.bias, x, self.weight.t().contiguous())


def linear(n_inputs: int, n_outputs: int, generator: torch.Generator) -> nn.Linear:
    """Make a linear layer, Xavier-uniform with gain 0.5 and zero bias as in the authors' code.

    Parameters
    ----------
    n_inputs, n_outputs : int
    generator : torch.Generator
        Source of the initial weights, on the CPU.

    Returns
    -------
    torch.nn.Linear
    """
    kind = NarrowLinear if n_outputs < NARROW <= n_inputs else nn.Linear
    layer = nn.utils.skip_init(kind, n_inputs, n_outputs)
    nn.init.xavier_uniform_(layer.weight, gain=0.5, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def _hidden_layers(sizes: Sequence[int], generator: torch.Generator) -> nn.ModuleList:
    return nn.ModuleList(
        linear(n_inputs, n_outputs, generator) for n_inputs, n_outputs in pairwise(sizes)
    )


class Encoder(nn.Module):
    """Map the inputs of one modality to the means and log-variances of latent Gaussians.

    Parameters
    ----------
    n_inputs : int
    layers : sequence of int
        Sizes of the hidden layers, each followed by a ReLU.
    latent_size : int
    generator : torch.Generator
    """

    def __init__(
        self, n_inputs: int, layers: Sequence[int], latent_size: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        sizes = [n_inputs, *layers]
        self.hidden = _hidden_layers(sizes, generator)
        self.mu = linear(sizes[-1], latent_size, generator)
        self.logvar = linear(sizes[-1], latent_size, generator)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the means and the log-variances, both (n_samples, latent_size)."""
        for layer in self.hidden:
            x = torch.relu(layer(x))
        # The latent Gaussians are float32 also where matrix products are computed in less.
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            return self.mu(x), self.logvar(x)


class Decoder(nn.Module):
    """Map latents back to the inputs of one modality.

    Parameters
    ----------
    latent_size : int
    layers : sequence of int
        Sizes of the hidden layers, each followed by a ReLU.
    n_outputs : int
    generator : torch.Generator
    """

    def __init__(
        self, latent_size: int, layers: Sequence[int], n_outputs: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        sizes = [latent_size, *layers]
        self.hidden = _hidden_layers(sizes, generator)
        self.out = linear(sizes[-1], n_outputs, generator)

    def forward(self, z: Tensor) -> Tensor:
        """Return the reconstruction, (n_samples, n_outputs)."""
        for layer in self.hidden:
            z = torch.relu(layer(z))
        return self.out(z)


class AlignedVAE(nn.Module):
    """One variational autoencoder a modality, all with the same latent space.

    Parameters
    ----------
    input_sizes : dict of str to int
        Number of dimensions of each modality; the first one holds the features, the others
        are kinds of class embedding.
    latent_size : int
    encoder_layers, decoder_layers : sequence of sequence of int
        Hidden layers of each modality, in the order of `input_sizes`.
    generator : torch.Generator
        Source of the initial weights, on the CPU.

    Attributes
    ----------
    modalities : tuple of str
    encoders, decoders : torch.nn.ModuleList
        In the order of `modalities`.
    """

    def __init__(
        self,
        input_sizes: dict[str, int],
        latent_size: int,
        *,
        encoder_layers: Sequence[Sequence[int]],
        decoder_layers: Sequence[Sequence[int]],
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.modalities = tuple(input_sizes)
        self.latent_size = latent_size
        sizes = input_sizes.values()
        # Modality names are the user's and may hold a dot, which ModuleDict refuses.
        self.encoders = nn.ModuleList(
            Encoder(size, layers, latent_size, generator)
            for size, layers in zip(sizes, encoder_layers, strict=True)
        )
        self.decoders = nn.ModuleList(
            Decoder(latent_size, layers, size, generator)
            for size, layers in zip(sizes, decoder_layers, strict=True)
        )
