"""A problem whose features are a linear map of the class embeddings."""

import numpy as np


def linear_world(seed, n_features=40):
    """Return rows of 30 classes, rows of 6 further ones and embeddings of all."""
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(36, 8))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    y = np.repeat(np.arange(36), 30)
    X = embeddings[y] @ rng.normal(size=(8, n_features))
    X += 0.1 * rng.normal(size=X.shape)
    return X, y, embeddings
