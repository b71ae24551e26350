"""The training of ReViSE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from skcada._nn.losses import l2_error
from skcada._nn.revise import (
    ReViSENetwork,
    contractive_penalty,
    median_kappa,
    mmd,
    similarity_loss,
    weighted_l2_error,
)
from skcada._training.trainer import Objective

# Rows whose codes give the median distance, which pairs of them tell to a few per cent.
N_MEDIAN_ROWS = 256


class ClassedBatch(NamedTuple):
    """Rows, the distinct classes of these, and which of these each row is of.

    `counts` are the numbers of rows of the classes, as floats.
    """

    rows: Tensor
    classes: Tensor
    class_codes: Tensor
    counts: Tensor


class ReViSEObjective(Objective):
    """The loss of ReViSE on scaled rows and the scaled embeddings of their classes.

    `class_codes` has the row of `vectors` of each row of `rows`. Only the classes of a batch take
    part in its loss, each with the weight of its rows. Reconstruction errors are relative to those
    of the best constant, so that `alpha` means the same for any scale. A term of weight zero is not
    computed.
    """

    columns = (
        "similarity",
        "reconstruction_features",
        "reconstruction_embeddings",
        "contraction",
        "mmd",
        "loss",
    )

    def __init__(
        self,
        network: ReViSENetwork,
        rows: Tensor,
        class_codes: Tensor,
        vectors: Tensor,
        *,
        alpha: float,
        beta: float,
        contraction: float,
        learning_rate: float,
    ) -> None:
        self.network = network.to(rows.device)
        self.tensors = dict(self.network.named_parameters())
        self.rows = rows
        self.vectors = vectors
        # On the CPU, where batches are composed, so that no step asks the device for their classes.
        self.class_codes = class_codes.cpu()
        self.weights = {
            "similarity": 1.0,
            "reconstruction_features": alpha,
            "reconstruction_embeddings": alpha,
            "contraction": alpha * contraction,
            "mmd": beta,
        }
        self.terms = [name for name, weight in self.weights.items() if weight]
        self.feature_unit = relative_unit(rows)
        self.embedding_unit = relative_unit(vectors)
        some = slice(None, None, -(-len(rows) // N_MEDIAN_ROWS))
        self.median_rows = rows[some]
        self.median_vectors = vectors[self.class_codes[some].to(vectors.device)]
        self.kappa = torch.ones((), device=rows.device)
        self.optimizers = [
            torch.optim.Adam(self.tensors.values(), lr=learning_rate, fused=True),
        ]

    def begin_epoch(self, epoch: int) -> Sequence[str]:
        """Measure the distances between codes; return the names of the terms to compute."""
        if self.weights["mmd"]:
            with torch.no_grad():
                self.kappa = median_kappa(
                    self.network.features.encoder(self.median_rows),
                    self.network.embeddings.encoder(self.median_vectors),
                )
        return [*self.terms, "loss"]

    def compose(
        self, batches: Sequence[Tensor], generator: torch.Generator
    ) -> Iterable[ClassedBatch]:
        """Make the batches of an epoch from the positions of their rows."""
        distinct = [
            self.class_codes[rows].unique(return_inverse=True, return_counts=True)
            for rows in batches
        ]
        classes, class_codes, counts = (list(parts) for parts in zip(*distinct, strict=True))
        per_row = zip(self._move(list(batches)), self._move(class_codes), strict=True)
        per_class = zip(
            self._move(classes), self._move([count.float() for count in counts]), strict=True
        )
        for (rows, own), (present, count) in zip(per_row, per_class, strict=True):
            yield ClassedBatch(rows, present, own, count)

    def _move(self, parts: list[Tensor]) -> Sequence[Tensor]:
        """Move the parts of all batches to the device in one piece."""
        return torch.cat(parts).to(self.device).split([len(part) for part in parts])

    def loss(self, batch: ClassedBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the weighted loss, and the terms and it to report, summed over the rows."""
        x, vectors = self.rows[batch.rows], self.vectors[batch.classes]
        features, embeddings = self.network.features, self.network.embeddings
        codes, class_codes = features.encoder(x), embeddings.encoder(vectors)
        terms = {
            "similarity": similarity_loss(
                features.join(codes), embeddings.join(class_codes), batch.class_codes
            )
        }
        if self.weights["reconstruction_features"]:
            error = l2_error(features.decoder(codes), x)
            terms["reconstruction_features"] = error * self.feature_unit
            error = weighted_l2_error(embeddings.decoder(class_codes), vectors, batch.counts)
            terms["reconstruction_embeddings"] = error * self.embedding_unit
        if self.weights["contraction"]:
            terms["contraction"] = contractive_penalty(codes, features.encoder.code.weight)
        if self.weights["mmd"]:
            shares = batch.counts / len(x)
            terms["mmd"] = mmd(codes, class_codes, self.kappa, shares) * len(x)
        loss = torch.stack([self.weights[name] * term for name, term in terms.items()]).sum()
        return loss, terms | {"loss": loss}

    def advise(self, term: str) -> str:
        """Return what a user can do about a term that is not finite."""
        scaling = {
            "reconstruction_features": "feature_scaling",
            "reconstruction_embeddings": "embedding_scaling",
        }.get(term, "feature_scaling or embedding_scaling")
        return f"Lower learning_rate, or if {scaling} is 'raw', set it to 'auto'."


def relative_unit(rows: Tensor) -> float:
    """Return one over the mean squared error of the best constant reconstruction of rows."""
    error = float(rows.var(dim=0, correction=0).sum())
    # Equal rows leave nothing to reconstruct.
    return 1 / error if error else 1.0
