"""The training loop of the aligned variational autoencoders."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skcada._nn import (
    RECONSTRUCTION_ERRORS,
    AlignedVAE,
    LossTerms,
    LossWeights,
    Ramp,
    draw_noise,
    loss_terms,
    term_names,
)
from skcada._nn.noise import NoiseKind
from skcada._training.batches import count_steps


class NonFiniteLossError(ValueError):
    """A loss term became infinite or NaN during training."""


def make_optimizer(parameters: Iterable[Tensor], learning_rate: float) -> torch.optim.Optimizer:
    """Make the optimiser of the authors' code: Adam with AMSGrad.

    Parameters
    ----------
    parameters : iterable of Tensor
    learning_rate : float

    Returns
    -------
    torch.optim.Optimizer
    """
    return torch.optim.Adam(
        parameters, lr=learning_rate, betas=(0.9, 0.999), amsgrad=True, fused=True
    )


def training_step(
    network: AlignedVAE,
    optimizer: torch.optim.Optimizer,
    inputs: Sequence[Tensor],
    noise: Sequence[Tensor],
    weights: LossWeights,
    *,
    reconstruction_error: Callable[[Tensor, Tensor], Tensor],
    noise_kind: NoiseKind,
) -> tuple[Tensor, LossTerms]:
    """Take one optimisation step on one batch.

    Parameters
    ----------
    network : AlignedVAE
        Changed in place.
    optimizer : torch.optim.Optimizer
        Of the parameters of `network`; changed in place.
    inputs, noise, weights, reconstruction_error, noise_kind
        As in :func:`~skcada._nn.objective.loss_terms`.

    Returns
    -------
    loss : Tensor of shape ()
        The weighted total before the step.
    terms : LossTerms
        What it is made of.
    """
    optimizer.zero_grad(set_to_none=True)
    terms = loss_terms(
        network,
        inputs,
        noise,
        weights,
        reconstruction_error=reconstruction_error,
        noise_kind=noise_kind,
    )
    loss = terms.total(weights)
    loss.backward()
    optimizer.step()
    return loss, terms


class VAETrainer:
    """Train an :class:`~skcada._nn.networks.AlignedVAE`, epoch by epoch.

    Parameters
    ----------
    network : AlignedVAE
        Trained in place, on the device that `features` is on.
    features : Tensor of shape (n_samples, n_features)
    embeddings : sequence of Tensor of shape (n_classes, n_dimensions)
        One table of class embeddings a modality.
    class_index : Tensor of shape (n_samples,)
        Row of the tables that belongs to each sample.
    beta, gamma, delta : Ramp
        Loss weights over the training.
    max_iter : int
        Number of epochs that the ramps are stretched over.
    batch_size : int
    learning_rate : float
    reconstruction_loss : {"l1", "l2"}
    noise_kind : {"official", "shared", "independent"}
    generator : torch.Generator
        Source of permutations and noise, on the CPU.

    Notes
    -----
    The authors' code draws every batch anew from all rows; here an epoch visits each row once.
    """

    def __init__(
        self,
        network: AlignedVAE,
        features: Tensor,
        embeddings: Sequence[Tensor],
        class_index: Tensor,
        *,
        beta: Ramp,
        gamma: Ramp,
        delta: Ramp,
        max_iter: int,
        batch_size: int,
        learning_rate: float,
        reconstruction_loss: str,
        noise_kind: NoiseKind,
        generator: torch.Generator,
    ) -> None:
        self.network = network.to(features.device)
        self.features = features
        self.embeddings = embeddings
        self.class_index = class_index
        self.beta, self.gamma, self.delta = beta, gamma, delta
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.reconstruction_error = RECONSTRUCTION_ERRORS[reconstruction_loss]
        self.noise_kind = noise_kind
        self.generator = generator
        self.optimizer = make_optimizer(self.network.parameters(), learning_rate)

    def weights_at(self, epoch: int) -> LossWeights:
        """Return the loss weights of an epoch, counted from 0."""
        progress = epoch / self.max_iter
        return LossWeights(
            beta=self.beta.at(progress),
            gamma=self.gamma.at(progress),
            delta=self.delta.at(progress),
        )

    def run_epoch(self, epoch: int) -> dict[str, float]:
        """Visit every row once, in random order.

        Parameters
        ----------
        epoch : int
            Counted from 0.

        Returns
        -------
        dict of str to float
            Every term of :func:`~skcada._nn.objective.term_names`, unweighted, as the mean over
            the samples (NaN where its weight is zero and it was not computed), and under
            ``"loss"`` the weighted total.

        Raises
        ------
        NonFiniteLossError
            If a term became infinite or NaN.
        """
        device = self.features.device
        weights = self.weights_at(epoch)
        n_samples = len(self.features)
        # Drawn once an epoch, on the CPU, and moved in one piece.
        order = torch.randperm(n_samples, generator=self.generator).to(device)
        noise = [
            draw_noise(
                n_samples,
                self.network.latent_size,
                kind=self.noise_kind,
                generator=self.generator,
            ).to(device)
            for _ in self.network.modalities
        ]
        steps = []
        n_steps = count_steps(n_samples, self.batch_size)
        batches = zip(
            order.tensor_split(n_steps), *(eps.tensor_split(n_steps) for eps in noise), strict=True
        )
        for rows, *batch_noise in batches:
            classes = self.class_index[rows]
            loss, terms = training_step(
                self.network,
                self.optimizer,
                [self.features[rows], *(table[classes] for table in self.embeddings)],
                batch_noise,
                weights,
                reconstruction_error=self.reconstruction_error,
                noise_kind=self.noise_kind,
            )
            named = terms.named() | {"loss": loss}
            steps.append(torch.stack(list(named.values())).detach())
        weights_norm = torch.nn.utils.get_total_norm(list(self.network.parameters())).detach()
        # The only synchronisation with the device in an epoch.
        history = torch.stack(steps).cpu().double().numpy()
        _check_finite(history, list(named), epoch)
        if not torch.isfinite(weights_norm):
            raise _non_finite("loss", epoch)
        means = history.sum(axis=0) / n_samples
        computed = dict(zip(named, means.tolist(), strict=True))
        return {
            name: computed.get(name, float("nan"))
            for name in ["loss", *term_names(self.network.modalities)]
        }


def _check_finite(history: NDArray, names: list[str], epoch: int) -> None:
    """Raise for the first term of the first step that is not finite.

    Once one term has overflowed, the weights are NaN and all other terms follow, so that a sum
    over the epoch would not tell which one it was.
    """
    terms = np.nonzero(~np.isfinite(history))[1]
    if len(terms):
        raise _non_finite(names[terms[0]], epoch)


def _non_finite(term: str, epoch: int) -> NonFiniteLossError:
    prefixes = ("reconstruction_", "kl_", "cross_reconstruction_")
    modality = next((term.removeprefix(p) for p in prefixes if term.startswith(p)), None)
    scale = {"features": "X", None: "X and class_embeddings"}.get(modality, "class_embeddings")
    return NonFiniteLossError(
        f"The loss term {term!r} became non-finite in epoch {epoch + 1}. Scale {scale} to about "
        "[0, 1], for instance with MinMaxScaler, or lower learning_rate."
    )
