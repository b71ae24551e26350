"""Draws of latents from the Gaussians that encoders give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from skcada._classes.labels import format_labels
from skcada._nn import draw_noise, reparameterize
from skcada._nn.noise import NoiseKind
from skcada._training import seeded_generator


class LatentGaussians(NamedTuple):
    """Gaussians that one encoder gave, and how many latents to draw from each.

    `origin` is the position of the sample or class that a row belongs to, increasing.
    """

    mean: NDArray[np.float32]
    log_var: NDArray[np.float32]
    origin: NDArray[np.intp]
    counts: NDArray[np.integer]


def draw_latents(
    sources: Sequence[LatentGaussians],
    names: tuple[str, NDArray],
    *,
    noise: NoiseKind,
    random_state: np.random.RandomState,
) -> NDArray[np.float32]:
    """Draw latents from the Gaussians of one or several encoders.

    They come in the order of the origins; those of one origin in the order of the sources. Messages
    call the origins by `names`, their kind and what each of them is called.
    """
    generator = seeded_generator(random_state)
    latents, origins = [], []
    for mean, log_var, origin, counts in sources:
        rows = np.repeat(np.arange(len(mean)), counts)
        draws = draw_noise(len(rows), mean.shape[1], kind=noise, generator=generator)
        gaussian_draws = reparameterize(
            torch.from_numpy(mean[rows]), torch.from_numpy(log_var[rows]), draws, kind=noise
        )
        latents.append(gaussian_draws.numpy())
        origins.append(origin[rows])
    order = np.argsort(np.concatenate(origins), kind="stable")
    drawn, origin = np.concatenate(latents)[order], np.concatenate(origins)[order]
    is_bad = ~np.isfinite(drawn).all(axis=1)
    if is_bad.any():
        kind, labels = names
        raise ValueError(
            f"Latents of the {kind} {format_labels(labels[np.unique(origin[is_bad])])} are not "
            "finite: they are far from all that the transformer was trained on. Scale them as at "
            "fit."
        )
    return drawn
