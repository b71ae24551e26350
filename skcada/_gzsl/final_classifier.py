"""The final classifier: its requirements, training and scores."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.callback import CallbackContext

from skcada._base.epochs import run_epochs, task_of_fitting
from skcada._classes.labels import format_labels
from skcada._gzsl.latent_set import LatentSet


def is_incremental(classifier: Any) -> bool:
    """Tell whether a classifier can be trained on a set that comes in parts.

    Parameters
    ----------
    classifier : estimator

    Returns
    -------
    bool
    """
    return hasattr(classifier, "partial_fit") and hasattr(classifier, "max_iter")


def check_classifier(classifier: Any, *, resample: bool) -> None:
    """Check that a classifier scores classes, and can be trained as it is to be.

    Parameters
    ----------
    classifier : estimator
    resample : bool
        Whether it is to be trained on new latents in each epoch.

    Raises
    ------
    ValueError
        If it lacks a method, or has a parameter that cannot be used here or at all.
    """
    if not hasattr(classifier, "decision_function") and not hasattr(classifier, "predict_proba"):
        raise ValueError(
            f"classifier={classifier!r} has neither decision_function nor predict_proba. Use one "
            "that scores classes."
        )
    parameters = classifier.get_params() if hasattr(classifier, "get_params") else {}
    for name, value in parameters.items():
        if name.rpartition("__")[2] == "decision_function_shape" and value == "ovo":
            # With three classes there are three such scores, which would be taken for theirs.
            raise ValueError(
                f"classifier={classifier!r} scores pairs of classes. Set its {name} to 'ovr'."
            )
    if hasattr(classifier, "_validate_params"):
        # Its fit would do so, but comes after that of the transformer.
        classifier._validate_params()
    if resample and not is_incremental(classifier):
        raise ValueError(
            f"resample=True needs a classifier that is trained by max_iter calls of partial_fit, "
            f"which classifier={classifier!r} is not. Use SoftmaxClassifier, or resample=False."
        )


def check_classes(classifier: Any, classes: NDArray) -> None:
    """Check that a fitted classifier tells the right classes apart.

    Parameters
    ----------
    classifier : estimator
        One that is not fitted passes.
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If it knows other classes, or in another order.
    """
    known = getattr(classifier, "classes_", classes)
    if not np.array_equal(known, classes):
        raise ValueError(
            f"classifier={classifier!r} was fitted on the {len(known)} classes "
            f"{format_labels(known)}, but those to tell apart are the {len(classes)} classes "
            f"{format_labels(classes)}. Use one that is not frozen, or was fitted on these."
        )


def score_classes(classifier: Any, latents: NDArray, n_classes: int) -> NDArray:
    """Score every class by the classifier.

    Parameters
    ----------
    classifier : estimator
        Fitted.
    latents : ndarray of shape (n_samples, latent_size)
    n_classes : int
        The number of classes that it was trained on.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        Its scores, also for two classes, or else logarithms of its probabilities.

    Raises
    ------
    ValueError
        If the scores are not one a class.
    """
    if hasattr(classifier, "decision_function"):
        scores = classifier.decision_function(latents)
    else:
        probabilities = classifier.predict_proba(latents)
        # Finite also where they are zero, so that a penalty can outweigh them.
        scores = np.log(np.maximum(probabilities, np.finfo(probabilities.dtype).tiny))
    if scores.ndim == 1:
        scores = np.column_stack([np.zeros_like(scores), scores])
    if scores.shape[1] != n_classes:
        raise ValueError(
            f"The decision_function of classifier={classifier!r} has {scores.shape[1]} columns for "
            f"{n_classes} classes. Use one with a column a class."
        )
    return scores


def train_classifier(
    classifier: Any,
    latent_set: LatentSet,
    classes: NDArray,
    *,
    resample: bool,
    random_state: np.random.RandomState,
    estimator: Any,
    context: CallbackContext,
) -> Any:
    """Train the classifier on latents that are drawn at once, or as they are needed.

    Parameters
    ----------
    classifier : estimator
        Not fitted, or frozen.
    latent_set : LatentSet
        What it is trained on.
    classes : ndarray of shape (n_classes,)
        The classes to tell apart.
    resample : bool
        Whether to draw new latents for every epoch.
    random_state : RandomState
        Draws the latents.
    estimator : estimator
        The one that the classifier is a part of.
    context : CallbackContext
        Of the fit of that one.

    Returns
    -------
    estimator
        The fitted classifier.
    """
    X, y = latent_set.X, latent_set.y
    n_parts = latent_set.count_parts() if is_incremental(classifier) else 1
    if n_parts == 1 and not resample:
        latents, targets = latent_set.draw(random_state)
        task = context.subcontext(task_name="fit-classifier")
        with task_of_fitting(classifier, task, estimator=estimator, X=X, y=y):
            return classifier.fit(latents, targets)

    seeds = None
    if not resample:
        # The same latents in every epoch, without keeping them.
        seeds = random_state.randint(np.iinfo(np.int32).max, size=n_parts)

    def run_epoch(_: int) -> None:
        for part in range(n_parts):
            source = random_state if seeds is None else np.random.RandomState(seeds[part])
            latents, targets = latent_set.draw(source, part, n_parts)
            classifier.partial_fit(latents, targets, classes=classes)

    task = context.subcontext(task_name="fit-classifier", max_subtasks=classifier.max_iter)
    task.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
    run_epochs(
        estimator,
        task,
        X,
        y,
        max_iter=classifier.max_iter,
        run_epoch=run_epoch,
        # A copy: what a callback keeps must not be trained further.
        state=lambda _: {"classifier_": copy.deepcopy(classifier)},
    )
    task.call_on_fit_task_end(estimator=estimator, X=X, y=y)
    return classifier
