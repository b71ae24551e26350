"""What a fitted model does."""

from typing import ClassVar

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier

from ._data import make_data


class Inference:
    """Rows of 2048 features, 200 classes."""

    params: ClassVar = ([100, 5000],)
    param_names: ClassVar = ["n_rows"]

    def setup(self, n_rows: int) -> None:
        """Fit a model, briefly, and make the rows."""
        data = make_data(300, n_seen=150, n_unseen=50)
        self.model = GZSLClassifier(
            CADAVAETransformer(max_iter=1, device="cpu"),
            classifier=SoftmaxClassifier(max_iter=1, device="cpu"),
            class_embeddings=data.attributes,
            samples_per_class=(2, 2),
            random_state=0,
        ).fit(data.X, data.y)
        self.X = make_data(n_rows).X

    def time_transform(self, n_rows: int) -> None:
        """Map to latent means."""
        self.model.transformer_.transform(self.X)

    def time_predict(self, n_rows: int) -> None:
        """Predict."""
        self.model.predict(self.X)

    def time_predict_proba(self, n_rows: int) -> None:
        """Predict probabilities."""
        self.model.predict_proba(self.X)

    def time_sample(self, n_rows: int) -> None:
        """Draw ten latents of each row."""
        self.model.transformer_.sample(self.X, n_samples=10, random_state=0)

    def peakmem_predict_proba(self, n_rows: int) -> None:
        """Predict probabilities."""
        self.model.predict_proba(self.X)
