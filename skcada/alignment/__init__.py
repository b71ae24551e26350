"""Latent spaces that features and class embeddings share."""

# May import the floors below: `_base`, `_training`, `_nn`, `_classes`.

from skcada._base.latent_source import Aligner, LatentSource
from skcada.alignment._cada_vae import CADAVAETransformer
from skcada.alignment._revise import ReViSETransformer

__all__ = ["Aligner", "CADAVAETransformer", "LatentSource", "ReViSETransformer"]
