"""Classifiers that score features against class embeddings."""

# May import the floors below: `model_selection`, `_base`, `_training`, `metrics`, `_nn` and
# `_classes`.

from skcada.compatibility._ale import ALEClassifier
from skcada.compatibility._cmt import CMTClassifier
from skcada.compatibility._devise import DeViSEClassifier
from skcada.compatibility._eszsl import ESZSLClassifier
from skcada.compatibility._latem import LatEmClassifier
from skcada.compatibility._sae import SAEClassifier
from skcada.compatibility._sje import SJEClassifier
from skcada.compatibility._sync import SynCClassifier

__all__ = [
    "ALEClassifier",
    "CMTClassifier",
    "DeViSEClassifier",
    "ESZSLClassifier",
    "LatEmClassifier",
    "SAEClassifier",
    "SJEClassifier",
    "SynCClassifier",
]
