"""What all transformers share that generate features of classes."""

from __future__ import annotations

import copy
import os
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
import torch
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags, check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted

from skcada._base.epochs import FitTask, open_checkpoint
from skcada._base.estimator import (
    DocLinkMixin,
    fit_method,
    fitted_method,
    spread,
    validate_new_rows,
    validate_rows,
    validate_vectors,
)
from skcada._base.latent_source import check_counts, check_one_given, read_embeddings
from skcada._base.scaling import Scaling, choose_scalings, scale_rows, scale_tables, stack_tables
from skcada._base.state import DeviceStateMixin
from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.labels import format_labels
from skcada._classes.tables import FEATURES
from skcada._intervals import Interval
from skcada._sklearn import CallbackSupportMixin, StrOptions
from skcada._training import (
    Trainer,
    apply_in_chunks,
    as_tensor,
    resolve_device,
    seeded_generator,
)
from skcada._training.batches import choose_batch_size
from skcada._training.generators import Rows
from skcada._training.inference import CHUNK_SIZE
from skcada.generation._collapse import warn_of_ignored_embeddings

# Root mean squared length of scaled embeddings of seen classes. With 6 held-out classes of CUB were
# told apart less well, with 9 those of letters.
EMBEDDING_LENGTH = 2.0
# Batch sizes are chosen automatically between bounds.
STEPS_PER_EPOCH, LARGEST_BATCH = 20, 128
# Rows, and generated features of each class, that are looked at after the training.
N_CHECKED_ROWS, N_CHECKED_DRAWS = 1000, 16


