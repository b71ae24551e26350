"""The classifier known as DeViSE: a bilinear form trained by the hinges of all classes."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._nn.ranking import first_hinge, summed_hinge
from skcada._training.ranking import RankingLoss
from skcada.compatibility._ranking import BaseRankingClassifier
from skcada.compatibility._scaling import Scaling


class DeViSEClassifier(BaseRankingClassifier):
    _parameter_constraints: ClassVar[dict] = {
        **BaseRankingClassifier._parameter_constraints,
        "margin": [Interval(Real, 0, None, closed="neither")],
        "violators": [StrOptions({"all", "first"})],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        margin: float = 1.0,
        violators: Literal["all", "first"] = "all",
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
        self.margin = margin
        self.violators = violators
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

    def _make_loss(self, n_classes: int, device: torch.device) -> RankingLoss:
        margin = self.margin
        if self.violators == "all":
            return lambda scores, class_codes, draw: summed_hinge(scores, class_codes, margin)
        return lambda scores, class_codes, draw: first_hinge(
            scores, class_codes, margin, draw(scores.shape)
        )
