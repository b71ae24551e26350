"""The loss terms of CADA-VAE, one function per equation.

Equation numbers are those of Schönfeld et al., "Generalized Zero- and Few-Shot Learning via
Aligned Variational Autoencoders", CVPR 2019. As in the authors' code every term is a sum over
the batch and over all dimensions, not a mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional


def l1_error(reconstruction: Tensor, target: Tensor) -> Tensor:
    """L1 reconstruction error, the log-likelihood term of eq. (2) in the authors' code.

    Parameters
    ----------
    reconstruction, target : Tensor of shape (n_samples, n_dimensions)

    Returns
    -------
    Tensor of shape ()
        Sum of absolute differences, in units of the input.
    """
    return functional.l1_loss(reconstruction, target, reduction="sum")


def l2_error(reconstruction: Tensor, target: Tensor) -> Tensor:
    """Squared reconstruction error, the log-likelihood of eq. (2) under a Gaussian.

    Parameters
    ----------
    reconstruction, target : Tensor of shape (n_samples, n_dimensions)

    Returns
    -------
    Tensor of shape ()
        Sum of squared differences, in squared units of the input.
    """
    return functional.mse_loss(reconstruction, target, reduction="sum")


RECONSTRUCTION_ERRORS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "l1": l1_error,
    "l2": l2_error,
}


def kl_divergence(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL divergence of the latent Gaussians from the standard normal, eqs. (1) and (2).

    Parameters
    ----------
    mean, log_var : Tensor of shape (n_samples, latent_size)

    Returns
    -------
    Tensor of shape ()
        Divergence in nats, summed over samples and latent dimensions.
    """
    return -0.5 * (1 + log_var - mean.square() - log_var.exp()).sum()


def cross_alignment(
    decoded: Sequence[Tensor],
    target: Tensor,
    modality: int,
    error: Callable[[Tensor, Tensor], Tensor] = l1_error,
) -> Tensor:
    """Cross-alignment loss of one modality, the inner sum of eq. (3).

    Parameters
    ----------
    decoded : sequence of Tensor of shape (n_samples, n_dimensions)
        The latents of each modality, in order, decoded by the decoder of `modality`.
    target : Tensor of shape (n_samples, n_dimensions)
        The input of `modality`.
    modality : int
        Index of the modality that is reconstructed; its own latent is left out of the sum.
    error : callable, default=l1_error
        The reconstruction error of one pair.

    Returns
    -------
    Tensor of shape ()
        Sum of the errors over the other modalities.
    """
    others = [error(d, target) for source, d in enumerate(decoded) if source != modality]
    return torch.stack(others).sum()


def wasserstein_distance(
    mean_a: Tensor, log_var_a: Tensor, mean_b: Tensor, log_var_b: Tensor
) -> Tensor:
    """2-Wasserstein distance between diagonal Gaussians, eq. (5).

    Parameters
    ----------
    mean_a, log_var_a, mean_b, log_var_b : Tensor of shape (n_samples, latent_size)

    Returns
    -------
    Tensor of shape (n_samples,)
        One distance per sample, in units of the latent space. Its gradient is zero, not
        infinite, where both Gaussians coincide.
    """
    std_a, std_b = (0.5 * log_var_a).exp(), (0.5 * log_var_b).exp()
    # Unlike sqrt, vector_norm has the subgradient 0 at the origin.
    return torch.linalg.vector_norm(torch.cat([mean_a - mean_b, std_a - std_b], dim=1), dim=1)
