"""Searches with a cache of the fitted transformer."""

import tempfile
from typing import ClassVar

from sklearn.model_selection import GridSearchCV

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.model_selection import GZSLShuffleSplit

from ._data import make_data


class SearchWithMemory:
    """Candidates on one split that share a VAE."""

    params: ClassVar = ([1, 6],)
    param_names: ClassVar = ["n_candidates"]

    def setup(self, n_candidates: int) -> None:
        """Make the data and the grid."""
        self.data = make_data(600, n_features=512)
        self.grid = {"seen_penalty": [0.1 * i for i in range(n_candidates)]}
        self.cv = GZSLShuffleSplit(n_splits=1, random_state=0)

    def time_search(self, n_candidates: int) -> None:
        """Search, with a cache that is empty at first."""
        with tempfile.TemporaryDirectory() as memory:
            model = GZSLClassifier(
                CADAVAETransformer(max_iter=2, device="cpu"),
                classifier=SoftmaxClassifier(max_iter=1, device="cpu"),
                class_embeddings=self.data.attributes,
                memory=memory,
                random_state=0,
            )
            search = GridSearchCV(model, self.grid, cv=self.cv, refit=False, error_score="raise")
            search.fit(self.data.X, self.data.y)
