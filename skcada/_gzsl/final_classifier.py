"""The final classifier: its requirements, training and scores."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator

from skcada._base.epochs import FitTask
from skcada._classes.labels import format_labels
from skcada._gzsl.latent_set import LatentSet


def is_incremental(classifier: Any) -> bool:
    """Tell whether a classifier can be trained on a set that comes in parts."""
    return hasattr(classifier, "partial_fit") and hasattr(classifier, "max_iter")


def check_classifier(classifier: Any, *, resample: bool) -> None:
    """Check that a classifier scores classes, and can be trained as it is to be."""
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
    if hasattr(classifier, "_validate_params") and hasattr(classifier, "_parameter_constraints"):
        # Its fit would do so, but comes after that of the transformer.
        classifier._validate_params()
    if resample and not is_incremental(classifier):
        raise ValueError(
            f"resample=True needs a classifier that is trained by max_iter calls of partial_fit, "
            f"which classifier={classifier!r} is not. Use SoftmaxClassifier, or resample=False."
        )


def check_classes(classifier: Any, classes: NDArray) -> None:
    """Check that a classifier, if it is fitted, tells exactly these classes apart."""
    known = getattr(classifier, "classes_", classes)
    if not np.array_equal(known, classes):
        raise ValueError(
            f"classifier={classifier!r} was fitted on the {len(known)} classes "
            f"{format_labels(known)}, but those to tell apart are the {len(classes)} classes "
            f"{format_labels(classes)}. Use one that is not frozen, or was fitted on these."
        )


def train_classifier(
    classifier: Any,
    latent_set: LatentSet,
    *,
    resample: bool,
    random_state: np.random.RandomState,
    task: FitTask,
) -> Any:
    """Train the classifier on latents that are drawn at once, or as they are needed.

    `resample` draws new latents for every epoch. A frozen classifier stays as it is.
    """
    if isinstance(classifier, FrozenEstimator):
        # It forwards partial_fit, which would train what the user froze.
        task.part("fit-classifier").skip()
        return classifier
    n_parts = latent_set.count_parts() if is_incremental(classifier) else 1
    if n_parts == 1 and not resample:
        latents, targets = latent_set.draw(random_state)
        with task.part("fit-classifier").fitting(classifier):
            return classifier.fit(latents, targets)

    seeds = None
    if not resample:
        # The same latents in every epoch, without keeping them.
        seeds = random_state.randint(np.iinfo(np.int32).max, size=n_parts)
    training = task.part("fit-classifier", max_subtasks=classifier.max_iter)
    training.begin()
    for epoch in training.epochs(classifier.max_iter):
        for part in range(n_parts):
            source = random_state if seeds is None else np.random.RandomState(seeds[part])
            latents, targets = latent_set.draw(source, part, n_parts)
            classifier.partial_fit(latents, targets, classes=latent_set.roles.classes)
        # A copy: what a callback keeps must not be trained further.
        epoch.end(lambda: {"classifier_": copy.deepcopy(classifier)})
    training.end()
    return classifier


def score_classes(classifier: Any, latents: NDArray, n_classes: int) -> NDArray:
    """Score every class by the classifier, one column per class also where there are two.

    These are its scores, or else the logarithms of its probabilities.
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
            f"{n_classes} classes. Use one with a column per class."
        )
    return scores
