"""Properties of every latent source, alone and as the transformer of a classifier."""

import pickle

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from tenants import classifier_on

from skcada.alignment import LatentSource
from skcada.inspection import LatentSpaceDisplay


@pytest.fixture
def fitted(source, problem, Xy):
    return source.fit(*Xy, class_embeddings=problem.class_embeddings)


def test_it_follows_the_protocol(source):
    assert isinstance(source, LatentSource)


def test_latents_of_rows_and_of_embeddings_lie_in_one_space(fitted, problem):
    latents = fitted.transform(problem.data)
    assert latents.ndim == 2
    assert len(latents) == len(problem.data)
    for drawn in (
        fitted.sample(problem.data[:4]),
        fitted.sample(class_embeddings=problem.class_embeddings.iloc[:4]),
    ):
        assert drawn.shape == (4, latents.shape[1])
        assert np.isfinite(drawn).all()


def test_latents_of_embeddings_are_sorted_by_class_and_lie_among_those_of_rows(
    aligner, problem, Xy
):
    table = problem.class_embeddings.sample(frac=1, random_state=0)
    latents = aligner.fit(*Xy, class_embeddings=table).transform_embeddings()
    assert_array_equal(latents.index, np.sort(table.index))
    again = aligner.transform_embeddings(table)
    pd.testing.assert_frame_equal(again.loc[latents.index], latents, check_names=False)
    assert latents.shape == (len(table), aligner.transform(Xy[0]).shape[1])
    few = table.iloc[:3]
    draws = aligner.sample(class_embeddings=few, n_samples=4000, random_state=0)
    means = draws.reshape(3, 4000, -1).mean(axis=1)
    distances = np.linalg.norm(means[:, None] - again.loc[few.index].to_numpy(), axis=2)
    assert_array_equal(distances.argmin(axis=1), [0, 1, 2])


def test_latents_of_embeddings_are_displayed_with_those_of_rows(aligner, problem, Xy):
    model = classifier_on(aligner, class_embeddings=problem.class_embeddings).fit(*Xy)
    display = LatentSpaceDisplay.from_estimator(model, *Xy, ax=Figure().subplots())
    assert_array_equal(display.embeddings.index, model.classes_)
    assert_array_equal(display.labels, Xy[1])
    points = [display.features, display.embeddings]
    latents = [model.transformer_.transform(Xy[0]), model.transformer_.transform_embeddings()]
    assert_allclose(np.vstack(points), PCA(2).fit_transform(np.vstack(latents)), atol=1e-4)


def test_draws_of_classes_are_displayed_with_latents_of_rows(generator, problem, Xy):
    # Neither the order of the table nor the kind of source may change which class a draw is of.
    table = problem.class_embeddings.sample(frac=1, random_state=0)
    model = classifier_on(generator, class_embeddings=table).fit(*Xy)
    display = LatentSpaceDisplay.from_estimator(
        model, *Xy, n_generated=3, random_state=0, ax=Figure().subplots()
    )
    assert_array_equal(display.embeddings.index, model.classes_)
    assert_array_equal(display.generated.index, np.repeat(model.classes_, 3))
    source = model.transformer_
    draws = source.sample(class_embeddings=table.loc[model.classes_], n_samples=3, random_state=0)
    latents = np.vstack([source.transform(Xy[0]), draws])
    points = np.vstack([display.features, display.generated])
    assert_allclose(points, PCA(2).fit_transform(latents), atol=1e-4)
    means = display.generated.to_numpy().reshape(-1, 3, 2).mean(axis=1)
    assert_allclose(display.embeddings, means, atol=1e-6)


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
    for rows in ({"X": problem.data[:5]}, {"class_embeddings": problem.class_embeddings[:5]}):
        first, second = (fitted.sample(**rows, n_samples=3, random_state=4) for _ in range(2))
        assert_array_equal(first, second)


def test_other_seeds_give_other_draws(stochastic, problem, Xy):
    stochastic.fit(*Xy, class_embeddings=problem.class_embeddings)
    first, other = (
        stochastic.sample(class_embeddings=problem.class_embeddings, random_state=seed)
        for seed in (4, 5)
    )
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
