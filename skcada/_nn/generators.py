"""The networks and losses of models that generate features of classes, one function per equation.

f-CLSWGAN is Xian et al., "Feature Generating Networks for Zero-Shot Learning", CVPR 2018. CVAE is
Mishra et al., "A Generative Model For Zero Shot Learning Using Conditional Variational
Autoencoders", CVPR Workshops 2018. SE is Verma et al., "Generalized Zero-Shot Learning via
Synthesized Examples", CVPR 2018. Every loss is a sum over the rows of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from skcada._nn.losses import kl_divergence, l2_error
from skcada._nn.networks import Decoder, Encoder, linear
from skcada._nn.noise import reparameterize

# The slope of leaky rectifiers below zero, that of the authors' code of f-CLSWGAN.
SLOPE = 0.2


class ConditionalVAE(nn.Module):
    """Variational autoencoder of features whose decoder is told the class embedding.

    `sees_embedding` tells whether the encoder is told it, too: that of CVAE is, that of SE is not.
    """

    def __init__(
        self,
        n_features: int,
        n_dimensions: int,
        latent_size: int,
        *,
        encoder_layers: Sequence[int],
        decoder_layers: Sequence[int],
        sees_embedding: bool,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        # What makes the same network but for its weights.
        self.architecture = {
            "n_features": n_features,
            "n_dimensions": n_dimensions,
            "latent_size": latent_size,
            "encoder_layers": list(encoder_layers),
            "decoder_layers": list(decoder_layers),
            "sees_embedding": sees_embedding,
        }
        self.noise_size = latent_size
        self.sees_embedding = sees_embedding
        n_inputs = n_features + n_dimensions if sees_embedding else n_features
        self.encoder = Encoder(n_inputs, encoder_layers, latent_size, generator)
        self.decoder = Decoder(latent_size + n_dimensions, decoder_layers, n_features, generator)

    def encode(
        self, rows: Tensor, vectors: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the means and the log-variances of the latents of rows, both (n, latent_size)."""
        inputs = torch.cat([rows, vectors], dim=1) if self.sees_embedding else rows
        return self.encoder(inputs, mask)

    def generate(self, noise: Tensor, vectors: Tensor) -> Tensor:
        """Decode latents of classes with these embeddings to features, (n, n_features)."""
        return self.decoder(torch.cat([noise, vectors], dim=1))


def make_regressor(
    n_features: int, layers: Sequence[int], n_dimensions: int, generator: torch.Generator
) -> nn.Sequential:
    """Make the regressor of SE: features in, class embeddings out, rectified hidden layers."""
    sizes = [n_features, *layers, n_dimensions]
    modules = [
        module for pair in pairwise(sizes) for module in (linear(*pair, generator), nn.ReLU())
    ]
    return nn.Sequential(*modules[:-1])


