"""Generalized zero-shot and few-shot learning with CADA-VAE as scikit-learn estimators."""

__version__ = "0.1.0.dev0"
