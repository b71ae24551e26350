"""What the final classifier must be able to do, and the scores that it gives."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


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
        If it lacks a method.
    """
    if not hasattr(classifier, "decision_function") and not hasattr(classifier, "predict_proba"):
        raise ValueError(
            f"classifier={classifier!r} has neither decision_function nor predict_proba. Use one "
            "that scores classes."
        )
    if resample and not is_incremental(classifier):
        raise ValueError(
            f"resample=True needs a classifier that is trained by max_iter calls of partial_fit, "
            f"which classifier={classifier!r} is not. Use SoftmaxClassifier, or resample=False."
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
            f"{n_classes} classes. Use one with a column a class, for instance by "
            "decision_function_shape='ovr'."
        )
    return scores
