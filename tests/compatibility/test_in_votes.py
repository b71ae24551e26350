"""Votes of compatibility systems with CADA-VAE."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV
from small_networks import SIZES

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.compatibility import (
    ALEClassifier,
    CMTClassifier,
    DeViSEClassifier,
    ESZSLClassifier,
    LatEmClassifier,
    SAEClassifier,
    SJEClassifier,
    SynCClassifier,
)
from skcada.ensemble import GZSLVotingClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV, few_shot_split

PAIRS = [
    (ESZSLClassifier(), SJEClassifier(max_iter=5)),
    (ALEClassifier(max_iter=5), SAEClassifier()),
    (DeViSEClassifier(max_iter=5), CMTClassifier(max_iter=5)),
    (LatEmClassifier(max_iter=5), SynCClassifier(regularization=1e-3, similarity_scale=1.0)),
    (CMTClassifier(max_iter=5, novelty="gaussian"), SJEClassifier(max_iter=5)),
]


@pytest.fixture(params=PAIRS, ids=lambda pair: " and ".join(type(each).__name__ for each in pair))
def vote(request, problem):
    network = GZSLClassifier(CADAVAETransformer(**SIZES, max_iter=5), samples_per_class=(10, 20))
    first, second = request.param
    return GZSLVotingClassifier(
        [("network", network), ("first", first), ("second", second)],
        class_embeddings=problem.class_embeddings,
        random_state=0,
    )


def test_the_penalty_of_a_vote_can_be_tuned_with_shots(vote, problem):
    shots, rest = few_shot_split(
        problem.target, unseen_classes=problem.unseen_classes, n_shots=2, random_state=0
    )
    train = np.concatenate([problem.trainval, shots])
    test = np.concatenate([problem.test_seen, rest])
    vote.set_params(unseen_classes=problem.unseen_classes)
    cv = GZSLShuffleSplit(2, random_state=0)
    tuned = TunedSeenPenaltyClassifierCV(vote, cv=cv)
    tuned.fit(problem.data[train], problem.target[train])
    assert_array_equal(tuned.unseen_classes_, problem.unseen_classes)
    scores = gzsl_scorer(tuned, problem.data[test], problem.target[test])
    # Chance is 1/16 for H and 1/4 for T1.
    assert scores["H"] > 0.1
    assert scores["T1"] > 0.3


def test_a_search_over_the_weights_of_a_vote_runs_in_two_processes(vote, problem, Xy):
    search = GridSearchCV(
        vote,
        {"weights": [None, [1, 0, 0]]},
        cv=GZSLShuffleSplit(2, random_state=0),
        scoring=gzsl_scorer,
        refit="AUSUC",
        n_jobs=2,
        error_score="raise",
    ).fit(*Xy)
    assert (search.cv_results_["mean_test_AUSUC"] > 0).all()
    assert np.ptp(search.cv_results_["mean_test_AUSUC"]) > 0
