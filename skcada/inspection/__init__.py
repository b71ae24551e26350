"""Plots of fitted models, by scikit-learn's conventions for displays.

They need matplotlib, which ``pip install "skcada[plots]"`` brings along; the import of this package
does not. May import the floors below: `model_selection`, `metrics`, `_base`, `_classes`; no
estimator.
"""

from skcada.inspection._latent_space import LatentSpaceDisplay
from skcada.inspection._seen_unseen_curve import SeenUnseenCurveDisplay
from skcada.inspection._training_history import TrainingHistoryDisplay

__all__ = ["LatentSpaceDisplay", "SeenUnseenCurveDisplay", "TrainingHistoryDisplay"]
