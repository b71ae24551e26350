"""Metrics of generalized zero-shot learning, in which rare and frequent classes count alike."""

# May import the floor below: `_classes`.

from skcada.metrics._curve import seen_unseen_auc_score, seen_unseen_curve
from skcada.metrics._scorer import gzsl_scorer, harmonic_mean_scorer
from skcada.metrics._scores import (
    gzsl_scores,
    harmonic_mean_score,
    hit_at_k_score,
    per_class_accuracy_score,
)

__all__ = [
    "gzsl_scorer",
    "gzsl_scores",
    "harmonic_mean_score",
    "harmonic_mean_scorer",
    "hit_at_k_score",
    "per_class_accuracy_score",
    "seen_unseen_auc_score",
    "seen_unseen_curve",
]
