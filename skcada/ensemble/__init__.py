"""Several GZSL classifiers that decide together."""

# May import the floors below: `_base`, `_classes`.

from skcada.ensemble._voting import GZSLVotingClassifier

__all__ = ["GZSLVotingClassifier"]
