"""The networks of ReViSE and the terms of its loss, one function per equation.

The terms are those of Tsai et al., "Learning Robust Visual-Semantic Embeddings", ICCV 2017. They
have no numbers here, because the text of the paper could not be read. As elsewhere a loss is a sum
over rows, but for the discrepancy between two samples, which is no sum over rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from skcada._nn.losses import l2_error
from skcada._nn.networks import Decoder, linear

# Squared length of joint codes: scores run from -8 to 8. On held-out classes of CUB, 16 gave an
# AUSUC that was .03 to .05 lower, and 4 one that was .01 to .02 lower.
SQUARED_LENGTH = 8.0
# Squared distances below this one are rounding.
LEAST_DISTANCE = 1e-6


class CodeEncoder(nn.Module):
    """Map the inputs of one modality to codes with entries from -1 to 1."""

    def __init__(
        self,
        n_inputs: int,
        layers: Sequence[int],
        latent_size: int,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        sizes = [n_inputs, *layers]
        self.hidden = nn.ModuleList(linear(a, b, generator) for a, b in pairwise(sizes))
        self.code = linear(sizes[-1], latent_size, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Return the codes, (n_samples, latent_size)."""
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return torch.tanh(self.code(x))


class ModalityNetwork(nn.Module):
    """The autoencoder of one modality, and the map of its codes to the joint space."""

    def __init__(
        self,
        n_inputs: int,
        layers: Sequence[int],
        latent_size: int,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        self.encoder = CodeEncoder(n_inputs, layers, latent_size, generator)
        self.decoder = Decoder(latent_size, layers[::-1], n_inputs, generator)
        self.map = linear(latent_size, latent_size, generator)

    def join(self, codes: Tensor) -> Tensor:
        """Map codes to the joint space, all at the same length, (n_samples, latent_size)."""
        return functional.normalize(self.map(codes), dim=1) * SQUARED_LENGTH**0.5

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs to the joint space, (n_samples, latent_size)."""
        return self.join(self.encoder(x))


class ReViSENetwork(nn.Module):
    """The networks of features and of class embeddings, whose codes have the same size."""

    def __init__(
        self,
        n_features: int,
        n_dimensions: int,
        latent_size: int,
        *,
        feature_layers: Sequence[int],
        embedding_layers: Sequence[int],
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        self.latent_size = latent_size
        # What makes the same network but for its weights.
        self.architecture = {
            "n_features": n_features,
            "n_dimensions": n_dimensions,
            "latent_size": latent_size,
            "feature_layers": list(feature_layers),
            "embedding_layers": list(embedding_layers),
        }
        self.features = ModalityNetwork(n_features, feature_layers, latent_size, generator)
        self.embeddings = ModalityNetwork(n_dimensions, embedding_layers, latent_size, generator)


def squared_distances(codes: Tensor) -> Tensor:
    """Squared Euclidean distances between codes.

    Parameters
    ----------
    codes : Tensor of shape (n_samples, latent_size)

    Returns
    -------
    Tensor of shape (n_samples, n_samples)
    """
    lengths = codes.square().sum(dim=1)
    distances = torch.addmm(lengths[:, None] + lengths, codes, codes.T, alpha=-2)
    # Rounding makes distances of equal codes slightly negative.
    return functional.relu(distances)


def median_kappa(a: Tensor, b: Tensor) -> Tensor:
    """Kernel coefficient by the median heuristic, kappa = 1 / median |u - v|^2 over pooled codes.

    Parameters
    ----------
    a : Tensor of shape (n_a, latent_size)
    b : Tensor of shape (n_b, latent_size)

    Returns
    -------
    Tensor of shape ()
        In units of one over a squared distance between codes.
    """
    distances = functional.pdist(torch.cat([a, b])).square()
    return 1 / distances.median().clamp_min(LEAST_DISTANCE)


def mmd(a: Tensor, b: Tensor, kappa: Tensor | float, weights: Tensor | None = None) -> Tensor:
    """Squared maximum mean discrepancy between two samples of codes.

    E k(u, u') + E k(v, v') - 2 E k(u, v) with k(u, v) = exp(-kappa |u - v|^2). It is the biased
    estimator, which keeps the pairs of a code with itself and is never negative. It is no sum over
    rows: to be weighed against such sums it is to be multiplied by their number of rows.

    Parameters
    ----------
    a : Tensor of shape (n_a, latent_size)
    b : Tensor of shape (n_b, latent_size)
    kappa : Tensor of shape () or float
    weights : Tensor of shape (n_b,) or None, default=None
        Shares of the codes `b` in their sample, which add up to 1. None is equal ones. A code of
        weight 2 / n is one that n codes hold twice.

    Returns
    -------
    Tensor of shape ()
    """
    if weights is None:
        weights = b.new_full((len(b),), 1 / len(b))
    # Of the pooled codes, those of `b` with negative shares, all three terms are one form.
    shares = torch.cat([a.new_full((len(a),), 1 / len(a)), -weights])
    kernel = torch.exp(-kappa * squared_distances(torch.cat([a, b])))
    return shares @ kernel @ shares


def contractive_penalty(codes: Tensor, weight: Tensor) -> Tensor:
    """Squared Frobenius norm of the Jacobian of a layer of tanh, summed over rows.

    |dh/dx|_F^2 = sum_j (1 - h_j^2)^2 |w_j|^2, in closed form. x is the input of the layer.

    Parameters
    ----------
    codes : Tensor of shape (n_samples, latent_size)
        What the layer returned.
    weight : Tensor of shape (latent_size, n_inputs)
        The matrix of the layer.

    Returns
    -------
    Tensor of shape ()
    """
    squared_slopes = (1 - codes.square()).square()
    # The gradient of a norm is one product of the size of the matrix, that of squares is three.
    return squared_slopes.sum(dim=0) @ torch.linalg.vector_norm(weight, dim=1).square()


def weighted_l2_error(reconstruction: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Squared reconstruction error of rows that stand for several equal ones.

    Parameters
    ----------
    reconstruction, target : Tensor of shape (n_samples, n_dimensions)
    weights : Tensor of shape (n_samples,)
        How many rows each row stands for.

    Returns
    -------
    Tensor of shape ()
        Sum of squared differences over dimensions and rows.
    """
    roots = weights.sqrt()[:, None]
    return l2_error(roots * reconstruction, roots * target)


def similarity_loss(features: Tensor, embeddings: Tensor, class_codes: Tensor) -> Tensor:
    """Cross-entropy of the own classes, whose logits are inner products of joint codes.

    It takes the place of the binary hinge of the paper, with which the AUSUC on held-out classes of
    CUB was .03, not .22.

    Parameters
    ----------
    features : Tensor of shape (n_samples, latent_size)
        Joint codes of rows.
    embeddings : Tensor of shape (n_classes, latent_size)
        Joint codes of classes.
    class_codes : Tensor of shape (n_samples,)
        The class of each row.

    Returns
    -------
    Tensor of shape ()
        In nats, summed over rows.
    """
    return functional.cross_entropy(features @ embeddings.T, class_codes, reduction="sum")
