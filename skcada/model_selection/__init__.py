"""Cross-validators for generalized zero-shot learning, and a classifier that is tuned by them.

An ordinary cross-validator never holds a class out, so it measures no accuracy on unseen classes.
In the splits of these, the test fold holds whole classes that training lacks, and also held-out
rows of the classes in training, so that :func:`skcada.metrics.gzsl_scorer` can measure both.
"""

from skcada.model_selection._shots import few_shot_split
from skcada.model_selection._split import GZSLKFold, GZSLShuffleSplit
from skcada.model_selection._tuned_seen_penalty import TunedSeenPenaltyClassifierCV

__all__ = ["GZSLKFold", "GZSLShuffleSplit", "TunedSeenPenaltyClassifierCV", "few_shot_split"]
