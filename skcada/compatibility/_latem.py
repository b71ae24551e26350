"""The classifier known as LatEm: several bilinear forms, the best of which counts."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval

from skcada._nn.ranking import sampled_hinge
from skcada._training.ranking import RankingLoss
from skcada.compatibility._ranking import BaseRankingClassifier
from skcada.compatibility._scaling import Scaling


class LatEmClassifier(BaseRankingClassifier):
    _parameter_constraints: ClassVar[dict] = {
        **BaseRankingClassifier._parameter_constraints,
        "n_maps": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        n_maps: int = 4,
        learning_rate: float = 10.0,
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int = 64,
        feature_scaling: Scaling = "unit",
        embedding_scaling: Scaling = "unit",
        unseen_classes: ArrayLike | None = None,
        label_space: Literal["all", "unseen"] = "all",
        seen_penalty: float = 0.0,
        cv: Any = None,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.class_embeddings = class_embeddings
        self.n_maps = n_maps
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.device = device
        self.random_state = random_state

    @property
    def _n_maps(self) -> int:  # type: ignore[override]
        return self.n_maps

    def _make_loss(self, n_classes: int, device: torch.device) -> RankingLoss:
        return lambda scores, class_codes, draw: sampled_hinge(
            scores, class_codes, draw(class_codes.shape)
        )
