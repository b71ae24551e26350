"""Encoders and decoders of the aligned variational autoencoders.

Nothing here draws from torch's global generator: layers are made without initialisation and then
filled by `generator`, which draws on the CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

# A matrix product whose result has few rows (for MKL 5 to 11) and more columns is summed in another
# order by two threads than by one. A product with more rows is not.
NARROW = 16


class NarrowLinear(nn.Linear):
    """Linear layer of few outputs whose gradient does not depend on the number of threads.

    The gradient of the weights has one row per output. Here it is computed transposed, with one
    column per output. If all other products are independent of the number of threads, a search
    in parallel processes of one thread each then finds what one process of several threads finds.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x W^T + b``, (n_samples, n_outputs)."""
        return torch.addmm(self.bias, x, self.weight.t().contiguous())


def linear(n_inputs: int, n_outputs: int, generator: torch.Generator | None) -> nn.Linear:
    """Make a linear layer, Xavier-uniform with gain 0.5 and zero bias as in the authors' code.

    Without a generator it has no weights yet, only their shapes.
    """
    kind = NarrowLinear if n_outputs < NARROW <= n_inputs else nn.Linear
    if generator is None:
        return kind(n_inputs, n_outputs, device="meta")
    layer = nn.utils.skip_init(kind, n_inputs, n_outputs)
    nn.init.xavier_uniform_(layer.weight, gain=0.5, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def _hidden_layers(sizes: Sequence[int], generator: torch.Generator | None) -> nn.ModuleList:
    return nn.ModuleList(
        linear(n_inputs, n_outputs, generator) for n_inputs, n_outputs in pairwise(sizes)
    )


class Encoder(nn.Module):
    """Map the inputs of one modality to the means and log-variances of latent Gaussians."""

    def __init__(
        self,
        n_inputs: int,
        layers: Sequence[int],
        latent_size: int,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        sizes = [n_inputs, *layers]
        self.hidden = _hidden_layers(sizes, generator)
        self.mu = linear(sizes[-1], latent_size, generator)
        self.logvar = linear(sizes[-1], latent_size, generator)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the means and the log-variances, both (n_samples, latent_size).

        `mask`, for dropout, multiplies the units of the first hidden layer.
        """
        for number, layer in enumerate(self.hidden):
            x = torch.relu(layer(x))
            if mask is not None and number == 0:
                x = x * mask
        # The latent Gaussians are float32 even if matrix products have a lower precision.
        with torch.autocast(x.device.type, enabled=False):
            x = x.to(self.mu.weight.dtype)
            return self.mu(x), self.logvar(x)


class Decoder(nn.Module):
    """Map latents back to the inputs of one modality."""

    def __init__(
        self,
        latent_size: int,
        layers: Sequence[int],
        n_outputs: int,
        generator: torch.Generator | None,
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
    """One variational autoencoder per modality, all with the same latent space.

    `input_sizes` gives the dimensions of each modality by name: the first modality holds the
    features, the others are kinds of class embedding. Layers, encoders and decoders are in the
    same order.
    """

    def __init__(
        self,
        input_sizes: dict[str, int],
        latent_size: int,
        *,
        encoder_layers: Sequence[Sequence[int]],
        decoder_layers: Sequence[Sequence[int]],
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        self.modalities = tuple(input_sizes)
        self.latent_size = latent_size
        # What makes the same network but for its weights.
        self.architecture = {
            "input_sizes": dict(input_sizes),
            "latent_size": latent_size,
            "encoder_layers": [list(layers) for layers in encoder_layers],
            "decoder_layers": [list(layers) for layers in decoder_layers],
        }
        sizes = input_sizes.values()
        # ModuleDict refuses a dot, which names of modalities may have: users choose them.
        self.encoders = nn.ModuleList(
            Encoder(size, layers, latent_size, generator)
            for size, layers in zip(sizes, encoder_layers, strict=True)
        )
        self.decoders = nn.ModuleList(
            Decoder(latent_size, layers, size, generator)
            for size, layers in zip(sizes, decoder_layers, strict=True)
        )
