"""Drawing latents: the reparameterisation trick in its three variants.

``"official"``
    One Gaussian draw a sample, shared by all latent dimensions, times ``exp(log_var)``: what
    the authors' code does, and what gave the published numbers.
``"shared"``
    The same single draw, times the standard deviation ``exp(log_var / 2)``: the paper's text.
``"independent"``
    A draw for every latent dimension, times the standard deviation: the textbook VAE.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

NoiseKind = Literal["official", "shared", "independent"]


def draw_noise(
    n_samples: int, latent_size: int, *, kind: NoiseKind, generator: torch.Generator
) -> Tensor:
    """Draw the standard normal noise of `n_samples` latents.

    Parameters
    ----------
    n_samples, latent_size : int
    kind : {"official", "shared", "independent"}
    generator : torch.Generator
        Generator on the CPU, whose stream is the same whatever device the noise is used on.

    Returns
    -------
    Tensor of shape (n_samples, 1) or (n_samples, latent_size)
        The latter where `kind` is ``"independent"``.
    """
    width = latent_size if kind == "independent" else 1
    return torch.randn(n_samples, width, generator=generator)


def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor, *, kind: NoiseKind) -> Tensor:
    """Turn noise into draws from the latent Gaussians.

    Parameters
    ----------
    mean, log_var : Tensor of shape (n_samples, latent_size)
    noise : Tensor of shape (n_samples, 1) or (n_samples, latent_size)
        As :func:`draw_noise` gives it.
    kind : {"official", "shared", "independent"}

    Returns
    -------
    Tensor of shape (n_samples, latent_size)
    """
    # The published runs scaled the noise by exp(log_var), although the KL and Wasserstein terms
    # read log_var as the logarithm of a variance.
    scale = log_var.exp() if kind == "official" else (0.5 * log_var).exp()
    return mean + scale * noise
