"""How models are trained, and how fine the grids of the experiments are."""

from dataclasses import dataclass

from _official import OFFICIAL_SOFTMAX, OFFICIAL_VAE

from skcada import CADAVAETransformer, SoftmaxClassifier

# Epochs of the softmax in the authors' code, for 0, 1, 2, 5 and 10 shots.
_EPOCHS = {
    ("SUN", "all"): {0: 21, 1: 22, 2: 29, 5: 29, 10: 79},
    ("SUN", "unseen"): {0: 30, 1: 96, 2: 61, 5: 78, 10: 94},
    ("AWA1", "all"): {0: 33, 1: 40, 2: 56, 5: 89, 10: 100},
    ("AWA1", "unseen"): {0: 25, 1: 81, 2: 59, 5: 62, 10: 50},
    ("CUB", "all"): {0: 23, 1: 34, 2: 39, 5: 64, 10: 85},
    ("CUB", "unseen"): {0: 22, 1: 46, 2: 31, 5: 73, 10: 67},
    ("AWA2", "all"): {0: 29, 1: 44, 2: 69, 5: 99, 10: 86},
    ("AWA2", "unseen"): {0: 39, 1: 96, 2: 79, 5: 100, 10: 78},
}
# By model, the weight of the loss that it does without.
_WITHOUT = {"CA-VAE": {"delta": 0.0}, "DA-VAE": {"gamma": 0.0}, "CADA-VAE": {}}
# ImageNet's networks are deeper.
_IMAGENET = {
    "feature_encoder_layers": (1560, 1560),
    "embedding_encoder_layers": (1450, 1450),
    "feature_decoder_layers": (1160, 1660),
    "embedding_decoder_layers": (460, 660),
    "batch_size": 128,
}


@dataclass(frozen=True)
class Recipe:
    """Settings of the training, and grids.

    Parameters
    ----------
    name : str
        Its name.
    vae : dict
        Parameters of the transformer.
    softmax : dict
        Parameters of the classifier.
    has_published_epochs : bool
        Whether the classifier is trained as long as in the authors' code.
    n_seeds : int
        How often each run is repeated.
    latent_sizes, per_seen, ratios, shares : tuple
        The grids of figures 4, 5, 5 and 3.
    """

    name: str
    vae: dict
    softmax: dict
    has_published_epochs: bool
    n_seeds: int
    latent_sizes: tuple[int, ...]
    per_seen: tuple[int, ...]
    ratios: tuple[float, ...]
    shares: tuple[int, ...]

    def make_transformer(
        self, model: str, latent_size: int, seed: int, *, is_imagenet: bool
    ) -> CADAVAETransformer:
        """Return the VAE of a model, unfitted."""
        parameters = self.vae | _WITHOUT[model] | (_IMAGENET if is_imagenet else {})
        return CADAVAETransformer(latent_size, random_state=seed, **parameters)

    def make_classifier(self, dataset: str, label_space: str, n_shots: int) -> SoftmaxClassifier:
        """Return the softmax; data sets that the authors did not use are trained as CUB."""
        parameters = dict(self.softmax)
        if self.has_published_epochs:
            name = dataset.upper() if (dataset.upper(), label_space) in _EPOCHS else "CUB"
            parameters["max_iter"] = _EPOCHS[name, label_space][n_shots]
        return SoftmaxClassifier(**parameters)


RECIPES = {
    "full": Recipe(
        name="full",
        vae=OFFICIAL_VAE,
        softmax=OFFICIAL_SOFTMAX,
        has_published_epochs=True,
        n_seeds=10,
        latent_sizes=(12, 25, 50, 64, 100, 150, 200, 250),
        per_seen=(1, 5, 25, 50, 100, 200, 400),
        ratios=(0.5, 1, 2, 4, 10),
        shares=(0, 25, 50, 75, 100),
    ),
    "quick": Recipe(
        name="quick",
        vae={},
        softmax={},
        has_published_epochs=False,
        n_seeds=3,
        latent_sizes=(16, 64, 128),
        per_seen=(10, 50, 200),
        ratios=(1, 2, 4),
        shares=(0, 50, 100),
    ),
}
