"""Figures that leave nothing behind, and fitted models."""

import matplotlib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin


@pytest.fixture(autouse=True)
def figures():
    """Draw without a screen, and close what a test has drawn."""
    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    yield
    plt.close("all")


class GivenScores(ClassifierMixin, BaseEstimator):
    """Score each class by its column of X, so that every curve is known beforehand."""

    def __init__(self, classes, seen_penalty=0.0):
        self.classes = classes
        self.seen_penalty = seen_penalty

    def fit(self, X, y):
        self.classes_ = np.array(self.classes)
        self.seen_classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return np.asarray(X) - self.seen_penalty * np.isin(self.classes_, self.seen_classes_)

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]


@pytest.fixture
def given_scores():
    """Return the class, because a conftest cannot be imported."""
    return GivenScores


@pytest.fixture(scope="session")
def transformer():
    """Return a transformer that is trained in a fraction of a second."""
    from skcada import CADAVAETransformer

    return CADAVAETransformer(
        latent_size=8,
        feature_encoder_layers=(16,),
        feature_decoder_layers=(16,),
        embedding_encoder_layers=(16,),
        embedding_decoder_layers=(16,),
        max_iter=8,
        random_state=0,
    )


@pytest.fixture(scope="session")
def model(problem, transformer):
    """Return a fitted classifier of twelve seen and four unseen classes."""
    from skcada import GZSLClassifier

    X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    model = GZSLClassifier(transformer, class_embeddings=problem.class_embeddings, random_state=0)
    return model.fit(X, y)


@pytest.fixture(scope="session")
def rows(problem):
    """Return rows of all classes, none of which the model was trained on, and their labels."""
    rows = np.concatenate([problem.test_seen, problem.test_unseen])
    return problem.data[rows], problem.target[rows]
