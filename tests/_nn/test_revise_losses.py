"""The terms of the loss of ReViSE."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skcada._nn.revise import (
    CodeEncoder,
    ReViSENetwork,
    contractive_penalty,
    median_kappa,
    mmd,
    similarity_loss,
    squared_distances,
    weighted_l2_error,
)

samples = st.integers(1, 5).flatmap(
    lambda n: arrays(np.float64, (n, 3), elements=st.floats(-3, 3, width=32))
)


def tensors(*values):
    return [torch.tensor(value) for value in values]


def seeded(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def test_points_at_distance_one_have_the_discrepancy_computed_by_hand():
    a, b = torch.tensor([[0.0, 0.0]]), torch.tensor([[0.6, 0.8]])
    assert float(mmd(a, b, 1.0)) == pytest.approx(2 - 2 / math.e)
    assert float(mmd(a, b, 2.0)) == pytest.approx(2 - 2 / math.e**2)


@given(samples, samples, st.floats(0.01, 10))
def test_the_discrepancy_is_never_negative_and_symmetric(a, b, kappa):
    a, b = tensors(a, b)
    value = mmd(a, b, kappa)
    assert value > -1e-12
    torch.testing.assert_close(mmd(b, a, kappa), value)


@given(samples, st.floats(0.01, 10), st.randoms(use_true_random=False))
def test_a_sample_has_no_discrepancy_to_itself_in_another_order(a, kappa, random):
    order = list(range(len(a)))
    random.shuffle(order)
    (a,) = tensors(a)
    assert float(mmd(a, a[order], kappa)) == pytest.approx(0, abs=1e-12)


def test_the_order_within_samples_does_not_matter():
    a, b = seeded(6, 3), seeded(4, 3, seed=1)
    torch.testing.assert_close(mmd(a.flip(0), b.roll(1, 0), 0.5), mmd(a, b, 0.5))


def test_a_weighted_code_stands_for_as_many_equal_ones():
    a, b = seeded(6, 3), seeded(2, 3, seed=1)
    repeated = b[[0, 0, 0, 1]]
    weights = torch.tensor([0.75, 0.25], dtype=torch.float64)
    torch.testing.assert_close(mmd(a, b, 0.5, weights), mmd(a, repeated, 0.5))


def test_the_median_heuristic_does_not_depend_on_the_scale_of_the_codes():
    # Squared distances are 1, 4 and 9, whose median is 4.
    a, b = torch.tensor([[0.0], [1.0]]), torch.tensor([[3.0]])
    assert float(median_kappa(a, b)) == 0.25
    scaled = [1e-2 * codes for codes in (a, b)]
    torch.testing.assert_close(mmd(*scaled, median_kappa(*scaled)), mmd(a, b, median_kappa(a, b)))
    assert torch.isfinite(median_kappa(a[:1], a[:1].repeat(3, 1)))


@given(samples)
def test_squared_distances_are_those_of_a_loop(a):
    expected = [[((u - v) ** 2).sum() for v in a] for u in a]
    found = squared_distances(*tensors(a))
    torch.testing.assert_close(found, torch.tensor(np.array(expected)), atol=1e-9, rtol=1e-9)
    assert (found >= 0).all()


def test_the_contractive_penalty_is_the_norm_of_the_whole_jacobian():
    encoder = CodeEncoder(5, (), 4, torch.Generator().manual_seed(0)).double()
    rows = 3 * seeded(6, 5)
    expected = sum(
        torch.autograd.functional.jacobian(encoder, row[None]).square().sum() for row in rows
    )
    torch.testing.assert_close(contractive_penalty(encoder(rows), encoder.code.weight), expected)


def test_with_hidden_layers_the_contractive_penalty_is_that_of_the_last_layer():
    encoder = CodeEncoder(5, (7,), 4, torch.Generator().manual_seed(0)).double()
    hidden = torch.relu(encoder.hidden[0](seeded(6, 5)))
    jacobians = [
        torch.autograd.functional.jacobian(lambda h: torch.tanh(encoder.code(h)), row)
        for row in hidden
    ]
    found = contractive_penalty(encoder(seeded(6, 5)), encoder.code.weight)
    torch.testing.assert_close(found, sum(j.square().sum() for j in jacobians))


def test_a_reconstruction_counts_for_as_many_rows_as_its_weight():
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 4.0], [3.0, 1.0]])
    error = weighted_l2_error(a, b, torch.tensor([3.0, 2.0]))
    assert float(error) == pytest.approx(3 * (1 + 4) + 2 * 9)


def test_the_similarity_loss_is_the_summed_surprise_of_the_own_class():
    features, embeddings = torch.eye(2), torch.tensor([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    first = -math.log(math.e / (math.e + 2))
    second = -math.log(1 / (2 + math.e**2))
    loss = similarity_loss(features, embeddings, torch.tensor([0, 2]))
    assert float(loss) == pytest.approx(first + second)


def test_the_similarity_loss_does_not_depend_on_the_order_of_classes():
    features, embeddings, own = seeded(6, 3), seeded(4, 3, seed=1), torch.tensor([0, 1, 2, 3, 0, 1])
    order = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(
        similarity_loss(features, embeddings[order], order.argsort()[own]),
        similarity_loss(features, embeddings, own),
    )


def test_joint_codes_have_one_length_and_networks_one_seed():
    def make(seed):
        return ReViSENetwork(
            5,
            3,
            4,
            feature_layers=(6,),
            embedding_layers=(),
            generator=torch.Generator().manual_seed(seed),
        )

    network = make(0)
    lengths = network.features(torch.randn(7, 5, generator=torch.Generator().manual_seed(1)))
    torch.testing.assert_close(lengths.square().sum(dim=1), torch.full((7,), 8.0))
    same, other = make(0), make(1)
    assert torch.equal(same.features.map.weight, network.features.map.weight)
    assert not torch.equal(other.features.map.weight, network.features.map.weight)
    assert network.features.decoder(network.features.encoder(torch.zeros(2, 5))).shape == (2, 5)
