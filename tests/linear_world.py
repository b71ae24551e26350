"""A problem whose features are a linear map of the class embeddings."""

import numpy as np


def draw_classes(rng, n_features=40):
    """Return the embeddings of 36 classes, and the means of their features."""
    embeddings = rng.normal(size=(36, 8))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    return embeddings, embeddings @ rng.normal(size=(8, n_features))


def linear_world(seed, n_features=40):
    """Return rows of 30 classes, rows of 6 further ones and embeddings of all."""
    rng = np.random.default_rng(seed)
    embeddings, means = draw_classes(rng, n_features)
    y = np.repeat(np.arange(36), 30)
    return means[y] + 0.1 * rng.normal(size=(len(y), n_features)), y, embeddings
