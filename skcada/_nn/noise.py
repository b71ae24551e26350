"""The reparameterisation trick in its three variants.

``"official"``
    One Gaussian draw per sample, shared by all latent dimensions, times ``exp(log_var)``, as in
    the authors' code, which gave the published numbers.
``"shared"``
    The same single draw, times the standard deviation ``exp(log_var / 2)``, as in the paper.
``"independent"``
    One draw per latent dimension, times the standard deviation, as in any textbook.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

NoiseKind = Literal["official", "shared", "independent"]


def draw_noise(
    n_samples: int, latent_size: int, *, kind: NoiseKind, generator: torch.Generator
) -> Tensor:
    """Draw the standard normal noise of `n_samples` latents, by a generator on the CPU.

    It has shape (n_samples, latent_size) if `kind` is "independent", else (n_samples, 1).
    """
    width = latent_size if kind == "independent" else 1
    return torch.randn(n_samples, width, generator=generator)


def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor, *, kind: NoiseKind) -> Tensor:
    """Draw from the latent Gaussians: ``z = mean + scale * noise``.

    The scale is ``exp(log_var)`` if `kind` is "official", else ``exp(log_var / 2)``.

    Parameters
    ----------
    mean, log_var : Tensor of shape (n_samples, latent_size)
    noise : Tensor of shape (n_samples, 1) or (n_samples, latent_size)
        One draw of :func:`draw_noise`.
    kind : {"official", "shared", "independent"}

    Returns
    -------
    Tensor of shape (n_samples, latent_size)
    """
    # The published runs scaled the noise by exp(log_var), although the KL and Wasserstein terms
    # take log_var for the logarithm of a variance.
    scale = log_var.exp() if kind == "official" else (0.5 * log_var).exp()
    return mean + scale * noise
