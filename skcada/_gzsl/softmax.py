"""The softmax classifier that is trained on latents."""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state

from skcada._base.epochs import FitTask, open_checkpoint
from skcada._base.estimator import (
    DocLinkMixin,
    fit_method,
    fitted_method,
    validate_new_rows,
    validate_rows,
)
from skcada._base.state import PlainStateMixin
from skcada._classes.labels import check_class_labels, format_labels
from skcada._intervals import Interval
from skcada._sklearn import CallbackSupportMixin, StrOptions
from skcada._training import (
    SoftmaxObjective,
    Trainer,
    as_tensor,
    resolve_device,
    seeded_generator,
)
from skcada._training.batches import choose_batch_size

# Batch sizes are chosen automatically between bounds. How long the softmax is trained moves the
# balance between seen and unseen classes, which should not depend on the number of latents.
STEPS_PER_EPOCH, LARGEST_BATCH = 100, 512


class SoftmaxClassifier(
    DocLinkMixin, PlainStateMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Linear softmax classifier trained by a fixed number of minibatch steps.

    Multinomial logistic regression without regularization, stopped early: the final classifier
    of CADA-VAE [1]_. The length of the training is part of the method. Trained to convergence
    on sampled latents, a softmax separates seen from unseen classes by details of the samples
    and loses the unseen ones.

    Parameters
    ----------
    max_iter : int, default=5
        Number of epochs.

    batch_size : int or "auto", default="auto"
        Rows per step. "auto" takes a hundredth of the rows, so that small data get enough steps,
        but at least 32 and at most 512 rows.

    learning_rate : float, default=5e-3
        Learning rate of Adam.

    checkpoint : str, path-like or None, default=None
        File that keeps the training as it goes on. If it was cut off, :meth:`fit` with the same
        data and parameters goes on from there, and ends with the model of a training that was not.
        A file of another fit is refused. Needs a `random_state`. None keeps nothing, and neither
        does :meth:`partial_fit`.

    device : str or torch.device, default="auto"
        Where to train. "auto" takes the accelerator of the machine if there is one.

    random_state : int, RandomState instance or None, default=None
        Determines the initial weights and the order of the rows. Pass an int for reproducible
        results across calls.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.

    coef_ : ndarray of shape (n_classes, n_features)
        Weights, float32. Two classes have two rows.

    intercept_ : ndarray of shape (n_classes,)
        Biases, float32.

    loss_curve_ : DataFrame of shape (`n_iter_`, 1)
        Column "cross_entropy": the mean over each epoch, in nats.

    n_iter_ : int
        Number of epochs run.

    device_ : torch.device
        Where it was trained.

    n_features_in_ : int
        Number of features seen during fit.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during fit, if `X` has names that are all strings.

    See Also
    --------
    GZSLClassifier : Trains this classifier on sampled latents.
    sklearn.linear_model.LogisticRegression : The same model, regularized and converged.

    Notes
    -----
    The authors' code trains by Adam with learning rate 1e-3, first-moment decay 0.5, 32 rows a
    step and 21 to 33 epochs without shots with all classes competing, up to 100 otherwise:
    ``SoftmaxClassifier(max_iter=23, batch_size=32, learning_rate=1e-3)``.

    References
    ----------
    .. [1] E. Schönfeld, S. Ebrahimi, S. Sinha, T. Darrell, Z. Akata, "Generalized Zero- and
       Few-Shot Learning via Aligned Variational Autoencoders", CVPR 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skcada import SoftmaxClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = SoftmaxClassifier(max_iter=100, random_state=0).fit(scale(X), y)
    >>> clf.score(scale(X), y) > 0.9
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "checkpoint": [str, os.PathLike, None],
        "device": [str, torch.device],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        max_iter: int = 5,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: float = 5e-3,
        checkpoint: str | os.PathLike[str] | None = None,
        device: str | torch.device = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.checkpoint = checkpoint
        self.device = device
        self.random_state = random_state

    @fit_method(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train the classifier.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows, for instance latents.

        y : array-like of shape (n_samples,)
            Class labels.

        Returns
        -------
        self : SoftmaxClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            If `X` holds NaN or infinity, or a weight becomes non-finite.
        """
        rows, labels = validate_rows(self, X, y)
        checkpoint = open_checkpoint(self, rows, labels)
        classes, codes = np.unique(labels, return_inverse=True)
        trainer = self._make_trainer(rows, codes, len(classes))
        task = FitTask.start(self, rows, labels, max_subtasks=self.max_iter)

        def fitted_attributes() -> dict[str, Any]:
            return {"classes_": classes, **_fitted_attributes(trainer)}

        task.train(trainer, self.max_iter, fitted_attributes, checkpoint)
        task.finish()
        return self

    @fit_method(prefer_skip_nested_validation=True)
    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Train for one more epoch, on rows that may be others than before.

        Training goes on where the last call of this method or of :meth:`fit` left it: repeated
        calls with the same rows are one :meth:`fit` of as many epochs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows, for instance newly drawn latents.

        y : array-like of shape (n_samples,)
            Class labels.

        classes : array-like of shape (n_classes,) or None, default=None
            All labels that any call may pass. Needed at the first one.

        Returns
        -------
        self : SoftmaxClassifier
            The classifier.

        Raises
        ------
        ValueError
            If `y` holds a label that is not one of the classes, `X` holds NaN or infinity, or a
            weight becomes non-finite.
        """
        if classes is not None:
            classes = check_class_labels(classes, "classes")
        is_first = not hasattr(self, "classes_")
        if is_first:
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            self.classes_ = np.unique(classes)
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(
                f"classes are not the same as on last call to partial_fit, {format_labels(classes)}"
                f" instead of {format_labels(self.classes_)}. Leave them out after the first call."
            )
        rows, labels = validate_rows(self, X, y, reset=is_first)
        codes = pd.Index(self.classes_).get_indexer(labels)
        unknown = np.unique(labels[codes < 0])
        if len(unknown):
            raise ValueError(
                f"y holds labels that are not among classes: {format_labels(unknown)}. Pass every "
                "label as classes at the first call of partial_fit."
            )
        trainer = self._make_trainer(rows, codes, len(self.classes_))
        if not is_first:
            trainer.load(self._training_state)
        trainer.run_epoch()
        for name, value in _fitted_attributes(trainer).items():
            setattr(self, name, value)
        return self

    def _make_trainer(
        self, rows: NDArray[np.float32], codes: NDArray[np.intp], n_classes: int
    ) -> Trainer[SoftmaxObjective]:
        device = resolve_device(self.device)
        generator = seeded_generator(check_random_state(self.random_state))
        objective = SoftmaxObjective(
            as_tensor(rows, device),
            torch.from_numpy(codes).to(device),
            n_classes,
            learning_rate=self.learning_rate,
            generator=generator,
        )
        batch_size = choose_batch_size(
            self.batch_size, len(rows), steps_per_epoch=STEPS_PER_EPOCH, largest=LARGEST_BATCH
        )
        return Trainer(objective, len(rows), batch_size=batch_size, generator=generator)

    def _logits(self, X: ArrayLike) -> NDArray:
        rows = validate_new_rows(self, X, dtype=[np.float64, np.float32])
        return rows @ self.coef_.T + self.intercept_

    @fitted_method
    def decision_function(self, X: ArrayLike) -> NDArray:
        """Compute the logits.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to score.

        Returns
        -------
        ndarray of shape (n_samples, n_classes) or (n_samples,)
            Logits, in the order of `classes_`. With two classes the difference between the
            logits of ``classes_[1]`` and ``classes_[0]``.
        """
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    @fitted_method
    def predict(self, X: ArrayLike) -> NDArray:
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to classify.

        Returns
        -------
        ndarray of shape (n_samples,)
            Class labels.
        """
        best = self._logits(X).argmax(axis=1)
        return self.classes_[best]

    @fitted_method
    def predict_proba(self, X: ArrayLike) -> NDArray:
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to classify.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of `classes_`.
        """
        return softmax(self._logits(X), axis=1)

    @fitted_method
    def predict_log_proba(self, X: ArrayLike) -> NDArray:
        """Predict logarithms of class probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to classify.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Log-probabilities, in the order of `classes_`.
        """
        return log_softmax(self._logits(X), axis=1)


def _fitted_attributes(trainer: Trainer[SoftmaxObjective]) -> dict[str, Any]:
    state = trainer.state()
    return {
        "coef_": state["tensors"]["weight"],
        "intercept_": state["tensors"]["bias"],
        "loss_curve_": pd.DataFrame(trainer.history),
        "n_iter_": trainer.n_epochs,
        "device_": trainer.objective.device,
        "_training_state": state,
    }
