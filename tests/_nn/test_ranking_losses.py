"""Losses of scores: hand-computed cases, gradients, and how they relate to each other."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skcada._nn.ranking import (
    best_map_scores,
    first_hinge,
    one_versus_other,
    rank_weights,
    sampled_hinge,
    sampled_ranking,
    structured_hinge,
    summed_hinge,
    weighted_ranking,
)

N_ROWS, N_CLASSES = 6, 5


def draw_keys(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


KEYS = draw_keys(N_ROWS, N_CLASSES)


@pytest.fixture
def scores():
    return torch.randn(
        N_ROWS, N_CLASSES, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )


@pytest.fixture
def class_codes():
    return torch.tensor([0, 1, 2, 3, 4, 1])


def gradient_of(loss, values):
    values = values.clone().requires_grad_()
    return torch.autograd.grad(loss(values), values)[0]


@pytest.mark.parametrize(
    ("loss", "value", "gradient"),
    [
        (lambda s, c: summed_hinge(s, c, 0.1), 1.1, [[1, -1], [0, 0]]),
        (lambda s, c: structured_hinge(s, c, 1.0), 2.0, [[1, -1], [0, 0]]),
        (lambda s, c: weighted_ranking(s, c, rank_weights(2).float()), 2.0, [[1, -1], [0, 0]]),
    ],
    ids=["DeViSE", "SJE", "ALE"],
)
def test_the_loss_of_one_row_and_two_classes_is_the_one_computed_by_hand(loss, value, gradient):
    x, vectors, class_codes = torch.tensor([[1.0, 0.0]]), torch.eye(2), torch.tensor([1])

    def of_map(weights):
        return loss(x @ weights @ vectors.T, class_codes)

    assert_allclose(of_map(torch.eye(2)), value, rtol=1e-6)
    assert_allclose(gradient_of(of_map, torch.eye(2)), gradient, atol=1e-6)


def test_with_two_classes_devise_sje_and_ale_are_the_same(scores):
    scores, class_codes = scores[:, :2], torch.tensor([0, 1, 1, 0, 0, 1])
    weights = rank_weights(2)
    losses = [
        lambda s: summed_hinge(s, class_codes, 1.0),
        lambda s: structured_hinge(s, class_codes, 1.0),
        lambda s: weighted_ranking(s, class_codes, weights),
        lambda s: first_hinge(s, class_codes, 1.0, KEYS[:, :2]),
        lambda s: sampled_ranking(s, class_codes, weights, KEYS[:, :2]),
        lambda s: sampled_hinge(s, class_codes, KEYS[:, 0]),
    ]
    for loss in losses[1:]:
        assert_allclose(loss(scores), losses[0](scores), rtol=1e-12)
        assert_allclose(gradient_of(loss, scores), gradient_of(losses[0], scores), atol=1e-12)


def test_rank_weights_are_harmonic_numbers():
    weights = rank_weights(645)
    assert_allclose(
        weights[[0, 1, 2, 3, 10, 39, 149, 644]],
        [0, 1, 1.5, 1.8333, 2.9290, 4.2535, 5.5845, 7.0457],
        atol=5e-5,
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), margin=st.floats(0.1, 3))
def test_the_largest_hinge_is_at_most_their_sum_and_the_first_at_most_the_largest(seed, margin):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(N_ROWS, N_CLASSES, generator=generator, dtype=torch.float64)
    class_codes = torch.randint(N_CLASSES, (N_ROWS,), generator=generator)
    for row in range(N_ROWS):
        s, c = scores[[row]], class_codes[[row]]
        first = first_hinge(s, c, margin, KEYS[[row]])
        largest, total = structured_hinge(s, c, margin), summed_hinge(s, c, margin)
        assert 0 <= first <= largest <= total
        if total > 0:
            assert first > 0
    # With one violating class all three are its hinge.
    few = torch.zeros(1, N_CLASSES, dtype=torch.float64) - 2 * margin
    few[0, 3] = 0.5
    few[0, 0] = 0
    own = torch.tensor([0])
    for loss in (structured_hinge, summed_hinge):
        assert_allclose(loss(few, own, margin), margin + 0.5)
    assert_allclose(first_hinge(few, own, margin, KEYS[:1]), margin + 0.5)


LARGE = torch.tensor([[5.0, 0.0, 0.0], [0.0, 0.0, 7.0]])


@pytest.mark.parametrize(
    "loss",
    [
        lambda s, c: summed_hinge(s, c, 1.0),
        lambda s, c: first_hinge(s, c, 1.0, KEYS[:2, :3]),
        lambda s, c: weighted_ranking(s, c, rank_weights(3).float()),
        lambda s, c: sampled_ranking(s, c, rank_weights(3).float(), KEYS[:2, :3]),
        lambda s, c: structured_hinge(s, c, 1.0),
        lambda s, c: sampled_hinge(s, c, KEYS[:2, 0]),
    ],
)
def test_nothing_moves_where_every_margin_is_kept(loss):
    class_codes = torch.tensor([0, 2])
    assert loss(LARGE, class_codes) == 0
    assert not gradient_of(lambda s: loss(s, class_codes), LARGE).any()


def test_the_weight_of_all_ranks_is_that_of_the_first_draw_if_every_class_violates():
    scores = torch.zeros(1, 10, dtype=torch.float64)
    weights = rank_weights(10)
    own = torch.tensor([4])
    assert_allclose(sampled_ranking(scores, own, weights, draw_keys(1, 10)), weights[9])
    # Exactly, each of nine hinges of 1 has a ninth of that weight.
    assert_allclose(weighted_ranking(scores, own, weights), weights[9])


def test_the_sampled_rank_depends_on_the_number_of_draws():
    # The own class comes first, and classes are drawn in the order 1, 2, 3, 4.
    keys = torch.tensor([[0.0, 0.1, 0.2, 0.3, 0.4]], dtype=torch.float64)
    for violating, rank in ((1, 4), (2, 2), (3, 1), (4, 1)):
        scores = torch.full((1, 5), -2.0, dtype=torch.float64)
        scores[0, [0, violating]] = 0
        loss = sampled_ranking(scores, torch.tensor([0]), rank_weights(5), keys)
        assert_allclose(loss, rank_weights(5)[rank])


def test_every_other_class_is_sampled_alike_and_the_own_one_never():
    keys = (torch.arange(40) + 0.5) / 40
    scores, own = torch.tensor([[10.0, 20, 30, 40, 50]]), torch.tensor([2])
    hinges = [sampled_hinge(scores, own, keys[[i]]).item() for i in range(40)]
    values, counts = np.unique(hinges, return_counts=True)
    # Of the classes 0 and 1, which keep the margin, the hinge is 0.
    assert_array_equal(values, [0, 11, 21])
    assert_array_equal(counts, [20, 10, 10])


def test_a_single_class_has_no_loss():
    scores, own = torch.ones(3, 1), torch.zeros(3, dtype=torch.long)
    weights, keys = rank_weights(1).float(), torch.rand(3, 1)
    for loss in (
        summed_hinge(scores, own, 1.0),
        first_hinge(scores, own, 1.0, keys),
        weighted_ranking(scores, own, weights),
        sampled_ranking(scores, own, weights, keys),
        structured_hinge(scores, own, 1.0),
        sampled_hinge(scores, own, keys[:, 0]),
    ):
        assert loss == 0


def test_one_versus_other_is_the_squared_hinge_of_each_binary_classifier():
    scores, own = torch.tensor([[0.5, -2.0, 0.25]]), torch.tensor([0])
    assert_allclose(one_versus_other(scores, own), (0.5**2 + 0 + 1.25**2) / 3)


def test_the_best_of_several_maps_scores():
    generator = torch.Generator().manual_seed(0)
    rows, vectors = torch.randn(4, 5, generator=generator), torch.randn(3, 2, generator=generator)
    maps = torch.randn(3, 5, 2, generator=generator)
    scores = best_map_scores(rows @ maps, vectors)
    for row, c in np.ndindex(4, 3):
        by_hand = max((rows[row] @ each @ vectors[c]).item() for each in maps)
        assert_allclose(scores[row, c], by_hand, rtol=1e-5)
    assert_array_equal(best_map_scores(rows @ maps[:1], vectors), rows @ maps[0] @ vectors.T)
    two = (rows @ maps[:2] @ vectors.T).amax(dim=0)
    assert_allclose(best_map_scores(rows @ maps[:2], vectors), two, rtol=1e-5)
    # A further map can only raise scores, and the order of maps does not matter.
    assert (best_map_scores(rows @ maps[:2], vectors) <= scores + 1e-6).all()
    assert_array_equal(best_map_scores(rows @ maps.flip(0), vectors), scores)
