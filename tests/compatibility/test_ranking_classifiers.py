"""Classifiers whose maps are trained by a ranking loss."""

import numpy as np
import pandas as pd
import pytest
from linear_world import linear_world
from numpy.testing import assert_allclose, assert_array_equal
from silent_callback import SilentCallback
from sklearn.base import clone

from skcada.compatibility import (
    ALEClassifier,
    DeViSEClassifier,
    LatEmClassifier,
    SJEClassifier,
)
from skcada.metrics import gzsl_scorer

MODELS = {
    "SJE": SJEClassifier(random_state=0),
    "ALE": ALEClassifier(random_state=0),
    "ALE, sampled": ALEClassifier(rank="sampled", random_state=0),
    "DeViSE": DeViSEClassifier(random_state=0),
    "DeViSE, first": DeViSEClassifier(violators="first", random_state=0),
    "LatEm": LatEmClassifier(random_state=0),
    "LatEm, sampled": LatEmClassifier(violators="sampled", learning_rate=30, random_state=0),
}


@pytest.fixture(params=MODELS.values(), ids=MODELS)
def model(request):
    return clone(request.param)


@pytest.fixture(scope="module")
def world():
    X, y, embeddings = linear_world(0)
    return X[y < 30], y[y < 30], embeddings


@pytest.mark.parametrize("seed", range(3))
def test_unseen_classes_of_a_linear_world_are_told_apart(model, seed):
    X, y, embeddings = linear_world(seed)
    model.set_params(class_embeddings=embeddings, max_iter=40).fit(X[y < 30], y[y < 30])
    assert gzsl_scorer(model, X, y)["T1"] >= 0.95


def test_scores_are_those_of_the_best_map_of_scaled_rows_and_embeddings(model, world):
    X, y, embeddings = world
    model.set_params(class_embeddings=embeddings, max_iter=3).fit(X, y)
    rows = X / np.linalg.norm(X, axis=1, keepdims=True)
    assert_allclose(model.feature_mean_, rows.mean(axis=0), atol=1e-6)
    assert_allclose(np.linalg.norm(model.scaled_embeddings_, axis=1), 1, rtol=1e-6)
    maps = model.compatibility_.reshape(-1, 40, 8)
    assert len(maps) == (2 if isinstance(model, LatEmClassifier) else 1)
    each = (rows - model.feature_mean_) @ maps @ model.scaled_embeddings_.T
    scores = model.decision_function(X)
    assert scores.dtype == np.float32
    assert_allclose(scores, each.max(axis=0) / model.mean_lead_, atol=1e-5)
    of_trained = scores[:, :30]
    lead = of_trained[np.arange(len(X)), y] - of_trained.mean(axis=1)
    assert_allclose(lead.mean(), 1, rtol=1e-5)


def test_one_map_of_latem_is_the_matrix_of_devise(world):
    X, y, embeddings = world
    one, matrix = (
        model.fit(X, y)
        for model in (
            LatEmClassifier(embeddings, n_maps=1, max_iter=3, random_state=0),
            DeViSEClassifier(embeddings, max_iter=3, random_state=0),
        )
    )
    assert_array_equal(one.compatibility_, matrix.compatibility_)
    assert_array_equal(one.decision_function(X), matrix.decision_function(X))


def test_auto_takes_the_best_number_of_epochs_and_trains_as_if_it_was_given(model, problem, Xy):
    model.set_params(class_embeddings=problem.class_embeddings)
    results = pd.DataFrame(model.fit(*Xy).cv_results_)
    assert results["max_iter"].is_monotonic_increasing
    splits = results.filter(regex=r"^split\d_test_score$")
    assert splits.shape == (len(results), 3)
    assert_allclose(splits.mean(axis=1), results["mean_test_score"])
    best = results["mean_test_score"].argmax()
    assert model.n_iter_ == len(model.loss_curve_) == results["max_iter"][best]
    given = clone(model).set_params(max_iter=model.n_iter_).fit(*Xy)
    assert_array_equal(given.compatibility_, model.compatibility_)
    assert np.isnan(given.cv_results_["mean_test_score"]).all()


