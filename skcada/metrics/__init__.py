"""Metrics of generalized zero-shot learning.

All of them average over classes, so that rare classes count as much as frequent ones, and treat
`seen_classes`, the classes with training rows, apart from every other class, the unseen ones.
"""

from skcada.metrics._curve import seen_unseen_auc_score, seen_unseen_curve
from skcada.metrics._scorer import gzsl_scorer
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
    "hit_at_k_score",
    "per_class_accuracy_score",
    "seen_unseen_auc_score",
    "seen_unseen_curve",
]
