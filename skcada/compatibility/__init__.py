"""Classifiers that score features against class embeddings.

May import the floors below: `model_selection`, `_base`, `metrics`, `_classes`.
"""

__all__: list[str] = []
