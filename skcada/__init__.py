"""Generalized zero-shot and few-shot learning as scikit-learn estimators."""

from skcada._base.version import __version__
from skcada._gzsl.classifier import GZSLClassifier
from skcada._gzsl.softmax import SoftmaxClassifier
from skcada._show_versions import show_versions
from skcada.alignment import CADAVAETransformer

__all__ = [
    "CADAVAETransformer",
    "GZSLClassifier",
    "SoftmaxClassifier",
    "__version__",
    "show_versions",
]
