"""Classifiers that score features against class embeddings."""

# May import the floors below: `model_selection`, `_base`, `metrics`, `_classes`.

from skcada.compatibility._eszsl import ESZSLClassifier

__all__ = ["ESZSLClassifier"]
