"""Plots of fitted models, by scikit-learn's conventions for displays.

They need matplotlib, which ``pip install "skcada[plots]"`` installs. Without it, this package can
still be imported.
"""

# May import the floors below: `model_selection`, `metrics`, `_base`, `_classes`. No estimator.

from skcada.inspection._latent_space import LatentSpaceDisplay
from skcada.inspection._seen_unseen_curve import SeenUnseenCurveDisplay
from skcada.inspection._training_history import TrainingHistoryDisplay

__all__ = ["LatentSpaceDisplay", "SeenUnseenCurveDisplay", "TrainingHistoryDisplay"]
