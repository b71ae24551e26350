"""Runs, their training, and the runs that each experiment of the paper needs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from itertools import product
from math import ceil
from typing import Any, Literal, NamedTuple

from _systems import CADA_VAE, N_PUBLISHED_FEATURES, PUBLISHED_FEATURES, SYSTEMS, System
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler

from skcada import CADAVAETransformer, SoftmaxClassifier

EXPERIMENTS = ("table_1", "table_2", *(f"figure_{number}" for number in range(3, 8)))
# The recipe of the authors' code: in float32, with the plain sums of reconstruction errors, and on
# features that are scaled to [0, 1] and class embeddings as they are.
OFFICIAL_VAE: dict[str, Any] = {"max_iter": 100, "batch_size": 50, "learning_rate": 1.5e-4}
OFFICIAL_VAE |= {"feature_scaling": "raw", "embedding_scaling": "raw"}
OFFICIAL_VAE |= {"feature_weight": 1.0, "precision": "float32"}
# The number of epochs is that for CUB without shots.
OFFICIAL_SOFTMAX: dict[str, Any] = {"max_iter": 23, "batch_size": 32, "learning_rate": 1e-3}
# By model, the weight of the loss that it leaves out.
MODELS = {"CA-VAE": {"delta": 0.0}, "DA-VAE": {"gamma": 0.0}, "CADA-VAE": {}}
SHOTS = (0, 1, 2, 5, 10)
DYNAMIC_RATIO = 2
# Epochs of the softmax in the authors' code, for each number of SHOTS.
EPOCHS = {
    ("SUN", "all"): (21, 22, 29, 29, 79),
    ("SUN", "unseen"): (30, 96, 61, 78, 94),
    ("AWA1", "all"): (33, 40, 56, 89, 100),
    ("AWA1", "unseen"): (25, 81, 59, 62, 50),
    ("CUB", "all"): (23, 34, 39, 64, 85),
    ("CUB", "unseen"): (22, 46, 31, 73, 67),
    ("AWA2", "all"): (29, 44, 69, 99, 86),
    ("AWA2", "unseen"): (39, 96, 79, 100, 78),
}
IMAGENET_VAE: dict[str, Any] = {
    "feature_encoder_layers": (1560, 1560),
    "embedding_encoder_layers": (1450, 1450),
    "feature_decoder_layers": (1160, 1660),
    "embedding_decoder_layers": (460, 660),
    "batch_size": 128,
}
# What the paper reports of CADA-VAE, in percent. Values that could not be verified are left out.
FIGURE_6 = {
    ("AWA2", "CADA-VAE"): {1: 69.6, 2: 73.7, 5: 78.1, 10: 80.2},
    ("AWA2", "CA-VAE"): {1: 64.0, 2: 71.3, 5: 76.6, 10: 79.0},
    ("AWA2", "DA-VAE"): {1: 68.0, 2: 73.0, 5: 75.6, 10: 76.8},
}


@dataclass(frozen=True)
class Run:
    """One VAE, one classifier on its latents and one test; everything that determines its scores.

    Fields up to `latent_size` determine the VAEs. Where `model` is a system without one, those of
    latents have no meaning.
    """

    dataset: str
    recipe: str
    seed: int
    model: str = "CADA-VAE"
    is_tuned: bool = False  # whether seen classes have the penalty that folds choose
    side: str = "attributes"  # kinds of side information, joined by "+"
    share: int = 100  # percentage of the classes that have the kinds but the first
    latent_size: int = 64
    per_seen: int = 200  # latents of each seen class
    per_unseen: int = 400
    dynamic: bool = False  # whether latents are drawn anew in each epoch of the classifier
    n_shots: int = 0
    held_out_shots: int = 0  # rows of each unseen class that are not tested on
    label_space: Literal["all", "unseen"] = "all"
    split: str = ""  # unseen classes of ImageNet

    @property
    def key(self) -> tuple[str, ...]:
        """All fields as text, as they are in a file of results."""
        return tuple(map(str, astuple(self)))

    @property
    def has_vae(self) -> bool:
        """Whether the model is CADA-VAE or a part of it, not a system to compare it with."""
        return self.model in MODELS

    @property
    def has_curve(self) -> bool:
        """Whether the seen-unseen curve is kept: where all but the model is as in Table 2.

        A penalty moves a model along its curve, so that tuned runs need none.
        """
        return self == Run(self.dataset, self.recipe, self.seed, model=self.model)


class Facts(NamedTuple):
    """What must be known of a data set to list the runs on it."""

    name: str
    fingerprint: str  # differs where the data differ
    sides: tuple[str, ...]  # kinds of side information
    smallest_unseen: int = 0  # rows of the unseen class that has the fewest
    splits: tuple[str, ...] = ()  # sets of unseen classes, of ImageNet only
    n_features: int = N_PUBLISHED_FEATURES

    @property
    def shots(self) -> list[int]:
        """The numbers of shots that leave a row of each unseen class to test on."""
        return [n for n in SHOTS if n < self.smallest_unseen]


@dataclass(frozen=True)
class Recipe:
    """Settings of the training, and the grids of figures 4, 5, 5 and 3.

    `scaler` scales features before they come to the VAE; it is fitted to training rows. `systems`,
    which have no recipe of the authors, get features as they are and choose settings by themselves.
    """

    scaler: Any
    vae: dict[str, Any]
    softmax: dict[str, Any]
    n_seeds: int
    latent_sizes: tuple[int, ...]
    per_seen: tuple[int, ...]
    ratios: tuple[float, ...]
    shares: tuple[int, ...]
    systems: Mapping[str, System]

    def make_transformer(self, run: Run, *, is_imagenet: bool) -> CADAVAETransformer:
        """Return the VAE of a run, unfitted."""
        parameters = self.vae | MODELS[run.model] | (IMAGENET_VAE if is_imagenet else {})
        return CADAVAETransformer(run.latent_size, random_state=run.seed, **parameters)

    def make_softmax(self, run: Run) -> SoftmaxClassifier:
        """Return the softmax of a run; data that the authors did not use are trained as CUB."""
        parameters = dict(self.softmax)
        if run.recipe == "full":
            name = run.dataset.upper()
            epochs = EPOCHS.get((name, run.label_space), EPOCHS["CUB", run.label_space])
            parameters["max_iter"] = epochs[SHOTS.index(run.n_shots)]
        return SoftmaxClassifier(**parameters)


RECIPES = {
    "full": Recipe(
        # In place, as there may be 10 GB of features.
        *(MinMaxScaler(copy=False), OFFICIAL_VAE, OFFICIAL_SOFTMAX),
        n_seeds=10,
        latent_sizes=(12, 25, 50, 64, 100, 150, 200, 250),
        per_seen=(1, 5, 25, 50, 100, 200, 400),
        ratios=(0.5, 1, 2, 4, 10),
        shares=(0, 25, 50, 75, 100),
        systems=SYSTEMS,
    ),
    "quick": Recipe(
        *(FunctionTransformer(), {}, {}),  # features as they are
        n_seeds=3,
        latent_sizes=(16, 64, 128),
        per_seen=(10, 50, 200),
        ratios=(1, 2, 4),
        shares=(0, 50, 100),
        systems=SYSTEMS,
    ),
}


class Row(NamedTuple):
    """A run, the row of a table that its scores count for, and what the paper reports there."""

    run: Run
    identity: Mapping[str, Any]
    published: Mapping[str, float] = {}


def zero_shot(run: Run) -> Run:
    """Let only the unseen classes compete: zero- or few-shot learning proper."""
    return replace(run, label_space="unseen", per_unseen=400 if run.n_shots else 200)


def list_rows(experiment: str, run: Run, facts: Facts, recipe: Recipe) -> Iterator[Row]:
    """List the runs of an experiment on data that allow it, from a run of default settings."""
    name, (first, *others) = facts.name, facts.sides
    match experiment:
        case "table_1":
            for model in MODELS:
                # The last row of the paper's Table 1, which is about CUB, is that of Table 2.
                is_known = name == "CUB" and model == "CADA-VAE"
                identity: dict[str, Any] = {"dataset": name, "model": model}
                known = CADA_VAE.published["CUB"] if is_known else {}
                yield Row(replace(run, model=model), identity, known)
        case "table_2":
            published = {key: system.published for key, system in recipe.systems.items()}
            for model, scores in (published | {run.model: CADA_VAE.published}).items():
                identity = {"dataset": name, "model": model, "penalty": "none"}
                alone = replace(run, model=model)
                yield Row(alone, identity, scores.get(name, {}))
                if alone.has_vae:
                    # A softmax of unseen classes alone is another one. Scores of a system stay.
                    yield Row(zero_shot(alone), identity, scores.get(name, {}))
                yield Row(replace(alone, is_tuned=True), identity | {"penalty": "tuned"})
        case "figure_3":
            both = f"{first}+{others[0]}"
            for side in (first, others[0], both):
                yield Row(replace(run, side=side), {"panel": "kinds", "side": side, "share": 100})
            for share in recipe.shares:
                some = replace(run, side=both, share=share) if share else run
                yield Row(some, {"panel": "shares", "side": both, "share": share})
        case "figure_4":
            for size in recipe.latent_sizes:
                yield Row(replace(run, latent_size=size), {"latent_size": size})
        case "figure_5":
            sets = [(ratio, False) for ratio in recipe.ratios] + [(DYNAMIC_RATIO, True)]
            for (ratio, dynamic), n in product(sets, recipe.per_seen):
                drawn = replace(run, dynamic=dynamic, per_seen=n, per_unseen=ceil(n * ratio))
                identity = {"ratio": ratio, "set": "dynamic" if dynamic else "static"}
                yield Row(drawn, identity | {"per_seen": n, "per_unseen": drawn.per_unseen})
        case "figure_6":
            for side, model, n in product(facts.sides, MODELS, facts.shots):
                identity = {"side": side, "model": model, "n_shots": n}
                value = FIGURE_6.get((name, model), {}).get(n)
                known = {"H": value} if value and side == "attributes" else {}
                # All numbers are tested on the rows that the largest one leaves.
                few = replace(run, **identity, held_out_shots=facts.shots[-1])
                yield from (Row(few, identity, known), Row(zero_shot(few), identity, known))
        case "figure_7":
            for split in facts.splits:
                alone = replace(run, side=first, latent_size=128, split=split)
                yield Row(alone, {"split": split})


def select(experiments: Iterable[str], facts: Facts) -> tuple[list[str], list[str]]:
    """Return the experiments that the data allow, and what is to be said about others."""
    possible, notes = [], []
    for name in experiments:
        if (name == "figure_7") != bool(facts.splits):
            about = "other data" if facts.splits else "ImageNet"
            notes.append(f"{name} left out: it is about {about}")
        elif name == "figure_3" and len(facts.sides) == 1:
            notes.append(f"{name} left out: there is no side information besides the attributes")
        else:
            possible.append(name)
    dropped = [str(n) for n in SHOTS if n not in facts.shots]
    if "figure_6" in possible and dropped:
        least = f"an unseen class has {facts.smallest_unseen} row(s)"
        notes.append(f"part of figure_6 left out: {', '.join(dropped)} shots, {least}")
    is_known = any(facts.name in system.published for system in (CADA_VAE, *SYSTEMS.values()))
    if is_known and facts.n_features != N_PUBLISHED_FEATURES:
        features = f"the {N_PUBLISHED_FEATURES} features of {PUBLISHED_FEATURES}"
        notes.append(
            f"published values are for {features}; these have {facts.n_features}, "
            "and cannot be expected to reach them"
        )
    return possible, notes
