"""What the final classifier must be able to do."""

from typing import Any


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
