"""What the classifiers share that train maps by a ranking loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skcada._classes.roles import ClassRoles
from skcada._training import Trainer, resolve_device, seeded_generator
from skcada._training.ranking import RankingLoss, RankingObjective
from skcada.compatibility._iterative import BaseIterativeClassifier
from skcada.compatibility._training_set import TrainingSet


class BaseRankingClassifier(BaseIterativeClassifier):
    """A classifier whose maps from features to class embeddings are trained by a ranking loss.

    A subclass implements `_make_loss`.
    """

    _n_maps: int = 1

    def _make_loss(self, n_classes: int, device: torch.device) -> RankingLoss:
        """Return the loss of scores of so many classes."""
        raise NotImplementedError

    def _make_trainer(
        self, data: TrainingSet, random_state: np.random.RandomState
    ) -> Trainer[RankingObjective]:
        trained, members = data.members
        device = resolve_device(self.device)
        generator = seeded_generator(random_state)
        objective = RankingObjective(
            data.rows,
            members,
            data.vectors[trained],
            n_maps=self._n_maps,
            loss=self._make_loss(len(trained), device),
            learning_rate=self.learning_rate,
            device=device,
            generator=generator,
        )
        return Trainer(objective, len(data.rows), batch_size=self.batch_size, generator=generator)

    def _learnt_attributes(
        self, objective: RankingObjective, data: TrainingSet, roles: ClassRoles
    ) -> dict[str, Any]:
        maps = objective.averaged_maps()
        return {
            "compatibility_": maps if self._n_maps > 1 else maps[0],
            "mean_lead_": self._measure_lead(data, objective.score),
            "device_": objective.device,
        }

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float32]:
        maps = self.compatibility_.reshape(-1, *self.compatibility_.shape[-2:])
        # One map at a time, which takes less memory than all of them.
        scores = (np.linalg.multi_dot([rows, each, vectors.T]) for each in maps)
        return np.maximum.reduce(list(scores))
