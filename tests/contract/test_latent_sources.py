"""Properties of every latent source, alone and as the transformer of a classifier."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from tenants import classifier_on

from skcada import CADAVAETransformer, SoftmaxClassifier
from skcada.alignment import LatentSource


@pytest.fixture
def fitted(source, problem, Xy):
    return source.fit(*Xy, class_embeddings=problem.class_embeddings)


def test_it_follows_the_protocol(source):
    assert isinstance(source, LatentSource)


def test_latents_of_rows_and_of_embeddings_lie_in_one_space(fitted, problem):
    latents = fitted.transform(problem.data)
    assert latents.shape == (len(problem.data), latents.shape[1])
    for drawn in (
        fitted.sample(problem.data[:4]),
        fitted.sample(class_embeddings=problem.class_embeddings.iloc[:4]),
    ):
        assert drawn.shape == (4, latents.shape[1])
        assert np.isfinite(drawn).all()


def test_draws_stand_in_the_order_of_what_they_come_from(fitted, problem):
    counts = np.array([3, 0, 2])
    assert len(fitted.sample(problem.data[:3], n_samples=counts, random_state=0)) == 5
    table = problem.class_embeddings.iloc[[7, 2, 11]]
    many = np.full(3, 4000)
    means = fitted.sample(class_embeddings=table, n_samples=many, random_state=0)
    means = means.reshape(3, 4000, -1).mean(axis=1)
    for i in range(3):
        alone = fitted.sample(class_embeddings=table.iloc[[i]], n_samples=4000, random_state=1)
        nearest = np.linalg.norm(means - alone.mean(axis=0), axis=1).argmin()
        assert nearest == i


def test_a_seed_determines_the_draws(fitted, problem):
    first, second, other = (
        fitted.sample(problem.data[:5], n_samples=3, random_state=seed) for seed in (4, 4, 5)
    )
    assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_it_learns_nothing_from_classes_without_rows(source, problem, Xy):
    whole = clone(source).fit(*Xy, class_embeddings=problem.class_embeddings)
    seen = problem.class_embeddings.loc[problem.seen_classes]
    part = clone(source).fit(*Xy, class_embeddings=seen)
    assert_array_equal(part.transform(problem.data), whole.transform(problem.data))


def test_it_publishes_the_embeddings_that_it_was_fitted_with(fitted, source, problem, Xy):
    assert set(fitted.class_embeddings_.index) == set(problem.class_embeddings.index)
    assert clone(source).fit(*Xy).class_embeddings_ is None


def test_a_frozen_one_is_left_as_it_is_and_brings_its_embeddings(fitted, problem, Xy):
    before = pickle.dumps(fitted)
    frozen = FrozenEstimator(fitted)
    model = classifier_on(frozen).fit(*Xy)
    assert model.transformer_ is frozen
    assert_array_equal(model.unseen_classes_, problem.unseen_classes)
    assert pickle.dumps(fitted) == before
    expected = classifier_on(frozen, class_embeddings=problem.class_embeddings).fit(*Xy)
    assert_allclose(model.decision_function(Xy[0]), expected.decision_function(Xy[0]))


@pytest.mark.parametrize("resample", [True, False])
def test_a_frozen_classifier_is_left_as_it_is(source, problem, Xy, resample, monkeypatch):
    table = problem.class_embeddings
    soft = classifier_on(clone(source), class_embeddings=table).fit(*Xy).classifier_
    before = soft.coef_.copy()
    # So few that the set is drawn in several parts.
    monkeypatch.setattr("skcada._gzsl.latent_set.MAX_LATENTS", 50)
    model = classifier_on(source, class_embeddings=table)
    model.set_params(classifier=FrozenEstimator(soft), resample=resample).fit(*Xy)
    assert model.classifier_.estimator is soft
    assert_array_equal(soft.coef_, before)
    assert soft.n_iter_ == 2


def test_classes_of_several_descriptions_keep_their_labels(problem, Xy):
    table = problem.class_embeddings
    # The first unseen class has the second description only, so that it comes last in the draws.
    embeddings = {"a": table.drop(index=problem.unseen_classes[0]), "b": table}
    drawn = []

    class Recorder(CADAVAETransformer):
        def sample(self, X=None, *, class_embeddings=None, n_samples=1, random_state=None):
            latents = super().sample(
                X, class_embeddings=class_embeddings, n_samples=n_samples, random_state=random_state
            )
            if class_embeddings is not None and not isinstance(random_state, int):
                drawn.append((class_embeddings, latents))
            return latents

    class Nearest(SoftmaxClassifier):
        def fit(self, X, y):
            self.seen_ = (X, y)
            return super().fit(X, y)

    model = classifier_on(
        Recorder(8, max_iter=2, feature_encoder_layers=8, random_state=0),
        class_embeddings=embeddings,
    )
    model.set_params(classifier=Nearest(max_iter=1)).fit(*Xy)
    ((frames, latents),) = drawn
    assert isinstance(frames, dict)
    order = list(dict.fromkeys([*frames["a"].index, *frames["b"].index]))
    assert order[-1] == problem.unseen_classes[0]
    X, y = model.classifier_.seen_
    assert_array_equal(X[-len(latents) :], latents)
    assert_array_equal(y[-len(latents) :], np.repeat(order, 20))
