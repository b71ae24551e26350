"""The softmax classifier."""

from typing import Any, ClassVar

import numpy as np

from skcada import SoftmaxClassifier


class SoftmaxFit:
    """One epoch on 50,000 latents of 200 classes, by the authors' batch size and by default."""

    params: ClassVar = (["auto", 32],)
    param_names: ClassVar = ["batch_size"]

    def setup(self, batch_size: Any) -> None:
        """Make the latents."""
        rng = np.random.default_rng(0)
        self.X = rng.standard_normal((50_000, 64), dtype=np.float32)
        self.y = np.arange(len(self.X)) % 200
        self.classifier = SoftmaxClassifier(
            max_iter=1, batch_size=batch_size, device="cpu", random_state=0
        )

    def time_fit(self, batch_size: Any) -> None:
        """Fit."""
        self.classifier.fit(self.X, self.y)

    def peakmem_fit(self, batch_size: Any) -> None:
        """Fit."""
        self.classifier.fit(self.X, self.y)
