"""A run, and the runs that each experiment of the paper needs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from math import ceil
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from _paper._recipes import Recipe

MODELS = ("CA-VAE", "DA-VAE", "CADA-VAE")
SHOTS = (0, 1, 2, 5, 10)
DYNAMIC_RATIO = 2
LabelSpace = Literal["all", "unseen"]
# What does not concern the VAE: runs that differ in nothing else share it.
_OF_CLASSIFIER = (
    *("per_seen", "per_unseen", "dynamic", "n_shots", "held_out_shots", "label_space", "split"),
)


@dataclass(frozen=True)
class Run:
    """One VAE, one classifier on its latents and one test; everything that determines its scores.

    Parameters
    ----------
    dataset, recipe : str
        Names.
    seed : int
        Determines whatever is random: the VAE, the latents, the classifier, shots and shares.
    model : {"CA-VAE", "DA-VAE", "CADA-VAE"}
        Which terms of the loss are used.
    side : str
        Kinds of side information, joined by "+".
    share : int
        Percentage of the classes that have the kinds but the first.
    latent_size : int
        Dimensions of the latent space.
    per_seen, per_unseen : int
        Latents of each seen and each unseen class.
    dynamic : bool
        Whether latents are drawn anew in each epoch of the classifier.
    n_shots : int
        Examples of each unseen class.
    held_out_shots : int
        Rows of each unseen class that are not tested on, so that fewer shots are tested alike.
    label_space : {"all", "unseen"}
        The classes to tell apart.
    split : str
        The unseen classes of ImageNet.
    """

    dataset: str
    recipe: str
    seed: int
    model: str = "CADA-VAE"
    side: str = "attributes"
    share: int = 100
    latent_size: int = 64
    per_seen: int = 200
    per_unseen: int = 400
    dynamic: bool = False
    n_shots: int = 0
    held_out_shots: int = 0
    label_space: LabelSpace = "all"
    split: str = ""

    @classmethod
    def from_texts(cls, texts: dict[str, str]) -> Self:
        """Undo `to_texts`."""
        read: dict[Any, Callable[[str], Any]] = {int: int, bool: "True".__eq__}
        return cls(**{f.name: read.get(f.type, str)(texts[f.name]) for f in fields(cls)})

    def to_texts(self) -> dict[str, str]:
        """Return each field as text."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}

    @property
    def vae(self) -> "Run":
        """The first of the runs that share the VAE with this one."""
        defaults: dict[str, Any] = {field.name: field.default for field in fields(self)}
        return replace(self, **{name: defaults[name] for name in _OF_CLASSIFIER})

    @property
    def sides(self) -> tuple[str, ...]:
        """Kinds of side information."""
        return tuple(self.side.split("+"))

    def __str__(self) -> str:
        parts = [self.dataset, self.model, self.side]
        parts += [f"{self.share} % of classes"] * (self.share != 100)
        parts += [f"latent size {self.latent_size}"]
        parts += [f"{self.per_seen}:{self.per_unseen} latents"] * (self.label_space == "all")
        parts += ["dynamic"] * self.dynamic
        parts += [f"shots {self.n_shots}"] * bool(self.held_out_shots)
        parts += ["unseen only"] * (self.label_space == "unseen")
        parts += [self.split] * bool(self.split)
        return ", ".join([*parts, f"seed {self.seed}"])


@dataclass(frozen=True, eq=False)
class Facts:
    """What must be known of a data set to list the runs on it.

    Parameters
    ----------
    name : str
        The name of the data set.
    fingerprint : str
        Differs where the data differ.
    sides : tuple of str
        Its kinds of side information.
    classes : ndarray of shape (n_classes,)
        All classes, sorted.
    seen_classes : ndarray of shape (n_seen_classes,)
        The classes that have rows to train on.
    smallest_unseen : int
        Rows of the unseen class that has the fewest.
    splits : tuple of str
        Sets of unseen classes of ImageNet; other data sets have none.
    """

    name: str
    fingerprint: str
    sides: tuple[str, ...]
    classes: NDArray
    seen_classes: NDArray
    smallest_unseen: int = 0
    splits: tuple[str, ...] = ()

    @property
    def sentences(self) -> str | None:
        """The kind of side information to use besides attributes."""
        others = self.sides[1:]
        return "sentences" if "sentences" in others else next(iter(others), None)


def described_classes(classes: NDArray, share: int, seed: int) -> NDArray:
    """Draw the classes that have sentences; a larger share contains a smaller one."""
    order = np.random.RandomState(seed).permutation(len(classes))
    return classes[order[: round(share * len(classes) / 100)]]


def with_share(run: Run, kind: str, share: int) -> Run:
    """Give a share of the classes a second kind of side information."""
    return run if share == 0 else replace(run, side=f"{run.side}+{kind}", share=share)


