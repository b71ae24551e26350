"""The systems that are compared with CADA-VAE, and what is published of them."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

from skcada import GZSLClassifier, compatibility
from skcada.alignment import ReViSETransformer
from skcada.generation import CLSWGANTransformer, CVAETransformer, SEZSLTransformer

# What all published values were measured with. Other features lead to other numbers.
PUBLISHED_FEATURES = "ResNet-101"
N_PUBLISHED_FEATURES = 2048
Family = Literal["compatibility", "learned space", "generated features"]


class System(NamedTuple):
    """A classifier of default settings, its place among others, and its published scores.

    `make` takes `class_embeddings`, `unseen_classes` and `random_state`. `class_name` is the public
    name of the class, or of the transformer that makes a system of `GZSLClassifier`. `published`
    has S, U and H in percent, or some of them, by data set.
    """

    make: Callable[..., Any]
    class_name: str
    family: Family
    published: dict[str, dict[str, float]]
    is_in_table_2: bool = True


def published(**scores: tuple[float, float, float]) -> dict[str, dict[str, float]]:
    """Name S, U and H of each data set."""
    return {name: dict(zip("SUH", values, strict=True)) for name, values in scores.items()}


def published_harmonic(**scores: float) -> dict[str, dict[str, float]]:
    """Name H of each data set, of which nothing else was published."""
    return {name: {"H": value} for name, value in scores.items()}


# In the order of the paper's Table 2, whose values up to DeViSE are those of Xian et al. (2018).
# These have aPY as well; SAE, which is in no table of the paper, is from there too. Values that
# could not be verified are left out.
SYSTEMS = {
    "CMT": System(
        compatibility.CMTClassifier,
        "skcada.compatibility.CMTClassifier",
        "compatibility",
        published(
            CUB=(49.8, 7.2, 12.6),
            SUN=(21.8, 8.1, 11.8),
            AWA1=(87.6, 0.9, 1.8),
            AWA2=(90.0, 0.5, 1.0),
        ),
    ),
    "SJE": System(
        compatibility.SJEClassifier,
        "skcada.compatibility.SJEClassifier",
        "compatibility",
        published(
            CUB=(59.2, 23.5, 33.6),
            SUN=(30.5, 14.7, 19.8),
            AWA1=(74.6, 11.3, 19.6),
            AWA2=(73.9, 8.0, 14.4),
            APY=(55.7, 3.7, 6.9),
        ),
    ),
    "ALE": System(
        compatibility.ALEClassifier,
        "skcada.compatibility.ALEClassifier",
        "compatibility",
        published(
            CUB=(62.8, 23.7, 34.4),
            SUN=(33.1, 21.8, 26.3),
            AWA1=(76.1, 16.8, 27.5),
            AWA2=(81.8, 14.0, 23.9),
            APY=(73.7, 4.6, 8.7),
        ),
    ),
    "LatEm": System(
        compatibility.LatEmClassifier,
        "skcada.compatibility.LatEmClassifier",
        "compatibility",
        published(
            CUB=(57.3, 15.2, 24.0),
            SUN=(28.8, 14.7, 19.5),
            AWA1=(71.7, 7.3, 13.3),
            AWA2=(77.3, 11.5, 20.0),
            APY=(73.0, 0.1, 0.2),
        ),
    ),
    "ESZSL": System(
        compatibility.ESZSLClassifier,
        "skcada.compatibility.ESZSLClassifier",
        "compatibility",
        published(
            CUB=(63.8, 12.6, 21.0),
            SUN=(27.9, 11.0, 15.8),
            AWA1=(75.6, 6.6, 12.1),
            AWA2=(77.8, 5.9, 11.0),
            APY=(70.1, 2.4, 4.6),
        ),
    ),
    "SynC": System(
        compatibility.SynCClassifier,
        "skcada.compatibility.SynCClassifier",
        "compatibility",
        published(
            CUB=(70.9, 11.5, 19.8),
            SUN=(43.3, 7.9, 13.4),
            AWA1=(87.3, 8.9, 16.2),
            AWA2=(90.5, 10.0, 18.0),
            APY=(66.3, 7.4, 13.3),
        ),
    ),
    "DeViSE": System(
        compatibility.DeViSEClassifier,
        "skcada.compatibility.DeViSEClassifier",
        "compatibility",
        published(
            CUB=(53.0, 23.8, 32.8),
            SUN=(27.4, 16.9, 20.9),
            AWA1=(68.7, 13.4, 22.4),
            AWA2=(74.7, 17.1, 27.8),
            APY=(76.9, 4.9, 9.2),
        ),
    ),
    "f-CLSWGAN": System(
        partial(GZSLClassifier, CLSWGANTransformer()),
        "skcada.generation.CLSWGANTransformer",
        "generated features",
        published(
            CUB=(57.7, 43.7, 49.7),
            SUN=(36.6, 42.6, 39.4),
            AWA1=(61.4, 57.9, 59.6),
            AWA2=(68.9, 52.1, 59.4),
        ),
    ),
    "CVAE": System(
        partial(GZSLClassifier, CVAETransformer()),
        "skcada.generation.CVAETransformer",
        "generated features",
        published_harmonic(CUB=34.5, SUN=26.7, AWA1=47.2, AWA2=51.2),
    ),
    "SE": System(
        partial(GZSLClassifier, SEZSLTransformer()),
        "skcada.generation.SEZSLTransformer",
        "generated features",
        published(
            CUB=(53.3, 41.5, 46.7),
            SUN=(30.5, 40.9, 34.9),
            AWA1=(67.8, 56.3, 61.5),
            AWA2=(68.1, 58.3, 62.8),
        ),
    ),
    "ReViSE": System(
        # As in its paper, which trains no classifier.
        partial(GZSLClassifier, ReViSETransformer(), classifier="similarity"),
        "skcada.alignment.ReViSETransformer",
        "learned space",
        published(
            CUB=(28.3, 37.6, 32.3),
            SUN=(20.1, 24.3, 22.0),
            AWA1=(37.1, 46.1, 41.1),
            AWA2=(39.7, 46.4, 42.8),
        ),
    ),
    "SAE": System(
        compatibility.SAEClassifier,
        "skcada.compatibility.SAEClassifier",
        "compatibility",
        published_harmonic(CUB=13.6, SUN=11.8, AWA1=3.5, AWA2=2.2),
        is_in_table_2=False,
    ),
}
CADA_VAE = System(
    GZSLClassifier,
    "skcada.CADAVAETransformer",
    "learned space",
    published(
        CUB=(53.5, 51.6, 52.4),
        SUN=(35.7, 47.2, 40.6),
        AWA1=(72.8, 57.3, 64.1),
        AWA2=(75.0, 55.8, 63.9),
    ),
)
COMPARISON = SYSTEMS | {"CADA-VAE": CADA_VAE}
