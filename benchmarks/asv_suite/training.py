"""The training of the VAE."""

from typing import Any, ClassVar

from skcada import CADAVAETransformer
from skcada._classes.embeddings import ClassEmbeddings

from ._data import make_data, make_modalities


class VAEStep:
    """One step at full loss weights, in the sizes of the authors' networks."""

    params: ClassVar = ([50, 512], ["float32", "bfloat16"])
    param_names: ClassVar = ["batch_size", "precision"]

    def setup(self, batch_size: int, precision: Any) -> None:
        """Make a training loop of one step an epoch."""
        data = make_data(batch_size)
        transformer = CADAVAETransformer(
            batch_size=batch_size, precision=precision, device="cpu", random_state=0
        )
        embeddings = ClassEmbeddings.for_training(data.attributes, data.y)
        self.trainer = transformer._make_trainer(data.X, data.y, embeddings)

    def time_step(self, batch_size: int, precision: str) -> None:
        """Take the step."""
        self.trainer.run_epoch(self.trainer.max_iter - 1)


class VAEFit:
    """A fit of one epoch, with one kind of embedding, with two, and with gaps in the second."""

    params: ClassVar = (["one", "two", "two with gaps"],)
    param_names: ClassVar = ["modalities"]

    def setup(self, modalities: str) -> None:
        """Make the data."""
        self.data = make_data(1000, n_features=512)
        self.embeddings = (
            self.data.attributes
            if modalities == "one"
            else make_modalities(self.data, with_gaps=modalities == "two with gaps")
        )
        # The loss weights stay at their full value: one epoch would end before they rise.
        self.transformer = CADAVAETransformer(
            max_iter=1, batch_size=100, device="cpu", random_state=0
        )
        self.transformer.set_params(
            **{f"{weight}_warmup": (0.0, 0.0) for weight in ("beta", "gamma", "delta")}
        )

    def time_fit(self, modalities: str) -> None:
        """Fit."""
        self.transformer.fit(self.data.X, self.data.y, self.embeddings)

    def peakmem_fit(self, modalities: str) -> None:
        """Fit."""
        self.transformer.fit(self.data.X, self.data.y, self.embeddings)