def latents_per_unseen(per_seen: int, ratio: float) -> int:
    """Return how many latents an unseen class gets at a ratio of unseen to seen."""
    return ceil(per_seen * ratio)


def zero_shot(run: Run) -> Run:
    """Let only the unseen classes compete: zero- or few-shot learning proper."""
    return replace(run, label_space="unseen", per_unseen=400 if run.n_shots else 200)


def possible_shots(facts: Facts) -> tuple[int, ...]:
    """Return the numbers of shots that leave a row of each unseen class to test on."""
    return tuple(n for n in SHOTS if n < facts.smallest_unseen)


def _table_1(run: Run, facts: Facts, recipe: Recipe) -> Iterator[Run]:
    yield from (replace(run, model=model) for model in MODELS)


def _table_2(run: Run, facts: Facts, recipe: Recipe) -> Iterator[Run]:
    yield from (run, zero_shot(run))


def _figure_3(run: Run, facts: Facts, recipe: Recipe) -> Iterator[Run]:
    first, *others = facts.sides
    yield from (replace(run, side=kind) for kind in facts.sides)
    yield from (replace(run, side=f"{first}+{kind}") for kind in others)
    assert facts.sentences is not None
    for share in recipe.shares:
        described = described_classes(facts.classes, share, run.seed)
        if share == 0 or np.isin(described, facts.seen_classes).any():
            yield with_share(run, facts.sentences, share)


def _figure_4(run: Run, facts: Facts, recipe: Recipe) -> Iterator[Run]:
    yield from (replace(run, latent_size=size) for size in recipe.latent_sizes)


def _figure_5(run: Run, facts: Facts, recipe: Recipe) -> Iterator[Run]:
    for per_seen in recipe.per_seen:
        for ratio in recipe.ratios:
            static = replace(run, per_seen=per_seen, per_unseen=latents_per_unseen(per_seen, ratio))
            yield static
            if ratio == DYNAMIC_RATIO:
                yield replace(static, dynamic=True)


def _figure_6(run: Run, facts: Facts, recipe: Recipe) -> Iterator[Run]:
    shots = possible_shots(facts)
    sides = [facts.sides[0]] if facts.sentences is None else [facts.sides[0], facts.sentences]
    for side in sides:
        for model in MODELS:
            for n_shots in shots:
                few = replace(
                    run, model=model, side=side, n_shots=n_shots, held_out_shots=shots[-1]
                )
                yield from (few, zero_shot(few))


def _figure_7(run: Run, facts: Facts, recipe: Recipe) -> Iterator[Run]:
    base = replace(run, side=facts.sides[0], latent_size=128)
    yield from (replace(base, split=split) for split in facts.splits)


EXPERIMENTS: dict[str, Callable[[Run, Facts, Recipe], Iterator[Run]]] = {
    "table_1": _table_1,
    "table_2": _table_2,
    "figure_3": _figure_3,
    "figure_4": _figure_4,
    "figure_5": _figure_5,
    "figure_6": _figure_6,
    "figure_7": _figure_7,
}


def is_for(experiment: str, facts: Facts) -> bool:
    """Tell whether an experiment is about this kind of data: one is about ImageNet only."""
    return (experiment == "figure_7") == bool(facts.splits)


def limits(experiment: str, facts: Facts, recipe: Recipe, n_seeds: int) -> tuple[bool, str]:
    """Tell whether the data allow an experiment, and what is left out of it, if anything."""
    if experiment == "figure_3":
        if facts.sentences is None:
            return False, "there is no side information besides the attributes"
        lacking = [
            f"{share} % (seed {seed})"
            for seed in range(n_seeds)
            for share in recipe.shares
            if share
            and not np.isin(described_classes(facts.classes, share, seed), facts.seen_classes).any()
        ]
        return True, f"shares without a seen class: {', '.join(lacking)}" if lacking else ""
    if experiment == "figure_6":
        possible = possible_shots(facts)
        rows = f"an unseen class has {facts.smallest_unseen} row(s)"
        if len(possible) < 2:
            return False, f"too few rows, {rows}"
        dropped = [str(n) for n in SHOTS if n not in possible]
        return True, f"{', '.join(dropped)} shots, {rows}" if dropped else ""
    return True, ""


def list_runs(experiments: Sequence[str], facts: Facts, recipe: Recipe, n_seeds: int) -> list[Run]:
    """List the runs of experiments on a data set that allows them, each run once.

    Parameters
    ----------
    experiments : sequence of str
        Keys of `EXPERIMENTS`.
    facts : Facts
        The data set.
    recipe : Recipe
        The recipe.
    n_seeds : int
        How often each run is repeated.

    Returns
    -------
    list of Run
        By seed, so that an unfinished campaign has all experiments for some seeds.
    """
    return list(
        dict.fromkeys(
            run
            for seed in range(n_seeds)
            for experiment in experiments
            for run in EXPERIMENTS[experiment](Run(facts.name, recipe.name, seed), facts, recipe)
        )
    )
