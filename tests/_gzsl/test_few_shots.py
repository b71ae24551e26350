"""Few-shot examples, and zero-shot learning proper."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skcada import GZSLClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import few_shot_split


@pytest.fixture
def classifier(small_transformer, problem):
    return GZSLClassifier(
        small_transformer,
        class_embeddings=problem.class_embeddings,
        unseen_classes=problem.unseen_classes,
        samples_per_class=(20, 40),
        random_state=0,
    )


def training_rows(problem, n_shots):
    shots, rest = few_shot_split(
        problem.target, unseen_classes=problem.unseen_classes, n_shots=n_shots, random_state=0
    )
    return np.concatenate([problem.trainval, shots]), rest


def fit(classifier, problem, rows):
    return clone(classifier).fit(problem.data[rows], problem.target[rows])


def test_shots_do_not_train_the_transformer(classifier, problem):
    none, some = (fit(classifier, problem, training_rows(problem, k)[0]) for k in (0, 5))
    X = problem.data
    assert_array_equal(some.transformer_.transform(X), none.transformer_.transform(X))
    assert not np.array_equal(some.decision_function(X), none.decision_function(X))
    for model in (none, some):
        assert_array_equal(model.unseen_classes_, problem.unseen_classes)
        assert_array_equal(model.seen_classes_, problem.seen_classes)


def test_half_of_the_latents_of_a_class_come_from_its_shots(classifier, problem):
    drawn = {}

    class Recorder(type(classifier.transformer)):
        def sample(self, X=None, *, class_embeddings=None, n_samples=1, random_state=None):
            # Not the latents, seeded apart, by which a collapse is looked for.
            if isinstance(random_state, np.random.RandomState):
                drawn.setdefault("shots" if X is not None else "embeddings", []).extend(n_samples)
            return super().sample(
                X, class_embeddings=class_embeddings, n_samples=n_samples, random_state=random_state
            )

    recorder = Recorder(**classifier.transformer.get_params(deep=False))
    few = problem.unseen_classes[:2]
    rows = training_rows(problem, 3)[0]
    rows = rows[~np.isin(problem.target[rows], problem.unseen_classes[2:])]
    fit(classifier.set_params(transformer=recorder), problem, rows)
    n_seen_classes = len(problem.seen_classes)
    assert sum(drawn["shots"]) == 20 * n_seen_classes + 20 * len(few)
    assert_array_equal(drawn["embeddings"], [20, 20, 40, 40])


def test_shots_raise_the_accuracy_on_unseen_classes(classifier, problem):
    classifier.set_params(transformer__max_iter=60, samples_per_class=(100, 100))
    rest = training_rows(problem, 10)[1]
    test = np.concatenate([problem.test_seen, rest])
    scores = [
        gzsl_scorer(
            fit(classifier, problem, training_rows(problem, k)[0]),
            problem.data[test],
            problem.target[test],
        )
        for k in (0, 10)
    ]
    assert scores[1]["T1"] > scores[0]["T1"]
    assert scores[1]["AUSUC"] > scores[0]["AUSUC"]
