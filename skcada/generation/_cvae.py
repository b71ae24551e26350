"""The conditional variational autoencoder of features as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.estimator import read_layers
from skcada._nn.generators import ConditionalVAE, mean_l2_error
from skcada._nn.losses import l2_error
from skcada._training import Trainer
from skcada._training.generators import CVAEObjective, Rows
from skcada.generation._base import BaseFeatureGenerator

RECONSTRUCTION_ERRORS = {"sum": l2_error, "mean": mean_l2_error}


class CVAETransformer(BaseFeatureGenerator):
    _parameter_constraints: ClassVar[dict] = {
        **BaseFeatureGenerator._parameter_constraints,
        "latent_size": [Interval(Integral, 1, None, closed="left")],
        "reconstruction": [StrOptions({"sum", "mean"})],
        "encoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "decoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(
        self,
        latent_size: int = 50,
        *,
        class_embeddings: Any = None,
        reconstruction: Literal["sum", "mean"] = "sum",
        encoder_layers: int | Sequence[int] = (512, 512),
        decoder_layers: int | Sequence[int] = (1024,),
        dropout: float = 0.0,
        feature_scaling: Literal["auto", "raw"] = "auto",
        embedding_scaling: Literal["auto", "raw"] = "auto",
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: float = 1e-3,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.latent_size = latent_size
        self.class_embeddings = class_embeddings
        self.reconstruction = reconstruction
        self.encoder_layers = encoder_layers
        self.decoder_layers = decoder_layers
        self.dropout = dropout
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.device = device
        self.random_state = random_state

    def _make_trainer(
        self, data: Rows, vectors: torch.Tensor, generator: torch.Generator
    ) -> Trainer[CVAEObjective]:
        network = ConditionalVAE(
            data.features.shape[1],
            vectors.shape[1],
            self.latent_size,
            encoder_layers=read_layers("encoder_layers", self.encoder_layers),
            decoder_layers=read_layers("decoder_layers", self.decoder_layers),
            sees_embedding=True,
            generator=generator,
        )
        objective = CVAEObjective(
            network,
            data,
            reconstruction_error=RECONSTRUCTION_ERRORS[self.reconstruction],
            dropout=self.dropout,
            learning_rate=self.learning_rate,
        )
        return self._train_by(objective, generator)
