"""The training loop of maps from features to class embeddings."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from skcada._nn.ranking import structured_hinge, summed_hinge
from skcada._training import Trainer
from skcada._training.ranking import RankingObjective


def devise(scores, class_codes, draw):
    return summed_hinge(scores, class_codes, 1.0)


def sje(scores, class_codes, draw):
    return structured_hinge(scores, class_codes, 1.0)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(12, 5)).astype(np.float32)
    vectors = rng.normal(size=(4, 6)).astype(np.float32)
    return rows, np.repeat(np.arange(4), 3), vectors


def make_trainer(data, loss=devise, *, n_maps=1, batch_size=12, learning_rate=0.5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    objective = RankingObjective(
        *data,
        n_maps=n_maps,
        loss=loss,
        learning_rate=learning_rate,
        device=torch.device("cpu"),
        generator=generator,
    )
    return Trainer(objective, len(data[0]), batch_size=batch_size, generator=generator)


def test_a_step_follows_the_gradient_that_a_loop_over_rows_and_classes_finds(data):
    rows, class_codes, vectors = data
    trainer = make_trainer(data)
    # From zero, every other class violates the margin of every row.
    loss = trainer.run_epoch()["ranking"]
    assert_allclose(loss, 3)
    expected = np.zeros((5, 6))
    for x, own in zip(rows, class_codes, strict=True):
        for other in set(range(4)) - {own}:
            expected += 0.5 / 12 * np.outer(x, vectors[own] - vectors[other])
    assert_allclose(trainer.objective.averaged_maps(), [expected], atol=1e-6)


def test_maps_are_the_mean_of_those_after_each_epoch(data):
    short, long = make_trainer(data), make_trainer(data)
    iterates = []
    for _ in range(3):
        long.run_epoch()
        iterates.append([long.objective.maps.numpy().T @ long.objective.basis])
    assert_allclose(long.objective.averaged_maps(), np.mean(iterates, axis=0), atol=1e-5)
    short.run_epoch()
    assert_allclose(short.objective.averaged_maps(), iterates[0], atol=1e-6)


@pytest.mark.parametrize("n_maps", [1, 3])
def test_scores_are_those_of_the_maps(data, n_maps):
    trainer = make_trainer(data, sje, n_maps=n_maps, batch_size=5)
    trainer.run_epoch()
    rng = np.random.default_rng(1)
    rows, vectors = (rng.normal(size=shape).astype(np.float32) for shape in ((7, 5), (9, 6)))
    expected = (rows @ trainer.objective.averaged_maps() @ vectors.T).max(axis=0)
    assert_allclose(trainer.objective.score(rows, vectors), expected, atol=1e-5)


def test_an_epoch_without_a_violation_leaves_the_maps_bit_for_bit(data):
    trainer = make_trainer(data, lambda s, c, draw: summed_hinge(s * 1e6, c, 1.0))
    # Rows that say their class, so that every margin is kept.
    trainer.objective.rows = torch.eye(4, 5)[trainer.objective.class_codes]
    trainer.objective.maps[:, :4] = torch.linalg.lstsq(
        trainer.objective.vectors, torch.eye(4)
    ).solution
    before = trainer.objective.maps.clone()
    assert trainer.run_epoch() == {"ranking": 0}
    assert_array_equal(trainer.objective.maps, before)


def test_several_maps_begin_at_random_and_apart(data):
    one, same, other = (
        make_trainer(data, n_maps=2, seed=seed).objective.maps for seed in (0, 0, 1)
    )
    assert_array_equal(one, same)
    assert not np.allclose(one, other)
    assert not np.allclose(one[:4], one[4:])


def test_vectors_that_do_not_differ_leave_nothing_to_train(data):
    rows, class_codes, vectors = data
    trainer = make_trainer((rows, class_codes, vectors * 0))
    trainer.run_epoch()
    assert_array_equal(trainer.objective.averaged_maps(), np.zeros((1, 5, 6)))
