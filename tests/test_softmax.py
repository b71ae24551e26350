import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from skcada import SoftmaxClassifier


@pytest.fixture
def blobs():
    return make_blobs(600, n_features=4, centers=5, cluster_std=4.0, random_state=0)


def test_long_training_approaches_logistic_regression(blobs):
    X, y = blobs
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    softmax = SoftmaxClassifier(max_iter=400, learning_rate=0.03, random_state=0).fit(X, y)
    logistic = LogisticRegression(C=1e4).fit(X, y)
    losses = [log_loss(y, model.predict_proba(X)) for model in (softmax, logistic)]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
    assert (softmax.predict(X) == logistic.predict(X)).mean() > 0.97


def test_probabilities_are_the_softmax_of_the_logits(blobs):
    X, y = blobs
    softmax = SoftmaxClassifier(random_state=0).fit(X, y)
    logits = softmax.decision_function(X)
    assert_allclose(logits, X @ softmax.coef_.T + softmax.intercept_)
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba = softmax.predict_proba(X)
    assert_allclose(proba, exp / exp.sum(axis=1, keepdims=True))
    assert_allclose(np.exp(softmax.predict_log_proba(X)), proba)
    assert_array_equal(softmax.predict(X), softmax.classes_[logits.argmax(axis=1)])


def test_the_loss_curve_has_one_row_an_epoch_and_falls(blobs):
    softmax = SoftmaxClassifier(max_iter=7, random_state=0).fit(*blobs)
    assert softmax.n_iter_ == len(softmax.loss_curve_) == 7
    assert softmax.loss_curve_["cross_entropy"].is_monotonic_decreasing


def test_float32_rows_are_scored_in_float32(blobs):
    softmax = SoftmaxClassifier(random_state=0).fit(*blobs)
    assert softmax.decision_function(blobs[0].astype(np.float32)).dtype == np.float32


def test_weights_that_overflow_are_reported_and_an_earlier_fit_kept(blobs):
    X, y = blobs
    softmax = SoftmaxClassifier(random_state=0).fit(X, y)
    before = softmax.predict(X)
    with pytest.raises(ValueError, match="softmax became non-finite"):
        softmax.set_params(learning_rate=1e38).fit(X * 1e30, y)
    assert_array_equal(softmax.predict(X), before)
