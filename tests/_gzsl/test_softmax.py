import pickle

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
    with pytest.raises(ValueError, match="'cross_entropy' became non-finite"):
        softmax.set_params(learning_rate=1e38).fit(X * 1e30, y)
    assert_array_equal(softmax.predict(X), before)


@pytest.mark.parametrize("n_first", [0, 2])
def test_calls_of_partial_fit_are_one_fit_of_as_many_epochs(blobs, n_first):
    X, y = blobs
    whole = SoftmaxClassifier(max_iter=5, random_state=0).fit(X, y)
    parts = SoftmaxClassifier(random_state=0)
    if n_first:
        parts.set_params(max_iter=n_first).fit(X, y)
    for _ in range(n_first, 5):
        # Saved and loaded in between: nothing of the training is lost.
        parts = pickle.loads(pickle.dumps(parts)).partial_fit(X, y, classes=np.unique(y))
    assert_array_equal(parts.coef_, whole.coef_)
    assert_array_equal(parts.loss_curve_, whole.loss_curve_)
    assert parts.n_iter_ == whole.n_iter_ == 5


def test_partial_fit_learns_classes_that_come_later(blobs):
    X, y = blobs
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    softmax = SoftmaxClassifier(learning_rate=0.03, random_state=0)
    for _ in range(20):
        for part in (y < 3, y >= 3):
            softmax.partial_fit(X[part], y[part], classes=range(5))
    assert_array_equal(softmax.classes_, range(5))
    assert set(softmax.predict(X)) == set(range(5))


def test_partial_fit_names_labels_that_it_was_not_told_of(blobs):
    X, y = blobs
    softmax = SoftmaxClassifier(random_state=0).partial_fit(X[y < 3], y[y < 3], classes=range(3))
    before = softmax.coef_.copy()
    with pytest.raises(ValueError, match="not among classes: 3, 4"):
        softmax.partial_fit(X, y)
    with pytest.raises(ValueError, match="not the same as on last call"):
        softmax.partial_fit(X, y, classes=range(5))
    with pytest.raises(ValueError, match="'cross_entropy' became non-finite"):
        softmax.set_params(learning_rate=1e38).partial_fit(X[y < 3] * 1e30, y[y < 3])
    assert_array_equal(softmax.coef_, before)
    assert softmax.n_iter_ == 1


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_labels_that_are_missing_are_refused(method):
    y = np.array(["2001", "NaT"], dtype="datetime64[D]")
    arguments = {"classes": y} if method == "partial_fit" else {}
    with pytest.raises(ValueError, match="missing labels"):
        getattr(SoftmaxClassifier(), method)(np.eye(2), y, **arguments)


def test_masked_entries_are_refused():
    X = np.ma.masked_equal(np.arange(8.0).reshape(4, 2), 3.0)
    model = SoftmaxClassifier(max_iter=1)
    with pytest.raises(ValueError, match="X has 1 masked entries"):
        model.fit(X, [0, 0, 1, 1])
    model.fit(X.filled(0.0), [0, 0, 1, 1])
    with pytest.raises(ValueError, match="X has 1 masked entries"):
        model.predict(X)
    # A mask without masked entries hides nothing.
    assert len(model.predict(X[2:])) == 2
