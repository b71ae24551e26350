"""The training objective of CADA-VAE, eq. (7), put together from its terms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import torch
from torch import Tensor

from skcada._nn.losses import cross_alignment, kl_divergence, wasserstein_distance
from skcada._nn.networks import AlignedVAE
from skcada._nn.noise import NoiseKind, reparameterize


@dataclass(frozen=True)
class LossWeights:
    """Weights of the terms at one moment of the training.

    Parameters
    ----------
    beta : float
        Weight of the KL divergences.
    gamma : float
        Weight of the cross-alignment.
    delta : float
        Weight of the distribution alignment.
    """

    beta: float
    gamma: float
    delta: float


@dataclass(frozen=True)
class LossTerms:
    """The terms of eq. (7), each summed over the batch and not yet weighted.

    Parameters
    ----------
    reconstruction, kl, cross_reconstruction : dict of str to Tensor of shape ()
        One term a modality.
    wasserstein : dict of tuple of str to Tensor of shape ()
        One term a pair of modalities.
    """

    reconstruction: dict[str, Tensor] = field(default_factory=dict)
    kl: dict[str, Tensor] = field(default_factory=dict)
    cross_reconstruction: dict[str, Tensor] = field(default_factory=dict)
    wasserstein: dict[tuple[str, str], Tensor] = field(default_factory=dict)

    def total(self, weights: LossWeights) -> Tensor:
        """Return ``L_VAE + gamma L_CA + delta L_DA``, eq. (7)."""
        weighted = [
            *self.reconstruction.values(),
            *(weights.beta * term for term in self.kl.values()),
            *(weights.gamma * term for term in self.cross_reconstruction.values()),
            *(weights.delta * term for term in self.wasserstein.values()),
        ]
        return torch.stack(weighted).sum()

    def named(self) -> dict[str, Tensor]:
        """Return the terms that were computed under the names of :func:`term_names`."""
        return (
            {f"reconstruction_{name}": term for name, term in self.reconstruction.items()}
            | {f"kl_{name}": term for name, term in self.kl.items()}
            | {f"cross_reconstruction_{n}": term for n, term in self.cross_reconstruction.items()}
            | {f"wasserstein_{a}_{b}": term for (a, b), term in self.wasserstein.items()}
        )


def term_names(modalities: Sequence[str]) -> list[str]:
    """Name every term that :func:`loss_terms` may give.

    Parameters
    ----------
    modalities : sequence of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> from skcada._nn import term_names
    >>> term_names(["features", "embeddings"])[-2:]
    ['cross_reconstruction_embeddings', 'wasserstein_features_embeddings']
    """
    kinds = ("reconstruction", "kl", "cross_reconstruction")
    return [f"{kind}_{name}" for kind in kinds for name in modalities] + [
        f"wasserstein_{a}_{b}" for a, b in combinations(modalities, 2)
    ]


def loss_terms(
    network: AlignedVAE,
    inputs: Sequence[Tensor],
    noise: Sequence[Tensor],
    weights: LossWeights,
    *,
    reconstruction_error: Callable[[Tensor, Tensor], Tensor],
    noise_kind: NoiseKind,
) -> LossTerms:
    """Compute the terms of eq. (7) on one batch.

    Parameters
    ----------
    network : AlignedVAE
    inputs : sequence of Tensor of shape (n_samples, n_dimensions)
        One batch, a tensor a modality.
    noise : sequence of Tensor
        One draw of :func:`~skcada._nn.noise.draw_noise` a modality.
    weights : LossWeights
        A cross-alignment or distribution alignment of weight zero is left out, not computed.
    reconstruction_error : callable
        One of :data:`~skcada._nn.losses.RECONSTRUCTION_ERRORS`.
    noise_kind : {"official", "shared", "independent"}

    Returns
    -------
    LossTerms
    """
    posteriors = [encode(x) for encode, x in zip(network.encoders, inputs, strict=True)]
    latents = [
        reparameterize(mean, log_var, eps, kind=noise_kind)
        for (mean, log_var), eps in zip(posteriors, noise, strict=True)
    ]
    terms = LossTerms()
    # All latents go through a decoder in one pass: one matrix product of twice the height costs
    # less than two.
    stacked = torch.cat(latents) if weights.gamma else None
    for i, (name, x) in enumerate(zip(network.modalities, inputs, strict=True)):
        if stacked is None:
            own = network.decoders[i](latents[i])
        else:
            decoded = network.decoders[i](stacked).split(len(x))
            own = decoded[i]
            terms.cross_reconstruction[name] = cross_alignment(decoded, x, i, reconstruction_error)
        terms.reconstruction[name] = reconstruction_error(own, x)
        terms.kl[name] = kl_divergence(*posteriors[i])
    if weights.delta:
        # The authors' code counts each unordered pair once; eq. (6) counts it twice.
        for i, j in combinations(range(len(posteriors)), 2):
            pair = network.modalities[i], network.modalities[j]
            distances = wasserstein_distance(*posteriors[i], *posteriors[j])
            terms.wasserstein[pair] = distances.sum()
    return terms
