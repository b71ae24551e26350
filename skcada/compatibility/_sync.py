"""The classifier known as SynC: classifiers of unseen classes are made of those of seen ones."""

from __future__ import annotations

from itertools import product
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from sklearn.utils._param_validation import Interval, StrOptions

from skcada._base.epochs import FitTask
from skcada._classes.roles import ClassRoles
from skcada._nn.ranking import one_versus_other, structured_hinge
from skcada._training.convex import LinearLoss, fit_linear_classifiers
from skcada.compatibility._base import BaseCompatibilityClassifier
from skcada.compatibility._held_out import HeldOutFold, choose
from skcada.compatibility._synthesis import Phantoms, median_distance
from skcada.compatibility._training_set import TrainingSet
import os
REGULARIZATIONS = 10.0 ** np.arange(-4, 3)
SIMILARITY_SCALES = 2.0 ** np.arange(-5, 6)
TOL_OF_FOLDS = 1e-2
UNC=int(os.environ.get("UNC","0"))
BIAS=float(os.environ.get("BIAS","0"))


class SynCClassifier(BaseCompatibilityClassifier):
    _parameter_constraints: ClassVar[dict] = {
        **BaseCompatibilityClassifier._parameter_constraints,
        "loss": [StrOptions({"one-versus-other", "crammer-singer", "structured"})],
        "regularization": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "similarity_scale": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        class_embeddings: Any = None,
        *,
        loss: Literal["one-versus-other", "crammer-singer", "structured"] = "one-versus-other",
        regularization: float | Literal["auto"] = "auto",
        similarity_scale: float | Literal["auto"] = "auto",
        max_iter: int = 1000,
        tol: float = 1e-5,
        feature_scaling: Literal["unit", "raw"] = "unit",
        embedding_scaling: Literal["unit", "raw"] = "unit",
        unseen_classes: ArrayLike | None = None,
        label_space: Literal["all", "unseen"] = "all",
        seen_penalty: float = 0.0,
        cv: Any = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.class_embeddings = class_embeddings
        self.loss = loss
        self.regularization = regularization
        self.similarity_scale = similarity_scale
        self.max_iter = max_iter
        self.tol = tol
        self.feature_scaling = feature_scaling
        self.embedding_scaling = embedding_scaling
        self.unseen_classes = unseen_classes
        self.label_space = label_space
        self.seen_penalty = seen_penalty
        self.cv = cv
        self.random_state = random_state

    def _learn(self, data: TrainingSet, labels: NDArray, roles: ClassRoles, task: FitTask) -> None:
        if UNC:
            data = TrainingSet(data.rows + self.feature_mean_, data.class_codes, data.vectors)
        if BIAS:
            rows = np.hstack([data.rows, np.full((len(data.rows), 1), BIAS)])
            data = TrainingSet(rows, data.class_codes, data.vectors)
        lambda_, scale = self._choose_pair(data, labels, roles)
        trained, _ = data.members
        self._phantoms = Phantoms.on(data.vectors[trained], scale)
        shape = len(trained), data.rows.shape[1]
        weights, self.n_iter_ = self._fit_seen(data, lambda_, np.zeros(shape), self.tol)
        self.phantoms_ = self._phantoms.inverse @ weights
        self._W = weights
        B=BIAS
        self.mean_lead_ = self._measure_lead(data, lambda r, v: r @ (self._phantoms.mix(v) @ weights).T)

    def _choose_pair(self, data, labels, roles) -> tuple[float, float]:
        given = (self.regularization, self.similarity_scale)
        n, d = data.rows.shape
        trained, _ = data.members
        if UNC: data0=data.rows-self.feature_mean_
        else: data0=data.rows
        mean = np.square(data0[:,:-1] if BIAS else data0).sum() / n / min(n, d)
        unit = mean / (len(trained) if self.loss == "one-versus-other" else 1)
        lambdas = (REGULARIZATIONS * (unit or 1.0)).tolist() if given[0] == "auto" else [given[0]]
        scales = SIMILARITY_SCALES.tolist() if given[1] == "auto" else [given[1]]
        if self.feature_scaling == "unit":
            data = TrainingSet(data.rows.astype(np.float32), data.class_codes, data.vectors)
        folds = self._hold_out(data, labels, roles) if "auto" in given else []
        if UNC:
            for f in folds:
                m = self.feature_mean_.astype(np.float32)
                f.training.rows[:]+=m; f.tested[:]+=m
        if BIAS:
            for f in folds:
                f.training.rows[:,-1]=BIAS; f.tested[:,-1]=BIAS
        scores = [self._score_pairs(fold, lambdas, scales) for fold in folds]
        pairs = np.array(list(product(lambdas, scales)))
        names = ("regularization", "similarity_scale")
        best, self.cv_results_ = choose(dict(zip(names, pairs.T, strict=True)), scores)
        lambda_, scale = pairs[best].tolist()
        self.regularization_, self.similarity_scale_ = lambda_, scale
        self._unit = unit
        return lambda_, scale

    def _score_pairs(self, fold, lambdas, scales) -> list[float]:
        trained, _ = fold.training.members
        vectors = fold.training.vectors[trained]
        mixes = [Phantoms.on(vectors, scale).mix(fold.vectors) for scale in scales]
        weights = np.zeros((len(trained), fold.tested.shape[1]))
        scores = []
        for lambda_ in reversed(lambdas):
            weights, _ = self._fit_seen(fold.training, lambda_, weights, TOL_OF_FOLDS)
            projected = fold.tested @ weights.T
            scores.append([fold.score(projected @ mix.T) for mix in mixes])
        return [score for row in reversed(scores) for score in row]

    def _fit_seen(self, data, lambda_, start, tol):
        trained, members = data.members
        return fit_linear_classifiers(
            data.rows, members, loss=self._make_loss(data.vectors[trained]),
            regularization=lambda_, start=start, max_iter=self.max_iter, tol=tol,
        )

    def _make_loss(self, vectors: NDArray) -> LinearLoss:
        if self.loss == "one-versus-other":
            return one_versus_other
        if self.loss == "crammer-singer":
            return lambda scores, codes: structured_hinge(scores, codes, 1.0)
        distances = torch.from_numpy(cdist(vectors, vectors) / median_distance(vectors))
        return lambda scores, codes: structured_hinge(scores, codes, distances.to(scores.dtype)[codes])

    def _score_vectors(self, rows: NDArray, vectors: NDArray) -> NDArray[np.float64]:
        if UNC: rows = rows + self.feature_mean_
        if BIAS: rows = np.hstack([rows, np.full((len(rows), 1), BIAS)])
        return rows @ (self._phantoms.mix(vectors) @ self._W).T
