"""Splits that hold out whole classes, as ordinary ones never do, and a classifier tuned on them."""

# May import the floors below: `_base`, `metrics`, `_classes`. No estimator.

from skcada.model_selection._shots import few_shot_split
from skcada.model_selection._split import GZSLKFold, GZSLShuffleSplit
from skcada.model_selection._train_test_split import gzsl_train_test_split
from skcada.model_selection._tuned_seen_penalty import TunedSeenPenaltyClassifierCV

__all__ = [
    "GZSLKFold",
    "GZSLShuffleSplit",
    "TunedSeenPenaltyClassifierCV",
    "few_shot_split",
    "gzsl_train_test_split",
]