class BaseFeatureGenerator(
    DocLinkMixin,
    DeviceStateMixin,
    CallbackSupportMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
    BaseEstimator,
):
    """A transformer that leaves features where they are, and generates those of other classes.

    A subclass implements `_make_trainer`, and stores these parameters.
    """

    # Rows that a training of automatic length visits, within the bounds on epochs.
    _row_visits: ClassVar[int] = 100_000
    _epoch_bounds: ClassVar[tuple[int, int]] = (10, 25)

    class_embeddings: Any
    feature_scaling: Literal["auto", "raw"]
    embedding_scaling: Literal["auto", "raw"]
    max_iter: int | Literal["auto"]
    batch_size: int | Literal["auto"]
    learning_rate: float
    checkpoint: str | os.PathLike[str] | None
    device: str | torch.device
    random_state: int | RandomState | None

    _parameter_constraints: ClassVar[dict] = {
        "class_embeddings": ["array-like", "sparse matrix", dict, None],
        "feature_scaling": [StrOptions({"auto", "raw"})],
        "embedding_scaling": [StrOptions({"auto", "raw"})],
        "max_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "batch_size": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "checkpoint": [str, os.PathLike, None],
        "device": [str, torch.device],
        "random_state": ["random_state"],
    }

    def _make_trainer(
        self, data: Rows, vectors: torch.Tensor, generator: torch.Generator
    ) -> Trainer[Any]:
        """Return what trains `network`, an attribute of its objective, on scaled rows of classes.

        `vectors` are the scaled embeddings of all classes, also of those without rows.
        """
        raise NotImplementedError

    def _count_epochs(self, n_samples: int) -> int:
        if self.max_iter == "auto":
            fewest, most = self._epoch_bounds
            return min(most, max(fewest, self._row_visits // n_samples))
        return self.max_iter

    def _train_by(self, objective: Any, generator: torch.Generator) -> Trainer[Any]:
        """Return what lowers an objective in batches of the wanted size."""
        n_samples = len(objective.data.features)
        batch_size = choose_batch_size(
            self.batch_size, n_samples, steps_per_epoch=STEPS_PER_EPOCH, largest=LARGEST_BATCH
        )
        return Trainer(objective, n_samples, batch_size=batch_size, generator=generator)

    def _warn_of_collapse(self, data: Rows) -> None:
        """Warn of a training that went wrong in a way of its own."""

    @fit_method(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike, class_embeddings: Any = None) -> Self:
        """Train the networks on the features of seen classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of the seen classes.

        y : array-like of shape (n_samples,)
            Class labels.

        class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
            Takes precedence over the parameter of the constructor.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        ValueError
            Before any training, if a class in `y` has no embedding or a class lacks a modality, if
            labels differ in type or occur twice, if an input holds NaN or infinity or is not
            numeric; during it, if a loss term becomes non-finite.

        Warns
        -----
        UserWarning
            If features are taken raw and are far too small or too large.

        CollapseWarning
            If the training ended in a state in which generated features do not tell classes apart.
        """
        rows, labels = validate_rows(self, X, y)
        embeddings = read_embeddings(class_embeddings, self.class_embeddings, labels)
        embeddings.refuse_incomplete()
        seen_classes = np.unique(labels)
        checkpoint = open_checkpoint(self, rows, labels, class_embeddings=vars(embeddings))
        seen = embeddings.select(seen_classes)
        scalings = choose_scalings(
            rows,
            seen.tables,
            feature_scaling=self.feature_scaling,
            embedding_scaling=self.embedding_scaling,
            embedding_length=EMBEDDING_LENGTH,
        )
        device = resolve_device(self.device)
        vectors = as_tensor(stack_tables(scale_tables(embeddings, scalings)), device)
        data = Rows(
            # A copy, which large raw rows can do without.
            as_tensor(
                rows if self.feature_scaling == "raw" else scale_rows(rows, *scalings[FEATURES]),
                device,
            ),
            torch.from_numpy(seen_classes.searchsorted(labels)).to(device),
            vectors[torch.from_numpy(embeddings.index_of(seen_classes)).to(device)],
        )
        generator = seeded_generator(check_random_state(self.random_state))
        trainer = self._make_trainer(data, vectors, generator)
        max_iter = self._count_epochs(len(rows))
        task = FitTask.start(self, rows, labels, max_subtasks=max_iter)

        def fitted_attributes() -> dict[str, Any]:
            return {
                "seen_classes_": seen_classes,
                # A copy: what a callback keeps must not be trained further.
                "network_": copy.deepcopy(trainer.objective.network),
                "device_": device,
                "loss_curve_": pd.DataFrame(trainer.history, columns=[*trainer.objective.columns]),
                "max_iter_": max_iter,
                "n_iter_": trainer.n_epochs,
                "class_embeddings_": embeddings.frames(),
                "input_means_": {name: scaling.mean for name, scaling in scalings.items()},
                "input_scales_": {name: scaling.scale for name, scaling in scalings.items()},
            }

        task.train(trainer, max_iter, fitted_attributes, checkpoint)
        self._warn_of_collapse(data)
        if embeddings.is_given:
            self._warn_of_ignored_embeddings(data, seen)
        task.finish()
        return self

    def _warn_of_ignored_embeddings(self, data: Rows, seen: ClassEmbeddings) -> None:
        """Warn if features that are generated for a class are not like those of its rows."""
        some = spread(len(data.features), N_CHECKED_ROWS)
        rows, class_codes = data.features[some].cpu().numpy(), data.class_codes[some].cpu().numpy()
        drawn = self._generate(seen, np.full(len(seen.classes), N_CHECKED_DRAWS), RandomState(0))
        means = drawn.reshape(len(seen.classes), N_CHECKED_DRAWS, -1).mean(axis=1)
        warn_of_ignored_embeddings(rows, class_codes, means)

    @fitted_method
    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Scale features, and leave them where they are.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature vectors of any class.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Scaled feature vectors, float32; those of `X` with ``feature_scaling="raw"``.
        """
        return self._scale_rows(validate_new_rows(self, X))

    def _scale_rows(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return scale_rows(rows, self.input_means_[FEATURES], self.input_scales_[FEATURES])

    @fitted_method
    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Bring scaled features, real or generated, back to the scale of those of the fit.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            What `transform` or `sample` returned.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Feature vectors, float32.
        """
        check_is_fitted(self)
        rows = validate_vectors(X)
        if rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {rows.shape[1]} columns, but {type(self).__name__} was fitted with "
                f"{self.n_features_in_} features. Pass what transform or sample returned."
            )
        return rows * self.input_scales_[FEATURES] + self.input_means_[FEATURES]

    @fitted_method
    def sample(
        self,
        X: ArrayLike | None = None,
        *,
        class_embeddings: Any = None,
        n_samples: int | NDArray[np.integer] = 1,
        random_state: int | RandomState | None = None,
    ) -> NDArray[np.float32]:
        """Generate features of classes, or repeat given ones.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features) or None, default=None
            Feature vectors, which are scaled and repeated. Exactly one of `X` and
            `class_embeddings` must be given.

        class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
            Embeddings of n_rows classes, in a form that the constructor accepts.

        n_samples : int or ndarray of shape (n_rows,), default=1
            Number of feature vectors for each row or class.

        random_state : int, RandomState instance or None, default=None
            Determines the generated features.

        Returns
        -------
        ndarray of shape (n_drawn, n_features)
            Scaled feature vectors, float32; those of the first row or class come first, as in
            :func:`numpy.repeat`.

        Raises
        ------
        ValueError
            If both or neither of `X` and `class_embeddings` are given, `n_samples` is negative or
            does not fit the rows, a class lacks a modality, or features are not finite, because an
            embedding is far from all that the transformer was trained on.
        """
        check_is_fitted(self)
        check_one_given(X, class_embeddings)
        if X is not None:
            rows = self.transform(X)
            return np.repeat(rows, check_counts(n_samples, len(rows)), axis=0)
        fitted = ClassEmbeddings.of_fit(self.class_embeddings_, self.seen_classes_)
        given = ClassEmbeddings.parse(class_embeddings).matched_to(fitted)
        given.refuse_incomplete(fitted.tables)
        counts = check_counts(n_samples, len(given.classes))
        return self._generate(given, counts, check_random_state(random_state))

    def _generate(
        self,
        embeddings: ClassEmbeddings,
        counts: NDArray[np.integer],
        random_state: RandomState,
    ) -> NDArray[np.float32]:
        """Generate a number of feature vectors of each class."""
        scalings = {
            name: Scaling(self.input_means_[name], self.input_scales_[name])
            for name in embeddings.tables
        }
        vectors = stack_tables(scale_tables(embeddings, scalings))
        generator = seeded_generator(random_state)
        size = self.network_.noise_size
        class_codes = np.repeat(np.arange(len(vectors)), counts)
        features = np.empty((len(class_codes), self.n_features_in_), np.float32)
        # Some at a time: noise and embeddings of all would take more memory than the features.
        for chunk in gen_batches(len(class_codes), CHUNK_SIZE):
            codes = class_codes[chunk]
            noise = torch.randn(len(codes), size, generator=generator).numpy()
            (features[chunk],) = apply_in_chunks(
                lambda x: (self.network_.generate(x[:, :size], x[:, size:]),),
                np.hstack([noise, vectors[codes]]),
                self.device_,
            )
        is_bad = ~np.isfinite(features).all(axis=1)
        if is_bad.any():
            bad = embeddings.classes[np.unique(class_codes[is_bad])]
            raise ValueError(
                f"Features of the class embeddings {format_labels(bad)} are not finite: they are "
                "far from all that the transformer was trained on. Scale them as at fit."
            )
        return features

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
