"""What the classifiers share that are trained epoch by epoch."""

from __future__ import annotations

import os
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skcada._base.epochs import FitTask, open_checkpoint
from skcada._classes.roles import ClassRoles
from skcada._intervals import Interval
from skcada._sklearn import StrOptions
from skcada._training import Trainer
from skcada.compatibility._base import BaseCompatibilityClassifier
from skcada.compatibility._epochs import choose_epochs, list_candidates
from skcada.compatibility._training_set import TrainingSet


class BaseIterativeClassifier(BaseCompatibilityClassifier):
    """A classifier that is trained by epochs, whose number "auto" chooses on held-out classes.

    A subclass implements `_make_trainer` and `_learnt_attributes`, and stores these parameters.
    """

    max_iter: int | Literal["auto"]
    batch_size: int
    learning_rate: float
    checkpoint: str | os.PathLike[str] | None
    device: str | torch.device

    _parameter_constraints: ClassVar[dict] = {
        **BaseCompatibilityClassifier._parameter_constraints,
        "max_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "checkpoint": [str, os.PathLike, None],
        "device": [str, torch.device],
    }
    _n_parts: ClassVar[int] = 2
    _row_types: ClassVar[Any] = np.float32
    _precision: ClassVar[type[np.floating]] = np.float32

    def _make_trainer(self, data: TrainingSet, random_state: np.random.RandomState) -> Trainer[Any]:
        raise NotImplementedError

    def _learnt_attributes(
        self, objective: Any, data: TrainingSet, roles: ClassRoles
    ) -> dict[str, Any]:
        """Return the fitted attributes that are learnt by now, with `mean_lead_`."""
        raise NotImplementedError

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        checkpoint = open_checkpoint(
            self,
            data.rows,
            labels,
            class_embeddings=[data.vectors, roles.classes, roles.is_unseen],
        )
        random_state = check_random_state(self.random_state)
        make_trainer = partial(self._make_trainer, random_state=random_state)
        # First, so that it begins alike whether the number of epochs is chosen or given.
        trainer = make_trainer(data)
        candidates = list_candidates(self.max_iter, len(data.rows))
        folds = self._hold_out(data, labels, roles, is_wanted=len(candidates) > 1)
        choosing = task.part("choose-max-iter", max_subtasks=len(folds))
        choosing.begin()
        max_iter, self.cv_results_ = choose_epochs(
            candidates, folds, lambda fold: make_trainer(fold.training), choosing, checkpoint
        )
        choosing.end()

        def fitted_attributes() -> dict[str, Any]:
            return {
                **self._learnt_attributes(trainer.objective, data, roles),
                "loss_curve_": pd.DataFrame(trainer.history, columns=[*trainer.objective.columns]),
                "n_iter_": trainer.n_epochs,
            }

        training = task.part("train", max_subtasks=max_iter)
        training.begin()
        training.train(trainer, max_iter, fitted_attributes, checkpoint)
        training.end()
