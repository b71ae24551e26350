"""How large the problems are, and generated data of that size."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcada import CADAVAETransformer, SoftmaxClassifier
from skcada._classes.embeddings import ClassEmbeddings
from skcada._training import VAETrainer


@dataclass(frozen=True)
class Sizes:
    """Sizes of everything that is measured; the defaults are those of CUB.

    Parameters
    ----------
    name : str, default="full"
        Its name in `SIZES`.
    n_rows, n_features, n_seen, n_unseen, n_attributes : int
        Of the training data.
    n_steps, n_large_steps : int
        Steps a round of batch 50 and of batch 512.
    n_softmax_steps : int
        Steps a round of the plain softmax.
    samples_per_class : tuple of two int
        Latents of a seen and of an unseen class.
    n_test_rows : int
        Rows to predict.
    n_memory_rows : int
        Rows to predict when memory is measured.
    n_fit_rows : tuple of int
        Rows to train on when memory is measured.
    rows, classes, features : tuple of int
        Sizes over which the growth is measured.
    parameters : dict
        Parameters of every transformer; smaller networks for a quick run.
    """

    name: str = "full"
    n_rows: int = 7057
    n_features: int = 2048
    n_seen: int = 150
    n_unseen: int = 50
    n_attributes: int = 312
    n_steps: int = 40
    n_large_steps: int = 10
    n_softmax_steps: int = 1000
    samples_per_class: tuple[int, int] = (200, 400)
    n_test_rows: int = 20_000
    n_memory_rows: int = 500_000
    n_fit_rows: tuple[int, ...] = (7057, 50_000)
    rows: tuple[int, ...] = (5_000, 10_000, 20_000, 40_000)
    classes: tuple[int, ...] = (50, 200, 800)
    features: tuple[int, ...] = (256, 1024, 2048, 4096)
    parameters: dict[str, Any] = field(default_factory=dict)

    def transformer(self, **parameters: Any) -> CADAVAETransformer:
        """Return a transformer, on the CPU and seeded."""
        return CADAVAETransformer(device="cpu", random_state=0, **{**self.parameters, **parameters})

    def softmax(self, **parameters: Any) -> SoftmaxClassifier:
        """Return a softmax classifier, on the CPU and seeded."""
        return SoftmaxClassifier(device="cpu", random_state=0, **parameters)


FULL = Sizes()
QUICK = Sizes(
    name="quick",
    n_rows=400,
    n_features=64,
    n_seen=12,
    n_unseen=4,
    n_attributes=8,
    n_steps=4,
    n_large_steps=2,
    n_softmax_steps=20,
    samples_per_class=(10, 20),
    n_test_rows=500,
    n_memory_rows=20_000,
    n_fit_rows=(400,),
    rows=(200, 400),
    classes=(10, 20),
    features=(16, 32),
    parameters={
        "latent_size": 8,
        "max_iter": 4,
        "feature_encoder_layers": (48,),
        "feature_decoder_layers": (52,),
        "embedding_encoder_layers": (44,),
        "embedding_decoder_layers": (20,),
    },
)
SIZES = {sizes.name: sizes for sizes in (FULL, QUICK)}


@dataclass(frozen=True, eq=False)
class Problem:
    """Data to train on: noise, since no time depends on what the values are.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Between 0 and 1, float32.
    y : ndarray of shape (n_rows,)
        Of the seen classes, each of which occurs.
    attributes : ndarray of shape (n_seen + n_unseen, n_attributes)
        Between 0 and 1, float32; unseen classes come last.
    """

    X: NDArray[np.float32]
    y: NDArray[np.intp]
    attributes: NDArray[np.float32]

    @property
    def embeddings(self) -> ClassEmbeddings:
        """The attributes of the seen classes as trainers take them."""
        return ClassEmbeddings.for_training(self.attributes, np.unique(self.y))

    def trainer(self, transformer: CADAVAETransformer) -> VAETrainer:
        """Return the training loop that `fit` of a transformer runs on these data."""
        return transformer._make_trainer(self.X, self.y, self.embeddings)


def generate(
    n_rows: int, n_features: int, n_seen: int, n_unseen: int, n_attributes: int
) -> Problem:
    """Generate data to train on.

    Parameters
    ----------
    n_rows, n_features, n_seen, n_unseen, n_attributes : int
        Its sizes.

    Returns
    -------
    Problem
        The same one for the same sizes.
    """
    rng = np.random.default_rng(0)
    return Problem(
        rng.random((n_rows, n_features), dtype=np.float32),
        rng.permutation(np.arange(n_rows) % n_seen),
        rng.random((n_seen + n_unseen, n_attributes), dtype=np.float32),
    )


def generate_sized(sizes: Sizes, n_rows: int | None = None) -> Problem:
    """Generate the data that most parts train on.

    Parameters
    ----------
    sizes : Sizes
        Its sizes.
    n_rows : int or None, default=None
        The number of rows, where it is to be another one.

    Returns
    -------
    Problem
        The same one for the same sizes.
    """
    return generate(
        n_rows or sizes.n_rows, sizes.n_features, sizes.n_seen, sizes.n_unseen, sizes.n_attributes
    )
