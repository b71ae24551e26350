"""The Wasserstein network with a classifier as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.estimator import read_layers
from skcada._nn.generators import Critic, FeatureGenerator
from skcada._training import SoftmaxObjective, Trainer
from skcada._training.generators import CLSWGANObjective, Rows
from skcada.generation._base import BaseFeatureGenerator

# The training of the classifier that generated features are judged by, as in the authors' code.
CLASSIFIER_EPOCHS, CLASSIFIER_BATCH, CLASSIFIER_LEARNING_RATE = 50, 100, 1e-3


class CLSWGANTransformer(BaseFeatureGenerator):
    _parameter_constraints: ClassVar[dict] = {
        **BaseFeatureGenerator._parameter_constraints,
        "noise_size": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "classification_weight": [Interval(Real, 0, None, closed="left")],
        "penalty_weight": [Interval(Real, 0, None, closed="left")],
        "n_critic": [Interval(Integral, 1, None, closed="left")],
        "generator_layers": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "critic_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        noise_size: int | Literal["auto"] = "auto",
        *,
        class_embeddings: Any = None,
        classification_weight: float = 0.01,
        penalty_weight: float = 10.0,
        n_critic: int = 5,
        generator_layers: int | Sequence[int] = (1024,),
        critic_size: int = 1024,
        feature_scaling: Literal["auto", "raw"] = "auto",
        embedding_scaling: Literal["auto", "raw"] = "auto",
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: float = 1e-4,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.noise_size = noise_size
        self.class_embeddings = class_embeddings
        self.classification_weight = classification_weight
        self.penalty_weight = penalty_weight
        self.n_critic = n_critic
        self.generator_layers = generator_layers
        self.critic_size = critic_size
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.device = device
        self.random_state = random_state

    def _make_trainer(
        self, data: Rows, vectors: torch.Tensor, generator: torch.Generator
    ) -> Trainer[CLSWGANObjective]:
        n_features, n_dimensions = data.features.shape[1], vectors.shape[1]
        network = FeatureGenerator(
            n_features,
            n_dimensions,
            n_dimensions if self.noise_size == "auto" else self.noise_size,
            layers=read_layers("generator_layers", self.generator_layers),
            is_rectified=bool((data.features >= 0).all()),
            generator=generator,
        )
        critic = Critic(n_features, n_dimensions, self.critic_size, generator)
        coef, bias = train_classifier(data, generator)
        objective = CLSWGANObjective(
            network,
            critic,
            data,
            coef,
            bias,
            penalty_weight=self.penalty_weight,
            classification_weight=self.classification_weight,
            n_critic=self.n_critic,
            learning_rate=self.learning_rate,
        )
        return self._train_by(objective, generator)


def train_classifier(data: Rows, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the weights and the biases of a softmax of seen classes, trained on their rows."""
    objective = SoftmaxObjective(
        data.features,
        data.class_codes,
        len(data.vectors),
        learning_rate=CLASSIFIER_LEARNING_RATE,
        generator=generator,
    )
    trainer = Trainer(
        objective, len(data.features), batch_size=CLASSIFIER_BATCH, generator=generator
    )
    for _ in range(CLASSIFIER_EPOCHS):
        trainer.run_epoch()
    return objective.layer.weight.detach(), objective.layer.bias.detach()
