"""The loop over epochs of everything that is trained by gradient, and what it asks of a loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skcada._training.batches import count_steps


class NonFiniteLossError(ValueError):
    """A loss term became infinite or NaN during training."""


class Objective:
    """A loss of the rows of a batch, and what moves the weights to lower it.

    A subclass implements `loss`, or overrides `step` where that is more than a step of one
    optimiser. It sets these attributes:

    columns : names of the loss terms that are reported
    tensors : what is trained, by name, on one device
    optimizers : the optimisers of the tensors, with their moments
    """

    columns: Sequence[str] = ("loss",)
    tensors: Mapping[str, Tensor]
    optimizers: Sequence[torch.optim.Optimizer] = ()

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return next(iter(self.tensors.values())).device

    def begin_epoch(self, epoch: int) -> Sequence[str]:
        """Prepare for an epoch, counted from 0; return the names of the terms that it computes."""
        return self.columns

    def compose(self, batches: Sequence[Tensor], generator: torch.Generator) -> Iterable[Any]:
        """Make the batches of an epoch from the positions of their rows, which are on the CPU."""
        return torch.cat(list(batches)).to(self.device).split([len(rows) for rows in batches])

    def loss(self, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """Return what a step is to lower, and the terms to report, summed over the rows."""
        raise NotImplementedError

    def step(self, batch: Any) -> dict[str, Tensor]:
        """Move the weights; return the terms to report as they were before."""
        (optimizer,) = self.optimizers
        optimizer.zero_grad(set_to_none=True)
        loss, terms = self.loss(batch)
        loss.backward()
        optimizer.step()
        return terms

    def end_epoch(self, epoch: int) -> None:
        """Take note that an epoch, counted from 0, is over."""

    def advise(self, term: str) -> str:
        """Return what a user can do about a term that is not finite."""
        return (
            "Lower learning_rate, scale X, for instance by StandardScaler, or set "
            'feature_scaling="unit".'
        )


ObjectiveT = TypeVar("ObjectiveT", bound=Objective)


class Trainer(Generic[ObjectiveT]):
    """Lower an objective epoch by epoch, each of which visits every row once, in random order.

    `generator` draws on the CPU. Without a `batch_size` all rows are one batch, in their order.
    """

    def __init__(
        self,
        objective: ObjectiveT,
        n_samples: int,
        *,
        batch_size: int | None,
        generator: torch.Generator,
    ) -> None:
        self.objective = objective
        self.n_samples = n_samples
        self.batch_size = batch_size
        self.generator = generator
        self.history: list[dict[str, float]] = []

    @property
    def n_epochs(self) -> int:
        """The number of epochs that were run."""
        return len(self.history)

    def run_epoch(self) -> dict[str, float]:
        """Visit every row once; return the mean over rows of each loss term, before the steps.

        It is added to `history`, too. A term or a weight that is not finite raises an error.
        """
        names = self.objective.begin_epoch(self.n_epochs)
        steps = []
        for batch in self.objective.compose(self._draw_batches(), self.generator):
            terms = self.objective.step(batch)
            # A batch in which no row has some modality lacks the terms of that modality.
            zero = next(iter(terms.values())).new_zeros(())
            steps.append(torch.stack([terms.get(name, zero) for name in names]).detach())
        norm = torch.nn.utils.get_total_norm(list(self.objective.tensors.values())).detach()
        self.objective.end_epoch(self.n_epochs)
        # The only place in an epoch that waits for the device.
        values = torch.cat([torch.stack(steps).ravel(), norm[None]]).cpu().double().numpy()
        terms_by_step = values[:-1].reshape(len(steps), -1)
        self._check_finite(terms_by_step, names, values[-1])
        means = (terms_by_step.sum(axis=0) / self.n_samples).tolist()
        self.history.append(dict(zip(names, means, strict=True)))
        return self.history[-1]

    def _draw_batches(self) -> Sequence[Tensor]:
        if self.batch_size is None:
            return [torch.arange(self.n_samples)]
        order = torch.randperm(self.n_samples, generator=self.generator)
        return order.tensor_split(count_steps(self.n_samples, self.batch_size))

    def _check_finite(self, terms_by_step: NDArray, names: Sequence[str], norm: float) -> None:
        """Raise for the first term of the first step that is not finite.

        Once one term has overflowed, the weights are NaN and all other terms follow, so that a sum
        over the epoch would not tell which one it was.
        """
        terms = np.nonzero(~np.isfinite(terms_by_step))[1]
        if len(terms) or not np.isfinite(norm):
            term = names[terms[0]] if len(terms) else names[-1]
            raise NonFiniteLossError(
                f"The loss term {term!r} became non-finite in epoch {self.n_epochs + 1}. "
                f"{self.objective.advise(term)}"
            )

    def state(self) -> dict[str, Any]:
        """Return what the next epoch depends on, as arrays that belong to no device.

        Beside arrays there are numbers, texts, None, and lists and dicts of them.
        """
        return {
            "history": list(self.history),
            "tensors": _to_arrays(self.objective.tensors),
            "optimizers": [_to_arrays(o.state_dict()["state"]) for o in self.objective.optimizers],
            "generator": _to_arrays(self.generator.get_state()),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that :meth:`state` returned."""
        self.history = list(state["history"])
        with torch.no_grad():
            for name, tensor in self.objective.tensors.items():
                tensor.copy_(torch.tensor(state["tensors"][name]))
        for optimizer, moments in zip(self.objective.optimizers, state["optimizers"], strict=True):
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": _to_tensors(moments), "param_groups": groups})
        self.generator.set_state(torch.tensor(state["generator"]))


def _to_arrays(value: Any) -> Any:
    """Replace tensors by arrays, which are copies: tensors are trained further in place."""
    if isinstance(value, Tensor):
        return value.detach().cpu().numpy().copy()
    if isinstance(value, Mapping):
        return {name: _to_arrays(each) for name, each in value.items()}
    return [_to_arrays(each) for each in value] if isinstance(value, list) else value


def _to_tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return torch.tensor(value)
    if isinstance(value, Mapping):
        return {name: _to_tensors(each) for name, each in value.items()}
    return [_to_tensors(each) for each in value] if isinstance(value, list) else value
