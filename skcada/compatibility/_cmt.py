"""The classifier known as CMT: a network that maps features to class embeddings."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada._training import resolve_device, seeded_generator
from skcada._training.cmt import CMTTrainer, Solver
from skcada.compatibility._iterative import BaseIterativeClassifier, refuse_non_finite
from skcada.compatibility._novelty import fit_variances, log_density, train_softmax
from skcada.compatibility._scaling import Scaling
from skcada.compatibility._training_set import TrainingSet

# Of the log-densities of training rows, the share that lies below the threshold of novelty.
QUANTILE = 0.05
# Rows whose densities are computed at once, so that densities of all classes take little memory.
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
        batch_size: int = 128,
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
        if self.novelty is not None:
            # First, so that callbacks can try what is learnt by then.
            is_kept, members = _find_seen(data, roles)
            self.softmax_coef_, self.softmax_intercept_ = train_softmax(
                data.rows[is_kept],
                members,
                device=resolve_device(self.device),
                generator=seeded_generator(check_random_state(self.random_state)),
            )
            refuse_non_finite(self.softmax_coef_, self.softmax_intercept_)
        super()._learn(data, labels, roles, task)

    def _learnt_attributes(
        self, trainer: CMTTrainer, data: TrainingSet, roles: ClassRoles
    ) -> dict[str, Any]:
        hidden_matrix, hidden_bias, matrix, bias = weights = trainer.learnt_weights()
        refuse_non_finite(*weights)
        coefs, intercepts = [hidden_matrix, matrix], [hidden_bias, bias]
        is_novel = self.novelty is not None
        return {
            "coefs_": coefs,
            "intercepts_": intercepts,
            # Scores of the rule with a threshold are in nats, as the threshold is.
            "mean_lead_": 1.0 if is_novel else self._measure_lead(data, trainer.score),
            "device_": trainer.rows.device,
            **(_fit_gaussians(data, roles, coefs, intercepts) if is_novel else {}),
        }

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float32]:
        mapped = _project(rows, self.coefs_, self.intercepts_)
        return -euclidean_distances(mapped, vectors, squared=True).astype(np.float32)

    def _score_classes(self, X: NDArray) -> NDArray:
        if not hasattr(self, "novelty_threshold_"):
            return super()._score_classes(X)
        rows = self._scale_rows(X)
        mapped = _project(rows, self.coefs_, self.intercepts_)
        is_seen = self._is_seen_column
        scores = np.empty((len(rows), len(is_seen)))
        if is_seen.any():
            logits = rows.astype(np.float64) @ self.softmax_coef_.T + self.softmax_intercept_
            density = log_density(
                mapped, self.novelty_means_, self.novelty_variances_, self.novelty_priors_
            )
            lead = density - self.novelty_threshold_
            scores[:, is_seen] = _relative_to_best(logits) + lead[:, np.newaxis]
        if not is_seen.all():
            squared = euclidean_distances(mapped, self.scaled_embeddings_[~is_seen], squared=True)
            variance = self.novelty_priors_ @ self.novelty_variances_
            scores[:, ~is_seen] = _relative_to_best(-squared / (2 * variance))
        return scores


def _project(rows: NDArray, coefs: list[NDArray], intercepts: list[NDArray]) -> NDArray[np.float64]:
    """Map scaled rows into the space of class embeddings.

    It is in double precision, because densities of small variance enlarge rounding, which depends
    on how many rows are mapped at once.
    """
    hidden = np.tanh(rows.astype(np.float64) @ coefs[0] + intercepts[0])
    return hidden @ coefs[1] + intercepts[1]


def _relative_to_best(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return scores - scores.max(axis=1, keepdims=True)


def _find_seen(data: TrainingSet, roles: ClassRoles) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Mark the rows that are no shots, and return the position of their classes among the seen."""
    is_kept = ~roles.is_unseen[data.class_codes]
    return is_kept, np.flatnonzero(~roles.is_unseen).searchsorted(data.class_codes[is_kept])


def _fit_gaussians(
    data: TrainingSet, roles: ClassRoles, coefs: list[NDArray], intercepts: list[NDArray]
) -> dict[str, Any]:
    """Return the fitted attributes of the mixture of Gaussians, and the threshold."""
    is_kept, members = _find_seen(data, roles)
    means = data.vectors[~roles.is_unseen].astype(np.float64)
    mapped = _project(data.rows[is_kept], coefs, intercepts)
    variances = fit_variances(mapped, members, means)
    priors = np.bincount(members) / len(members)
    densities = [
        log_density(mapped[chunk], means, variances, priors)
        for chunk in gen_batches(len(mapped), CHUNK_SIZE)
    ]
    return {
        "novelty_means_": means,
        "novelty_variances_": variances,
        "novelty_priors_": priors,
        "novelty_threshold_": float(np.quantile(np.concatenate(densities), QUANTILE)),
    }
