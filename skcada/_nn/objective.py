"""The training objective of CADA-VAE, eq. (7), and its terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

import torch
from torch import Tensor

from skcada._nn.losses import cross_alignment, kl_divergence, wasserstein_distance
from skcada._nn.networks import AlignedVAE
from skcada._nn.noise import NoiseKind, reparameterize

Key = TypeVar("Key")


@dataclass(frozen=True)
class LossWeights:
    """Weights of the loss terms at one moment of the training.

    `reconstruction` weighs the reconstruction errors, own and crossed, of modalities by name; a
    modality that it lacks has weight 1.
    """

    beta: float
    gamma: float
    delta: float
    reconstruction: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LossTerms:
    """The terms of eq. (7), summed over the batch and not weighted, by modality or pair of them."""

    reconstruction: dict[str, Tensor] = field(default_factory=dict)
    kl: dict[str, Tensor] = field(default_factory=dict)
    cross_reconstruction: dict[str, Tensor] = field(default_factory=dict)
    wasserstein: dict[tuple[str, str], Tensor] = field(default_factory=dict)

    def __add__(self, other: LossTerms) -> LossTerms:
        return LossTerms(
            _add(self.reconstruction, other.reconstruction),
            _add(self.kl, other.kl),
            _add(self.cross_reconstruction, other.cross_reconstruction),
            _add(self.wasserstein, other.wasserstein),
        )

    def total(self, weights: LossWeights) -> Tensor:
        """Return ``L_VAE + gamma L_CA + delta L_DA``, eq. (7)."""
        factors = weights.reconstruction
        weighted = [
            *(factors.get(name, 1.0) * term for name, term in self.reconstruction.items()),
            *(weights.beta * term for term in self.kl.values()),
            *(
                weights.gamma * factors.get(name, 1.0) * term
                for name, term in self.cross_reconstruction.items()
            ),
            *(weights.delta * term for term in self.wasserstein.values()),
        ]
        return torch.stack(weighted).sum()

    def named(self) -> dict[str, Tensor]:
        """Return the terms under the names that :func:`term_names` gives them."""
        return (
            {f"reconstruction_{name}": term for name, term in self.reconstruction.items()}
            | {f"kl_{name}": term for name, term in self.kl.items()}
            | {f"cross_reconstruction_{n}": term for n, term in self.cross_reconstruction.items()}
            | {f"wasserstein_{a}_{b}": term for (a, b), term in self.wasserstein.items()}
        )


def _add(a: dict[Key, Tensor], b: dict[Key, Tensor]) -> dict[Key, Tensor]:
    return a | {key: a[key] + term if key in a else term for key, term in b.items()}


def term_names(modalities: Sequence[str], weights: LossWeights) -> list[str]:
    """Name all terms that :func:`loss_terms` computes for rows that have all modalities."""
    kinds = ["reconstruction", "kl"] + ["cross_reconstruction"] * bool(weights.gamma)
    pairs = combinations(modalities, 2) if weights.delta else ()
    return [f"{kind}_{name}" for kind in kinds for name in modalities] + [
        f"wasserstein_{a}_{b}" for a, b in pairs
    ]


def loss_terms(
    network: AlignedVAE,
    inputs: Mapping[int, Tensor],
    noise: Mapping[int, Tensor],
    weights: LossWeights,
    *,
    reconstruction_error: Callable[[Tensor, Tensor], Tensor],
    noise_kind: NoiseKind,
) -> LossTerms:
    """Compute the terms of eq. (7) on rows that have the same modalities.

    Parameters
    ----------
    network : AlignedVAE
    inputs : mapping of int to Tensor of shape (n_samples, n_dimensions)
        The rows in each of their modalities, by the index of the modality in the network. The
        sums of the equation run over these modalities and their pairs.
    noise : mapping of int to Tensor of shape (n_samples, 1) or (n_samples, latent_size)
        One draw of :func:`~skcada._nn.noise.draw_noise` per modality of the rows.
    weights : LossWeights
        A cross-alignment or distribution alignment of weight zero is left out, not computed.
    reconstruction_error : callable
        One of :data:`~skcada._nn.losses.RECONSTRUCTION_ERRORS`.
    noise_kind : {"official", "shared", "independent"}

    Returns
    -------
    LossTerms
        Tensors of shape (), each a sum over rows and dimensions.
    """
    posteriors = {m: network.encoders[m](x) for m, x in inputs.items()}
    latents = {
        m: reparameterize(mean, log_var, noise[m], kind=noise_kind)
        for m, (mean, log_var) in posteriors.items()
    }
    names = network.modalities
    terms = LossTerms()
    # All latents go through a decoder in one pass: one matrix product with the rows of all
    # modalities costs less than one product per modality.
    stacked = torch.cat(list(latents.values())) if weights.gamma else None
    for position, (m, x) in enumerate(inputs.items()):
        if stacked is None:
            own = network.decoders[m](latents[m])
        else:
            decoded = network.decoders[m](stacked).split(len(x))
            own = decoded[position]
            terms.cross_reconstruction[names[m]] = cross_alignment(
                decoded, x, position, reconstruction_error
            )
        terms.reconstruction[names[m]] = reconstruction_error(own, x)
        terms.kl[names[m]] = kl_divergence(*posteriors[m])
    if weights.delta:
        # The authors' code counts each unordered pair once; eq. (6) counts it twice.
        for a, b in combinations(inputs, 2):
            distances = wasserstein_distance(*posteriors[a], *posteriors[b])
            terms.wasserstein[names[a], names[b]] = distances.sum()
    return terms
