"""Generalized zero-shot and few-shot learning with CADA-VAE as scikit-learn estimators."""

from skcada._classifier import GZSLClassifier
from skcada._show_versions import show_versions
from skcada._softmax import SoftmaxClassifier
from skcada._transformer import CADAVAETransformer

__version__ = "0.1.0.dev0"

__all__ = [
    "CADAVAETransformer",
    "GZSLClassifier",
    "SoftmaxClassifier",
    "__version__",
    "show_versions",
]
