"""The autoencoder with feedback of a regressor as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.estimator import read_layers
from skcada._nn import Ramp
from skcada._nn.generators import ConditionalVAE, make_regressor
from skcada._training import Trainer
from skcada._training.generators import Rows, SEObjective
from skcada.generation._base import BaseFeatureGenerator

# The share of the training after which generated features have their whole weight in the
# regressor's loss: those of a generator that has learnt little would harm it.
END_OF_RAMP = 0.5


class SEZSLTransformer(BaseFeatureGenerator):
    _parameter_constraints: ClassVar[dict] = {
        **BaseFeatureGenerator._parameter_constraints,
        "latent_size": [Interval(Integral, 1, None, closed="left")],
        "feedback": [Interval(Real, 0, None, closed="left")],
        "latent_feedback": [Interval(Real, 0, None, closed="left")],
        "regressor_feedback": [Interval(Real, 0, None, closed="left")],
        "feedback_classes": [StrOptions({"seen", "all"})],
        "encoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "decoder_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "regressor_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
    }

    def __init__(
        self,
        latent_size: int = 50,
        *,
        class_embeddings: Any = None,
        feedback: float = 0.1,
        latent_feedback: float = 0.1,
        regressor_feedback: float = 0.1,
        feedback_classes: Literal["seen", "all"] = "seen",
        encoder_layers: int | Sequence[int] = (512,),
        decoder_layers: int | Sequence[int] = (1024,),
        regressor_layers: int | Sequence[int] = (512,),
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
        self.feedback = feedback
        self.latent_feedback = latent_feedback
        self.regressor_feedback = regressor_feedback
        self.feedback_classes = feedback_classes
        self.encoder_layers = encoder_layers
        self.decoder_layers = decoder_layers
        self.regressor_layers = regressor_layers
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.device = device
        self.random_state = random_state

    def _make_trainer(
        self, data: Rows, vectors: torch.Tensor, generator: torch.Generator
    ) -> Trainer[SEObjective]:
        n_features, n_dimensions = data.features.shape[1], vectors.shape[1]
        network = ConditionalVAE(
            n_features,
            n_dimensions,
            self.latent_size,
            encoder_layers=read_layers("encoder_layers", self.encoder_layers),
            decoder_layers=read_layers("decoder_layers", self.decoder_layers),
            sees_embedding=False,
            generator=generator,
        )
        regressor_layers = read_layers("regressor_layers", self.regressor_layers)
        objective = SEObjective(
            network,
            make_regressor(n_features, regressor_layers, n_dimensions, generator),
            data,
            vectors if self.feedback_classes == "all" else data.vectors,
            feedback=self.feedback,
            latent_feedback=self.latent_feedback,
            regressor_feedback=Ramp(self.regressor_feedback, 0.0, END_OF_RAMP),
            max_iter=self._count_epochs(len(data.features)),
            learning_rate=self.learning_rate,
        )
        return self._train_by(objective, generator)
