"""The training of the final classifier."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.callback import CallbackContext

from skcada._final_classifier import is_incremental
from skcada._latent_set import LatentSet
from skcada._tasks import run_epochs, task_of_fitting


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