class FeatureGenerator(nn.Module):
    """Generator of f-CLSWGAN: noise and a class embedding in, features out.

    Features that are never negative come from a rectifier, as in the authors' code.
    """

    def __init__(
        self,
        n_features: int,
        n_dimensions: int,
        noise_size: int,
        *,
        layers: Sequence[int],
        is_rectified: bool,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        # What makes the same network but for its weights.
        self.architecture = {
            "n_features": n_features,
            "n_dimensions": n_dimensions,
            "noise_size": noise_size,
            "layers": list(layers),
            "is_rectified": is_rectified,
        }
        self.noise_size = noise_size
        self.is_rectified = is_rectified
        sizes = [noise_size + n_dimensions, *layers, n_features]
        self.layers = nn.ModuleList(normal_linear(*pair, generator) for pair in pairwise(sizes))

    def generate(self, noise: Tensor, vectors: Tensor) -> Tensor:
        """Return features of classes with these embeddings, (n, n_features)."""
        x = torch.cat([noise, vectors], dim=1)
        *hidden, last = self.layers
        for layer in hidden:
            x = functional.leaky_relu(layer(x), SLOPE)
        x = last(x)
        return torch.relu(x) if self.is_rectified else x


class Critic(nn.Module):
    """Critic of f-CLSWGAN, of one hidden layer: how real features of a class look.

    The hidden layer is a sum of what features and what the class embedding contribute, which is
    one linear layer on both. Of a row and a generated one of the same class, the latter
    contribution is computed once.
    """

    def __init__(
        self, n_features: int, n_dimensions: int, size: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.features = normal_linear(n_features, size, generator, bias=False)
        self.embedding = normal_linear(n_dimensions, size, generator)
        self.out = normal_linear(size, 1, generator)

    def score(self, preactivations: Tensor) -> Tensor:
        """Return one score per row of preactivations of the hidden layer, (n,)."""
        return self.out(functional.leaky_relu(preactivations, SLOPE)).squeeze(1)

    def forward(self, rows: Tensor, vectors: Tensor) -> Tensor:
        """Return how real rows of classes with these embeddings look, (n,)."""
        return self.score(self.features(rows) + self.embedding(vectors))

    def feature_gradients(self, preactivations: Tensor) -> Tensor:
        """Return the gradients of scores with respect to features, (n, n_features).

        One hidden layer has them in closed form, W^T (v s), where v are the weights of the output
        and s the slopes of the hidden units. These are constant but for jumps, so that a gradient
        of the gradients needs no preactivation.
        """
        slopes = (preactivations.detach() > 0).to(self.out.weight.dtype) * (1 - SLOPE) + SLOPE
        return (slopes * self.out.weight) @ self.features.weight


def normal_linear(
    n_inputs: int, n_outputs: int, generator: torch.Generator | None, *, bias: bool = True
) -> nn.Linear:
    """Make a linear layer with weights of standard deviation .02, as the authors of f-CLSWGAN.

    Without a generator it has no weights yet, only their shapes.
    """
    if generator is None:
        return nn.Linear(n_inputs, n_outputs, bias=bias, device="meta")
    layer = nn.utils.skip_init(nn.Linear, n_inputs, n_outputs, bias=bias)
    nn.init.normal_(layer.weight, 0.0, 0.02, generator=generator)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def conditional_vae_terms(
    network: ConditionalVAE,
    rows: Tensor,
    vectors: Tensor,
    noise: Tensor,
    reconstruction_error: Callable[[Tensor, Tensor], Tensor],
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Compute the terms of the loss of a conditional VAE, -log p(x|z, a) and KL(q(z|x, a) || p(z)).

    Parameters
    ----------
    network : ConditionalVAE
    rows : Tensor of shape (n_samples, n_features)
    vectors : Tensor of shape (n_samples, n_dimensions)
        The embedding of the class of each row.
    noise : Tensor of shape (n_samples, latent_size)
        Standard normal.
    reconstruction_error : callable
        :func:`~skcada._nn.losses.l2_error` or :func:`mean_l2_error`.
    mask : Tensor of shape (n_samples, n_units) or None
        What the units of the encoder's first hidden layer are multiplied by, for dropout.

    Returns
    -------
    reconstruction, kl : Tensor of shape ()
        Sums over rows, the latter in nats.
    """
    mean, log_var = network.encode(rows, vectors, mask)
    latents = reparameterize(mean, log_var, noise, kind="independent")
    reconstruction = reconstruction_error(network.generate(latents, vectors), rows)
    return reconstruction, kl_divergence(mean, log_var)


def critic_distance(real_scores: Tensor, generated_scores: Tensor) -> Tensor:
    """Compute what the critic is to lower, the first two terms of L_WGAN of f-CLSWGAN.

    Parameters
    ----------
    real_scores, generated_scores : Tensor of shape (n_samples,)

    Returns
    -------
    Tensor of shape ()
        Scores of generated features minus those of real ones, summed over rows: minus the
        Wasserstein distance, where the critic is the best one.
    """
    return (generated_scores - real_scores).sum()


def gradient_penalty(gradients: Tensor) -> Tensor:
    """Compute the last term of L_WGAN of f-CLSWGAN, without its weight.

    Parameters
    ----------
    gradients : Tensor of shape (n_samples, n_features)
        Of the critic's scores, with respect to features between real and generated ones.

    Returns
    -------
    Tensor of shape ()
        Squared differences of the lengths of the gradients from 1, summed over rows.
    """
    return (torch.linalg.vector_norm(gradients, dim=1) - 1).square().sum()


def classification_loss(
    generated: Tensor, class_codes: Tensor, coef: Tensor, bias: Tensor
) -> Tensor:
    """Log loss of a softmax of real features on generated ones, L_CLS of f-CLSWGAN.

    Parameters
    ----------
    generated : Tensor of shape (n_samples, n_features)
    class_codes : Tensor of shape (n_samples,)
        The class that each row was generated for.
    coef : Tensor of shape (n_classes, n_features)
    bias : Tensor of shape (n_classes,)

    Returns
    -------
    Tensor of shape ()
        Nats, summed over rows.
    """
    logits = functional.linear(generated, coef, bias)
    return functional.cross_entropy(logits, class_codes, reduction="sum")


def mean_l2_error(reconstruction: Tensor, target: Tensor) -> Tensor:
    """Squared reconstruction error of CVAE in the authors' code, a mean over features.

    Parameters
    ----------
    reconstruction, target : Tensor of shape (n_samples, n_features)

    Returns
    -------
    Tensor of shape ()
        Mean of the squared differences of a row, summed over rows.
    """
    return l2_error(reconstruction, target) / target.shape[1]
