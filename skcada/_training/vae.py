"""The training loop of the aligned variational autoencoders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add

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
    """Make the optimiser of the authors' code: Adam with AMSGrad."""
    return torch.optim.Adam(
        parameters, lr=learning_rate, betas=(0.9, 0.999), amsgrad=True, fused=True
    )


def training_step(
    network: AlignedVAE,
    optimizer: torch.optim.Optimizer,
    groups: Sequence[tuple[Mapping[int, Tensor], Mapping[int, Tensor]]],
    weights: LossWeights,
    *,
    reconstruction_error: Callable[[Tensor, Tensor], Tensor],
    noise_kind: NoiseKind,
    dtype: torch.dtype,
) -> tuple[Tensor, LossTerms]:
    """Take one optimisation step on a batch; return its weighted loss and the loss terms.

    Rows with the same modalities form a group: `groups` holds (inputs, noise) of each group, as
    :func:`~skcada._nn.objective.loss_terms` takes them. `dtype` is that of the matrix products.
    """
    optimizer.zero_grad(set_to_none=True)
    device_type = next(network.parameters()).device.type
    with torch.autocast(device_type, dtype=dtype, enabled=dtype != torch.float32):
        terms = reduce(
            add,
            (
                loss_terms(
                    network,
                    inputs,
                    noise,
                    weights,
                    reconstruction_error=reconstruction_error,
                    noise_kind=noise_kind,
                )
                for inputs, noise in groups
            ),
        )
    loss = terms.total(weights)
    loss.backward()
    optimizer.step()
    return loss, terms


class VAETrainer:
    """Train an :class:`~skcada._nn.networks.AlignedVAE`, epoch by epoch, in place.

    `embeddings` has one table of shape (n_classes, n_dimensions) per kind of class embedding,
    `present` tells which class (row) has an embedding in which table (column), and `class_index`
    gives the table row of each sample. `generator` draws permutations and noise on the CPU.

    The authors' code draws every batch anew from all rows; here an epoch visits each row once.
    """

    def __init__(
        self,
        network: AlignedVAE,
        features: Tensor,
        embeddings: Sequence[Tensor],
        present: NDArray[np.bool_],
        class_index: NDArray[np.intp],
        *,
        beta: Ramp,
        gamma: Ramp,
        delta: Ramp,
        feature_weight: float,
        max_iter: int,
        batch_size: int,
        learning_rate: float,
        reconstruction_loss: str,
        noise_kind: NoiseKind,
        dtype: torch.dtype,
        generator: torch.Generator,
    ) -> None:
        self.network = network.to(features.device)
        every_term = term_names(network.modalities, LossWeights(beta=1, gamma=1, delta=1))
        self.columns = ["loss", *every_term]
        self.features = features
        self.embeddings = embeddings
        # Rows whose classes have the same modalities share a pattern. Patterns stay on the CPU,
        # where batches are composed, so that no step asks the device how many rows it has.
        patterns, class_patterns = np.unique(present, axis=0, return_inverse=True)
        self.patterns = [[0, *(np.flatnonzero(row) + 1).tolist()] for row in patterns]
        self.row_patterns = torch.from_numpy(class_patterns.ravel()[class_index])
        self.class_index = torch.from_numpy(class_index).to(features.device)
        self.beta, self.gamma, self.delta = beta, gamma, delta
        self.reconstruction_weights = {network.modalities[0]: feature_weight}
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.reconstruction_error = RECONSTRUCTION_ERRORS[reconstruction_loss]
        self.noise_kind = noise_kind
        self.dtype = dtype
        self.generator = generator
        self.optimizer = make_optimizer(self.network.parameters(), learning_rate)

    def weights_at(self, epoch: int) -> LossWeights:
        """Return the loss weights in an epoch, counted from 0."""
        progress = epoch / self.max_iter
        return LossWeights(
            beta=self.beta.at(progress),
            gamma=self.gamma.at(progress),
            delta=self.delta.at(progress),
            reconstruction=self.reconstruction_weights,
        )

    def schedule(self) -> dict[str, list[float]]:
        """Return the loss weights "beta", "gamma" and "delta" in all epochs."""
        weights = [self.weights_at(epoch) for epoch in range(self.max_iter)]
        return {name: [getattr(w, name) for w in weights] for name in ("beta", "gamma", "delta")}

    def run_epoch(self, epoch: int) -> dict[str, float]:
        """Visit every row once, in random order; return the means of `columns` over the rows.

        Loss terms are unweighted, "loss" is their weighted total. Terms that are not computed at
        the weights of this epoch are left out. A term that is not finite raises an error.
        """
        weights = self.weights_at(epoch)
        names = term_names(self.network.modalities, weights)
        zero = self.features.new_zeros(())
        steps = []
        for groups in self._batches():
            loss, terms = training_step(
                self.network,
                self.optimizer,
                groups,
                weights,
                reconstruction_error=self.reconstruction_error,
                noise_kind=self.noise_kind,
                dtype=self.dtype,
            )
            named = terms.named()
            # A batch in which no row has some modality lacks the terms of that modality.
            steps.append(torch.stack([*(named.get(n, zero) for n in names), loss]).detach())
        weights_norm = torch.nn.utils.get_total_norm(list(self.network.parameters())).detach()
        # The only place in an epoch that waits for the device.
        values = torch.cat([torch.stack(steps).ravel(), weights_norm[None]]).cpu().double().numpy()
        history = values[:-1].reshape(len(steps), -1)
        _check_finite(history, [*names, "loss"], epoch)
        if not np.isfinite(values[-1]):
            raise _non_finite("loss", epoch)
        means = history.sum(axis=0) / len(self.features)
        return dict(zip([*names, "loss"], means.tolist(), strict=True))

    def _batches(self) -> Iterator[list[tuple[dict[int, Tensor], dict[int, Tensor]]]]:
        """Compose the batches of an epoch, each as groups of rows with the same modalities."""
        device = self.features.device
        n_samples = len(self.features)
        n_steps = count_steps(n_samples, self.batch_size)
        # Drawn once per epoch, on the CPU, and moved in one piece.
        permutation = torch.randperm(n_samples, generator=self.generator)
        noise = [
            draw_noise(
                n_samples,
                self.network.latent_size,
                kind=self.noise_kind,
                generator=self.generator,
            ).to(device)
            for _ in self.network.modalities
        ]
        batches = permutation.tensor_split(n_steps)
        patterns = [self.row_patterns[rows] for rows in batches]
        order = torch.cat(
            [rows[p.argsort(stable=True)] for rows, p in zip(batches, patterns, strict=True)]
        ).to(device)
        stop = 0
        for pattern in patterns:
            groups = []
            for present, n_rows in zip(
                self.patterns, pattern.bincount(minlength=len(self.patterns)).tolist(), strict=True
            ):
                start, stop = stop, stop + n_rows
                if n_rows:
                    rows = order[start:stop]
                    inputs = {m: self._inputs(m, rows) for m in present}
                    groups.append((inputs, {m: noise[m][start:stop] for m in present}))
            yield groups

    def _inputs(self, modality: int, rows: Tensor) -> Tensor:
        if modality == 0:
            return self.features[rows]
        return self.embeddings[modality - 1][self.class_index[rows]]


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
    scaling = {"features": "feature_scaling", None: "feature_scaling or embedding_scaling"}
    return NonFiniteLossError(
        f"The loss term {term!r} became non-finite in epoch {epoch + 1}. Lower learning_rate, or "
        f"if {scaling.get(modality, 'embedding_scaling')} is 'raw', set it to 'auto'."
    )
