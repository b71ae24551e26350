"""Models that generate features of classes from their embeddings."""

# May import the floors below: `_base`, `_training`, `_nn`, `_classes`.

from skcada.generation._clswgan import CLSWGANTransformer
from skcada.generation._cvae import CVAETransformer
from skcada.generation._sezsl import SEZSLTransformer

__all__ = ["CLSWGANTransformer", "CVAETransformer", "SEZSLTransformer"]
