"""The classifier known as CMT: a network that maps features to class embeddings."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada._training import SoftmaxTrainer, as_tensor, resolve_device, seeded_generator
from skcada._training.cmt import CMTTrainer, Solver
from skcada.compatibility._iterative import BaseIterativeClassifier, refuse_non_finite
from skcada.compatibility._novelty import fit_variances, log_density
from skcada.compatibility._scaling import Scaling
from skcada.compatibility._training_set import TrainingSet

# Of the log-densities of training rows, the share that lies below the threshold of novelty.
QUANTILE = 0.05
# The softmax of seen classes.
SOFTMAX_EPOCHS, SOFTMAX_BATCH, SOFTMAX_LEARNING_RATE = 20, 64, 5e-3
# Rows that are mapped at once, so that densities of all classes take little memory.
CHUNK_SIZE = 4096


class CMTClassifier(BaseIterativeClassifier):
    _parameter_constraints: ClassVar[dict] = {
        **BaseIterativeClassifier._parameter_constraints,
        "hidden_size": [Interval(Integral, 1, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "solver": [StrOptions({"adam", "lbfgs"})],
        "novelty": [StrOptions({"gaussian"}), None],
    }
    _loss_name: ClassVar[str] = "objective"

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        hidden_size: int = 200,
        alpha: float = 1e-4,
        solver: Solver = "adam",
        learning_rate: float = 1e-3,
        max_iter: int | Literal["auto"] = "auto",
        batch_size: int = 64,
        novelty: Literal["gaussian"] | None = None,
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
        self.hidden_size = hidden_size
        self.alpha = alpha
        self.solver = solver
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.novelty = novelty
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.device = device
        self.random_state = random_state

    def _make_trainer(self, data: TrainingSet, random_state: np.random.RandomState) -> CMTTrainer:
        trained, members = data.members
        return CMTTrainer(
            data.rows,
            members,
            data.vectors[trained],
            hidden_size=self.hidden_size,
            alpha=self.alpha,
            solver=self.solver,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            device=resolve_device(self.device),
            generator=seeded_generator(random_state),
        )

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        for name in [name for name in vars(self) if name.startswith(("novelty_", "softmax_"))]:
            delattr(self, name)  # of an earlier fit
        super()._learn(data, labels, roles, task)

    def _learnt_attributes(
        self, trainer: CMTTrainer, data: TrainingSet, roles: ClassRoles
    ) -> dict[str, Any]:
        hidden_matrix, hidden_bias, matrix, bias = weights = trainer.learnt_weights()
        refuse_non_finite(*weights)
        coefs, intercepts = [hidden_matrix, matrix], [hidden_bias, bias]
        return {
            "coefs_": coefs,
            "intercepts_": intercepts,
            "mean_lead_": self._measure_lead(data, trainer.score),
            "device_": trainer.rows.device,
        }

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float32]:
        mapped = _project(rows, self.coefs_, self.intercepts_)
        return -euclidean_distances(mapped, vectors, squared=True).astype(np.float32)


def _project(
    rows: NDArray, coefs: list[NDArray], intercepts: list[NDArray]
) -> NDArray[np.float64]:
    """Map scaled rows into the space of class embeddings, in double precision."""
    hidden = np.tanh(rows.astype(np.float64) @ coefs[0] + intercepts[0])
    return hidden @ coefs[1] + intercepts[1]
