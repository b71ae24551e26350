"""Latent sources as a user would write them from the protocols alone."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge


class RidgeSource(BaseEstimator):
    """Regress class embeddings on features: latents lie among the embeddings."""

    def fit(self, X, y, class_embeddings=None):
        if class_embeddings is None:
            labels = np.unique(y)
            table = pd.DataFrame(np.eye(len(labels)), index=labels)
        else:
            assert isinstance(class_embeddings, pd.DataFrame)
            table = class_embeddings
        self.class_embeddings_ = class_embeddings
        self.ridge_ = Ridge().fit(np.asarray(X), table.loc[y].to_numpy())
        return self

    def transform(self, X):
        return self.ridge_.predict(np.asarray(X))

    def sample(self, X=None, *, class_embeddings=None, n_samples=1, random_state=None):
        if X is None:
            assert isinstance(class_embeddings, pd.DataFrame)
            means = class_embeddings.to_numpy()
        else:
            means = self.transform(X)
        drawn = np.repeat(means, n_samples, axis=0)
        noise = np.random.default_rng(
            random_state.randint(2**31) if hasattr(random_state, "randint") else random_state
        )
        return drawn + noise.normal(scale=0.05, size=drawn.shape)


class RidgeAligner(RidgeSource):
    """Publish the class embeddings as latents of their own."""

    def transform_embeddings(self, class_embeddings=None):
        return self.class_embeddings_.sort_index() if class_embeddings is None else class_embeddings
