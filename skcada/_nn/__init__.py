"""Networks, loss terms, the noise of latents and the schedules of loss weights, in pure torch."""

# Imports nothing of skcada but itself.

from skcada._nn.losses import (
    RECONSTRUCTION_ERRORS,
    cross_alignment,
    kl_divergence,
    wasserstein_distance,
)
from skcada._nn.networks import AlignedVAE
from skcada._nn.noise import draw_noise, reparameterize
from skcada._nn.objective import LossTerms, LossWeights, loss_terms, term_names
from skcada._nn.schedules import Ramp

__all__ = [
    "RECONSTRUCTION_ERRORS",
    "AlignedVAE",
    "LossTerms",
    "LossWeights",
    "Ramp",
    "cross_alignment",
    "draw_noise",
    "kl_divergence",
    "loss_terms",
    "reparameterize",
    "term_names",
    "wasserstein_distance",
]
