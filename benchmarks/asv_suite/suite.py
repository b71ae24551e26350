"""Benchmarks on generated noise, by public names only, so that older versions have them too."""

import tempfile
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.model_selection import GZSLShuffleSplit


def make_data(n_rows: int, n_features: int, n_seen: int) -> tuple[Any, Any, pd.DataFrame]:
    """Generate features, labels, and attributes of the seen classes and a third as many unseen."""
    rng = np.random.default_rng(0)
    attributes = rng.random((n_seen + n_seen // 3, 312), dtype=np.float32)
    features = rng.random((n_rows, n_features), dtype=np.float32)
    return features, np.arange(n_rows) % n_seen, pd.DataFrame(attributes)


def make_model(attributes: pd.DataFrame, **parameters: Any) -> GZSLClassifier:
    """Return a model that is trained briefly."""
    vae = CADAVAETransformer(max_iter=2, device="cpu", random_state=0)
    softmax = SoftmaxClassifier(max_iter=1, device="cpu")
    return GZSLClassifier(vae, classifier=softmax, class_embeddings=attributes, **parameters)


class VAEFit:
    """A fit of one epoch of 20 steps of 50 rows; "gaps" has sentences of some classes as well."""

    params = (("float32", "bfloat16"), ("attributes", "gaps"))
    param_names = ("precision", "embeddings")

    def setup(self, precision: Any, embeddings: str) -> None:
        self.X, self.y, table = make_data(1000, 2048, 30)
        both = {"attributes": table, "sentences": table.iloc[::2, :156]}
        self.embeddings = both if embeddings == "gaps" else table
        options: dict[str, Any] = {"batch_size": 50, "precision": precision}
        # One epoch would end before the loss weights rise.
        options |= {f"{weight}_warmup": (0.0, 0.0) for weight in ("beta", "gamma", "delta")}
        self.vae = CADAVAETransformer(max_iter=1, device="cpu", random_state=0, **options)

    def time_fit(self, *_: Any) -> None:
        self.vae.fit(self.X, self.y, self.embeddings)


class SoftmaxFit:
    """One epoch on 50,000 latents of 200 classes, by the authors' batch size and by default."""

    params = (("auto", 32),)

    def setup(self, batch_size: Any) -> None:
        self.X, self.y, _ = make_data(50_000, 64, 200)
        self.softmax = SoftmaxClassifier(max_iter=1, batch_size=batch_size, device="cpu")

    def time_fit(self, _: Any) -> None:
        self.softmax.fit(self.X, self.y)


class Inference:
    """Rows of 2048 features, 200 classes."""

    params = ((100, 5000),)

    def setup(self, n_rows: int) -> None:
        X, y, attributes = make_data(300, 2048, 150)
        self.model = make_model(attributes, samples_per_class=(2, 2)).fit(X, y)
        self.X = make_data(n_rows, 2048, 1)[0]

    def time_predict(self, _: int) -> None:
        self.model.predict(self.X)

    def peakmem_predict(self, _: int) -> None:
        self.model.predict(self.X)


class SearchWithMemory:
    """So many candidates on one split that share a VAE, with a cache that is empty at first."""

    params = ((1, 6),)

    def setup(self, n_candidates: int) -> None:
        self.X, self.y, self.attributes = make_data(600, 512, 30)
        self.grid = {"seen_penalty": [0.1 * i for i in range(n_candidates)]}

    def time_search(self, _: int) -> None:
        with tempfile.TemporaryDirectory() as memory:
            model, cv = make_model(self.attributes, memory=memory), GZSLShuffleSplit(n_splits=1)
            GridSearchCV(model, self.grid, cv=cv, refit=False).fit(self.X, self.y)
