"""The latents that the classifier of a generalized zero-shot problem is trained on."""

import numpy as np
from numpy.typing import NDArray

from _speed._sizes import Problem
from skcada import CADAVAETransformer
from skcada._classes.embeddings import ClassEmbeddings
from skcada._gzsl.latent_set import LatentSet


def draw_latents(
    transformer: CADAVAETransformer, problem: Problem, samples_per_class: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray]:
    """Draw the latents that `GZSLClassifier` draws.

    Parameters
    ----------
    transformer : CADAVAETransformer
        Fitted to the problem.
    problem : Problem
        The rows and attributes to draw from.
    samples_per_class : tuple of two int
        Latents of each seen and each unseen class.

    Returns
    -------
    latents : ndarray of shape (n_drawn, latent_size)
    labels : ndarray of shape (n_drawn,)
    """
    embeddings = ClassEmbeddings.parse(problem.attributes)
    unseen = np.setdiff1d(embeddings.classes, problem.y)
    is_shot = np.zeros(len(problem.y), dtype=bool)
    return LatentSet(
        transformer, problem.X, problem.y, is_shot, embeddings, unseen, *samples_per_class
    ).draw(np.random.RandomState(0))
