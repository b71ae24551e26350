"""What trainings of models that generate features minimise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from skcada._nn.generators import (
    ConditionalVAE,
    Critic,
    FeatureGenerator,
    classification_loss,
    conditional_vae_terms,
    critic_distance,
    gradient_penalty,
)
from skcada._nn.losses import l2_error
from skcada._nn.schedules import Ramp
from skcada._training.trainer import Objective


class Rows(NamedTuple):
    """Scaled features, the position of the class of each row, and scaled class embeddings."""

    features: Tensor
    class_codes: Tensor
    vectors: Tensor


class GeneratorObjective(Objective):
    """A loss of rows of features and of embeddings of their classes."""

    def __init__(self, data: Rows, **networks: nn.Module) -> None:
        self.data = data
        self.tensors = {
            f"{name}.{key}": tensor
            for name, network in networks.items()
            for key, tensor in network.to(data.features.device).named_parameters()
        }

    def advise(self, term: str) -> str:
        return "Lower learning_rate, or if feature_scaling is 'raw', set it to 'auto'."


def adam(
    parameters: Iterator[nn.Parameter], learning_rate: float, first_moment: float = 0.9
) -> torch.optim.Adam:
    """Make Adam with the moments of a paper."""
    betas = first_moment, 0.999
    return torch.optim.Adam(parameters, lr=learning_rate, betas=betas, fused=True)


class CVAEObjective(GeneratorObjective):
    """The loss of CVAE: a reconstruction error plus the KL divergence.

    `dropout` is the share of the units of the encoder's first hidden layer that a step leaves out.
    """

    columns = ("reconstruction", "kl", "loss")

    def __init__(
        self,
        network: ConditionalVAE,
        data: Rows,
        *,
        reconstruction_error: Callable[[Tensor, Tensor], Tensor],
        dropout: float,
        learning_rate: float,
    ) -> None:
        super().__init__(data, network=network)
        self.network = network
        self.reconstruction_error = reconstruction_error
        self.dropout = dropout
        self.optimizers = [adam(network.parameters(), learning_rate)]

    def compose(
        self, batches: Sequence[Tensor], generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
        """Give the rows of each batch their noise, and a mask for dropout."""
        sizes = [len(rows) for rows in batches]
        # Drawn once per epoch, on the CPU, and moved in one piece.
        noise = torch.randn(sum(sizes), self.network.noise_size, generator=generator)
        noises = noise.to(self.device).split(sizes)
        for rows, own_noise in zip(super().compose(batches, generator), noises, strict=True):
            yield rows, own_noise, self._draw_mask(len(rows), generator)

    def _draw_mask(self, n_rows: int, generator: torch.Generator) -> Tensor | None:
        first = next(iter(self.network.encoder.hidden), None)
        if not self.dropout or not isinstance(first, nn.Linear):
            return None
        uniform = torch.rand(n_rows, first.out_features, generator=generator)
        kept = (uniform >= self.dropout) / (1 - self.dropout)
        return kept.to(self.device)

    def loss(self, batch: tuple[Tensor, Tensor, Tensor | None]) -> tuple[Tensor, dict[str, Tensor]]:
        rows, noise, mask = batch
        features = self.data.features[rows]
        vectors = self.data.vectors[self.data.class_codes[rows]]
        reconstruction, kl = conditional_vae_terms(
            self.network, features, vectors, noise, self.reconstruction_error, mask
        )
        total = reconstruction + kl
        return total, {"reconstruction": reconstruction, "kl": kl, "loss": total}


class SEObjective(GeneratorObjective):
    """The losses of SE: those of a conditional VAE, and the feedback of a regressor.

    Each batch is a step of the regressor of class embeddings, on real and on generated features,
    and then one of the autoencoder, with the regressor as it is. `feedback_vectors` are the
    embeddings of the classes that features are generated for.
    """

    def __init__(
        self,
        network: ConditionalVAE,
        regressor: nn.Module,
        data: Rows,
        feedback_vectors: Tensor,
        *,
        feedback: float,
        latent_feedback: float,
        regressor_feedback: Ramp,
        max_iter: int,
        learning_rate: float,
    ) -> None:
        super().__init__(data, network=network, regressor=regressor)
        self.network = network
        self.regressor = regressor
        self.feedback_vectors = feedback_vectors
        self.feedback = feedback
        self.latent_feedback = latent_feedback
        self.regressor_feedback = regressor_feedback
        self.max_iter = max_iter
        self.generated_weight = 0.0
        networks = network, regressor
        self.optimizers = [adam(each.parameters(), learning_rate) for each in networks]
        self.columns = (
            "reconstruction",
            "kl",
            *["feedback"] * (feedback > 0),
            *["latent_feedback"] * (latent_feedback > 0),
            "regression",
            *["generated_regression"] * (regressor_feedback.factor > 0),
            "loss",
        )

    def begin_epoch(self, epoch: int) -> Sequence[str]:
        self.generated_weight = self.regressor_feedback.at(epoch / self.max_iter)
        return self.columns

    def compose(
        self, batches: Sequence[Tensor], generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """Give the rows of each batch two draws of noise, and classes to generate features for."""
        sizes = [len(rows) for rows in batches]
        noise, prior = (
            torch.randn(sum(sizes), self.network.noise_size, generator=generator)
            .to(self.device)
            .split(sizes)
            for _ in range(2)
        )
        n_classes = len(self.feedback_vectors)
        classes = torch.randint(n_classes, (sum(sizes),), generator=generator)
        return zip(
            super().compose(batches, generator),
            noise,
            prior,
            classes.to(self.device).split(sizes),
            strict=True,
        )

    def step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
        rows, noise, latents, classes = batch
        features = self.data.features[rows]
        vectors = self.data.vectors[self.data.class_codes[rows]]
        targets = self.feedback_vectors[classes]
        generated = None
        if self.feedback or self.latent_feedback or self.generated_weight:
            # With its graph, which serves both steps: the first one leaves the generator as it is.
            generated = self.network.generate(latents, targets)
        terms = self._step_regressor(features, vectors, generated, targets)
        reconstruction, kl = conditional_vae_terms(self.network, features, vectors, noise, l2_error)
        terms |= {"reconstruction": reconstruction, "kl": kl}
        loss = reconstruction + kl
        if self.feedback and generated is not None:
            terms["feedback"] = l2_error(self.regressor(generated), targets)
            loss = loss + self.feedback * terms["feedback"]
        if self.latent_feedback and generated is not None:
            mean, _ = self.network.encode(generated, targets)
            terms["latent_feedback"] = l2_error(mean, latents)
            loss = loss + self.latent_feedback * terms["latent_feedback"]
        descend(self.optimizers[0], loss)
        return terms | {"loss": loss}

    def _step_regressor(
        self, features: Tensor, vectors: Tensor, generated: Tensor | None, targets: Tensor
    ) -> dict[str, Tensor]:
        terms = {"regression": l2_error(self.regressor(features), vectors)}
        loss = terms["regression"]
        if self.generated_weight and generated is not None:
            error = l2_error(self.regressor(generated.detach()), targets)
            terms["generated_regression"] = error
            loss = loss + self.generated_weight * error
        descend(self.optimizers[1], loss)
        return terms


class CLSWGANObjective(GeneratorObjective):
    """The two losses of f-CLSWGAN, one for a critic and one for a generator.

    Every batch is a step of the critic, and every `n_critic`-th one of the generator, too. `coef`
    and `bias` are the softmax of seen classes that generated features are to be classified by; it
    is not trained.
    """

    columns = ("wasserstein", "gradient_penalty", "classification", "loss")

    def __init__(
        self,
        network: FeatureGenerator,
        critic: Critic,
        data: Rows,
        coef: Tensor,
        bias: Tensor,
        *,
        penalty_weight: float,
        classification_weight: float,
        n_critic: int,
        learning_rate: float,
    ) -> None:
        super().__init__(data, network=network, critic=critic)
        self.network = network
        self.critic = critic
        self.coef, self.bias = coef, bias
        self.penalty_weight = penalty_weight
        self.classification_weight = classification_weight
        self.n_critic = n_critic
        # First-moment decay 0.5 as in the authors' code.
        networks = network, critic
        self.optimizers = [adam(each.parameters(), learning_rate, 0.5) for each in networks]

    def compose(
        self, batches: Sequence[Tensor], generator: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor, Tensor | None, Tensor]]:
        """Give the rows of each batch noise, that of a generator's step, and a place to mix at."""
        for number, rows in enumerate(super().compose(batches, generator), start=1):
            shape = len(rows), self.network.noise_size
            noise = torch.randn(shape, generator=generator).to(self.device, non_blocking=True)
            again = None
            if number % self.n_critic == 0 or number == len(batches) < self.n_critic:
                again = torch.randn(shape, generator=generator).to(self.device, non_blocking=True)
            mix = torch.rand(len(rows), 1, generator=generator).to(self.device, non_blocking=True)
            yield rows, noise, again, mix

    def step(self, batch: tuple[Tensor, Tensor, Tensor | None, Tensor]) -> dict[str, Tensor]:
        rows, noise, again, mix = batch
        codes = self.data.class_codes[rows]
        vectors = self.data.vectors[codes]
        terms = self._step_critic(self.data.features[rows], vectors, noise, mix)
        if again is not None:
            generated = self.network.generate(again, vectors)
            loss = -self.critic(generated, vectors).sum()
            if self.classification_weight:
                terms["classification"] = classification_loss(
                    generated, codes, self.coef, self.bias
                )
                loss = loss + self.classification_weight * terms["classification"]
            descend(self.optimizers[0], loss / len(rows))
        return terms

    def _step_critic(
        self, features: Tensor, vectors: Tensor, noise: Tensor, mix: Tensor
    ) -> dict[str, Tensor]:
        with torch.no_grad():
            generated = self.network.generate(noise, vectors)
        both = self.critic.features(torch.cat([features, generated])).unflatten(0, (2, -1))
        both = both + self.critic.embedding(vectors)
        real_scores, generated_scores = self.critic.score(both)
        distance = critic_distance(real_scores, generated_scores)
        # The hidden layer of a mixture of rows is the mixture of their hidden layers.
        between = torch.lerp(both[1].detach(), both[0].detach(), mix)
        penalty = gradient_penalty(self.critic.feature_gradients(between))
        loss = distance + self.penalty_weight * penalty
        descend(self.optimizers[1], loss / len(features))
        return {"wasserstein": -distance, "gradient_penalty": penalty, "loss": loss}


def descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Move the tensors of one optimiser, and compute no gradient of any others."""
    tensors = [tensor for group in optimizer.param_groups for tensor in group["params"]]
    for tensor, gradient in zip(tensors, torch.autograd.grad(loss, tensors), strict=True):
        tensor.grad = gradient
    optimizer.step()
