"""What the classifiers share that train maps by a ranking loss."""

from __future__ import annotations

from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada._training import resolve_device, seeded_generator
from skcada._training.ranking import RankingLoss, RankingTrainer
from skcada.compatibility._base import BaseCompatibilityClassifier
from skcada.compatibility._epochs import choose_epochs, list_candidates
from skcada.compatibility._training_set import TrainingSet


class BaseRankingClassifier(BaseCompatibilityClassifier):
    """A classifier whose maps from features to class embeddings are trained by a ranking loss.

    A subclass implements `_make_loss`, and stores these parameters.
    """

    max_iter: int | Literal["auto"]
    batch_size: int
    learning_rate: float
    device: str | torch.device

    _parameter_constraints: ClassVar[dict] = {
        **BaseCompatibilityClassifier._parameter_constraints,
        "max_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "device": [str, torch.device],
    }
    _n_parts: ClassVar[int] = 2
    _row_types: ClassVar[Any] = np.float32
    _precision: ClassVar[type[np.floating]] = np.float32
    _n_maps: int = 1

    def _make_loss(self, n_classes: int, device: torch.device) -> RankingLoss:
        """Return the loss of scores of so many classes."""
        raise NotImplementedError

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        random_state = check_random_state(self.random_state)
        make_trainer = partial(self._make_trainer, random_state=random_state)
        # First, so that it begins alike whether the number of epochs is chosen or given.
        trainer = make_trainer(data)
        candidates = list_candidates(self.max_iter, len(data.rows))
        folds = self._hold_out(data, labels, roles, is_wanted=len(candidates) > 1)
        choosing = task.part("choose-max-iter", max_subtasks=len(folds))
        choosing.begin()
        max_iter, self.cv_results_ = choose_epochs(
            candidates, folds, lambda fold: make_trainer(fold.training), choosing
        )
        choosing.end()
        losses: list[float] = []

        def fitted_attributes() -> dict[str, Any]:
            maps = trainer.averaged_maps()
            return {
                "compatibility_": maps if self._n_maps > 1 else maps[0],
                "mean_lead_": self._measure_lead(data, trainer.score),
                "loss_curve_": pd.DataFrame({"ranking": losses}),
                "n_iter_": len(losses),
                "device_": trainer.rows.device,
            }

        training = task.part("train", max_subtasks=max_iter)
        training.begin()
        for epoch in training.epochs(max_iter):
            losses.append(trainer.run_epoch())
            epoch.end(fitted_attributes)
        training.end()
        for name, value in fitted_attributes().items():
            setattr(self, name, value)
        if not np.isfinite(self.compatibility_).all():
            raise ValueError(
                "The weights became non-finite. Lower learning_rate, scale X, for instance by "
                'StandardScaler, or set feature_scaling="unit".'
            )

    def _make_trainer(
        self, data: TrainingSet, random_state: np.random.RandomState
    ) -> RankingTrainer:
        trained, members = data.members
        device = resolve_device(self.device)
        return RankingTrainer(
            data.rows,
            members,
            data.vectors[trained],
            n_maps=self._n_maps,
            loss=self._make_loss(len(trained), device),
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            device=device,
            generator=seeded_generator(random_state),
        )

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float32]:
        maps = self.compatibility_.reshape(-1, *self.compatibility_.shape[-2:])
        # One map at a time, which takes less memory than all of them.
        scores = ((rows @ each) @ vectors.T for each in maps)
        return np.maximum.reduce(list(scores))