def test_more_rows_are_visited_in_fewer_epochs(world):
    X, y, embeddings = world
    rare, often = (
        SJEClassifier(embeddings, cv=[(np.arange(700), np.arange(600, 900))])
        .fit(np.tile(X, (n, 1)), np.tile(y, n))
        .cv_results_["max_iter"]
        for n in (10, 1)
    )
    assert often.max() == 200
    assert rare.max() == 400_000 // 9000


def test_the_loss_falls(model, world):
    X, y, embeddings = world
    model.set_params(class_embeddings=embeddings, max_iter=20).fit(X, y)
    losses = model.loss_curve_["ranking"]
    assert losses.iloc[-5:].mean() < 0.5 * losses.iloc[0]


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_scale_of_features_and_of_embeddings_does_not_matter(model, world, scale):
    X, y, embeddings = world
    model.set_params(max_iter=3)
    expected = model.fit(X, y, {"embeddings": embeddings}).decision_function(X)
    found = clone(model).fit(X * scale, y, {"embeddings": embeddings / scale})
    assert_allclose(found.decision_function(X * scale), expected, atol=1e-3)


@pytest.mark.parametrize("kind", [SJEClassifier, DeViSEClassifier])
def test_the_margin_is_the_unit_of_scores(world, kind):
    X, y, embeddings = world
    one, half = (
        kind(embeddings, margin=unit, learning_rate=4 * unit, max_iter=3, random_state=0).fit(X, y)
        for unit in (1.0, 0.5)
    )
    assert_array_equal(half.compatibility_ * 2, one.compatibility_)
    assert_allclose(half.decision_function(X), one.decision_function(X), rtol=1e-6)


def test_maps_stay_in_the_span_of_the_seen_class_embeddings(model, world):
    X, y, embeddings = world
    flat = embeddings.copy()
    flat[:30, 5:] = 0
    model.set_params(class_embeddings=flat, max_iter=2).fit(X, y)
    assert_allclose(model.compatibility_[..., 5:], 0, atol=1e-6)
    assert np.abs(model.compatibility_[..., :5]).max() > 0.1


def test_the_seed_decides(model, world):
    X, y, embeddings = world
    model.set_params(class_embeddings=embeddings, max_iter=2)
    one, same, other = (
        clone(model).set_params(random_state=seed).fit(X, y).compatibility_ for seed in (0, 0, 1)
    )
    assert_array_equal(one, same)
    assert not np.allclose(one, other)


class StopAfter(SilentCallback):
    """End the training after some epochs."""

    def __init__(self, n_epochs):
        self.n_epochs = n_epochs
        self.names = []

    def on_fit_task_begin(self, estimator, context):
        self.names.append(context.task_name)

    def on_fit_task_end(self, estimator, context):
        return context.task_name == "epoch" and context.task_id + 1 == self.n_epochs


@pytest.mark.usefixtures("callbacks")
def test_a_callback_sees_folds_and_epochs_and_can_stop_the_training(model, problem, Xy):
    model.set_params(class_embeddings=problem.class_embeddings)
    stop = StopAfter(2)
    assert model.set_callbacks(stop).fit(*Xy).n_iter_ == 2
    assert stop.names == ["fit", "choose-max-iter", *3 * ["fold"], "train", "epoch", "epoch"]


def test_a_callback_can_score_the_model_after_every_epoch(model, problem, Xy, callbacks):
    monitor = callbacks.ScoringMonitor(scoring="accuracy")
    model.set_params(class_embeddings=problem.class_embeddings, max_iter=3)
    model.set_callbacks(monitor).fit(*Xy)
    log = monitor.get_logs().data_as_pandas
    scores = log.loc[log["task_name"] == "epoch", "accuracy"]
    assert len(scores) == 3
    assert_allclose(scores.iloc[-1], (model.predict(Xy[0]) == Xy[1]).mean())


def test_weights_that_overflow_are_refused_and_keep_the_earlier_fit(model, world):
    X, y, embeddings = world
    model.set_params(class_embeddings=embeddings, max_iter=2, feature_scaling="raw").fit(X, y)
    expected = model.decision_function(X)
    model.set_params(learning_rate=1e38)
    with pytest.raises(ValueError, match=r"non-finite in epoch 1\. Lower learning_rate, scale X"):
        model.fit(X * 1e20, y)
    assert_array_equal(model.decision_function(X), expected)
