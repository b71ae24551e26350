"""Losses of models that generate features: hand-computed cases and gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch import nn
from torch.nn import functional

from skcada._nn.generators import (
    ConditionalVAE,
    Critic,
    FeatureGenerator,
    classification_loss,
    conditional_vae_terms,
    critic_distance,
    gradient_penalty,
    make_regressor,
    mean_l2_error,
)
from skcada._nn.losses import kl_divergence, l2_error

N_ROWS, N_FEATURES, N_DIMENSIONS = 7, 5, 3


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed), dtype=torch.float64)


@pytest.fixture
def critic():
    critic = Critic(N_FEATURES, N_DIMENSIONS, 11, seeded()).double()
    with torch.no_grad():  # larger than first weights, so that all terms count
        for i, parameter in enumerate(critic.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=i))
    return critic


@pytest.mark.parametrize(
    ("mean", "log_var", "nats"), [(0.0, 0.0, 0.0), (1.0, 0.0, 0.5), (0.0, np.log(4), 0.8069)]
)
def test_kl_divergences_are_those_computed_by_hand(mean, log_var, nats):
    assert_allclose(
        kl_divergence(torch.tensor([[mean]]), torch.tensor([[log_var]])), nats, atol=1e-4
    )


def test_a_linear_critic_has_the_penalty_of_its_weights():
    critic = Critic(N_FEATURES, N_DIMENSIONS, 1, seeded()).double()
    weight = normal(1, N_FEATURES, seed=4)
    with torch.no_grad():
        critic.features.weight.copy_(weight)
        critic.out.weight.fill_(1.0)
    # A bias that keeps the hidden unit in its linear part, whatever the rows.
    gradients = critic.feature_gradients(torch.full((N_ROWS, 1), 100.0, dtype=torch.float64))
    expected = N_ROWS * (float(weight.norm()) - 1) ** 2
    assert_allclose(gradient_penalty(gradients).item(), expected)
    unit = gradients / gradients.norm(dim=1, keepdim=True)
    assert_allclose(gradient_penalty(unit).item(), 0, atol=1e-12)


def test_gradients_of_the_critic_are_those_that_autograd_finds_twice(critic):
    rows = normal(N_ROWS, N_FEATURES, seed=8).requires_grad_()
    vectors = normal(N_ROWS, N_DIMENSIONS, seed=9)
    (found,) = torch.autograd.grad(critic(rows, vectors).sum(), rows, create_graph=True)
    hidden = critic.features(rows) + critic.embedding(vectors)
    closed = critic.feature_gradients(hidden)
    assert_allclose(closed.detach(), found.detach(), rtol=1e-12)
    parameters = [critic.features.weight, critic.out.weight]
    expected = torch.autograd.grad(gradient_penalty(found), parameters)
    for one, other in zip(
        torch.autograd.grad(gradient_penalty(closed), parameters), expected, strict=True
    ):
        assert_allclose(one, other, rtol=1e-10)


def test_the_hidden_layer_of_a_mixture_is_the_mixture_of_hidden_layers(critic):
    rows, others = normal(N_ROWS, N_FEATURES, seed=8), normal(N_ROWS, N_FEATURES, seed=9)
    vectors, mix = normal(N_ROWS, N_DIMENSIONS, seed=10), torch.rand(N_ROWS, 1).double()
    one, other, both = (
        critic.features(x) + critic.embedding(vectors)
        for x in (rows, others, torch.lerp(others, rows, mix))
    )
    assert_allclose(torch.lerp(other, one, mix).detach(), both.detach())


def test_equal_rows_leave_the_penalty_alone(critic):
    scores = critic(normal(N_ROWS, N_FEATURES), normal(N_ROWS, N_DIMENSIONS))
    assert critic_distance(scores, scores).item() == 0
    assert_allclose(critic_distance(scores, scores + 2).item(), 2 * N_ROWS)


def test_the_classification_loss_is_the_log_of_the_own_probability():
    rows, coef, bias = normal(3, N_FEATURES), normal(4, N_FEATURES), normal(4)
    codes = torch.tensor([1, 3, 0])
    logits = (rows @ coef.T + bias).numpy()
    expected = sum(
        np.log(np.exp(row).sum()) - row[code] for row, code in zip(logits, codes, strict=True)
    )
    assert_allclose(classification_loss(rows, codes, coef, bias), expected)


@settings(max_examples=20)
@given(st.integers(1, 50))
def test_the_mean_error_is_the_summed_one_over_the_features(n_features):
    one, other = normal(4, n_features, seed=1), normal(4, n_features, seed=2)
    assert_allclose(mean_l2_error(one, other) * n_features, l2_error(one, other))


def vae(*, sees_embedding):
    return ConditionalVAE(
        N_FEATURES,
        N_DIMENSIONS,
        2,
        encoder_layers=[6],
        decoder_layers=[4],
        sees_embedding=sees_embedding,
        generator=seeded(),
    ).double()


@pytest.mark.parametrize("sees_embedding", [True, False])
def test_an_encoder_reads_embeddings_only_where_it_is_to(sees_embedding):
    network, rows = vae(sees_embedding=sees_embedding), normal(N_ROWS, N_FEATURES)
    one, other = (network.encode(rows, normal(N_ROWS, N_DIMENSIONS, seed=s))[0] for s in (1, 2))
    assert torch.equal(one, other) == (not sees_embedding)


def test_a_mask_leaves_out_units_of_the_first_hidden_layer():
    network, rows = vae(sees_embedding=False), normal(N_ROWS, N_FEATURES)
    vectors, noise = normal(N_ROWS, N_DIMENSIONS), normal(N_ROWS, 2, seed=3)
    mask = torch.tensor([1.0, 0, 1, 0, 0, 2]).expand(N_ROWS, 6)
    masked = conditional_vae_terms(network, rows, vectors, noise, l2_error, mask)
    with torch.no_grad():
        for layer in (network.encoder.mu, network.encoder.logvar):
            layer.weight.mul_(mask[0])
    expected = conditional_vae_terms(network, rows, vectors, noise, l2_error)
    for one, other in zip(masked, expected, strict=True):
        assert_allclose(one.item(), other.item())


def losses_of_weights():
    """Return each loss as a function without arguments, and the weights that it depends on."""
    rows, vectors = normal(N_ROWS, N_FEATURES, seed=1), normal(N_ROWS, N_DIMENSIONS, seed=2)
    noise, codes = normal(N_ROWS, 2, seed=3), torch.arange(N_ROWS) % 4
    coef, bias = normal(4, N_FEATURES, seed=4), normal(4, seed=5)
    network = vae(sees_embedding=True)
    generator = FeatureGenerator(
        N_FEATURES, N_DIMENSIONS, 2, layers=[6], is_rectified=False, generator=seeded()
    ).double()
    critic = Critic(N_FEATURES, N_DIMENSIONS, 6, seeded()).double()
    regressor = make_regressor(N_FEATURES, [6], N_DIMENSIONS, seeded()).double()
    for module in (network, generator, critic, regressor):
        with torch.no_grad():
            for i, parameter in enumerate(module.parameters()):
                parameter.copy_(normal(*parameter.shape, seed=20 + i) / 2)

    def adversarial():
        made = generator.generate(noise, vectors)
        cross_entropy = classification_loss(made, codes, coef, bias)
        return -critic(made, vectors).sum() + 0.3 * cross_entropy

    def penalised():
        hidden = critic.features(rows) + critic.embedding(vectors)
        distance = critic_distance(critic.score(hidden), critic(-rows, vectors))
        return distance + 10 * gradient_penalty(critic.feature_gradients(hidden))

    return {
        "vae": (
            lambda: sum(conditional_vae_terms(network, rows, vectors, noise, l2_error)),
            network,
        ),
        "vae, mean": (
            lambda: sum(conditional_vae_terms(network, rows, vectors, noise, mean_l2_error)),
            network,
        ),
        "generator": (adversarial, generator),
        "critic": (penalised, critic),
        "regressor": (lambda: l2_error(regressor(rows), vectors), regressor),
        "feedback": (
            lambda: l2_error(regressor(network.generate(noise, vectors)), vectors),
            network.decoder,
        ),
        "latent feedback": (
            lambda: l2_error(network.encode(network.generate(noise, vectors), vectors)[0], noise),
            # Its mean alone: the variance has no part in it.
            nn.ModuleList([network.decoder, network.encoder.hidden, network.encoder.mu]),
        ),
    }


@pytest.mark.parametrize("name", losses_of_weights())
def test_gradients_agree_with_finite_differences(name):
    loss, module = losses_of_weights()[name]
    parameters = list(module.parameters())
    gradients = torch.autograd.grad(loss(), parameters)
    rng = np.random.default_rng(0)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        i = tuple(rng.integers(size) for size in parameter.shape)
        around = []
        for step in (1e-6, -1e-6):
            with torch.no_grad():
                parameter[i] += step
            around.append(loss().item())
            with torch.no_grad():
                parameter[i] -= step
        assert_allclose(gradient[i], (around[0] - around[1]) / 2e-6, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("is_rectified", [True, False])
def test_a_generator_is_what_its_equation_says(is_rectified):
    network = FeatureGenerator(
        N_FEATURES, N_DIMENSIONS, 2, layers=[6], is_rectified=is_rectified, generator=seeded()
    ).double()
    noise, vectors = normal(N_ROWS, 2), normal(N_ROWS, N_DIMENSIONS)
    first, last = network.layers
    hidden = torch.cat([noise, vectors], dim=1) @ first.weight.T
    expected = torch.where(hidden > 0, hidden, 0.2 * hidden) @ last.weight.T
    if is_rectified:
        expected = functional.relu(expected)
    assert_allclose(network.generate(noise, vectors).detach(), expected.detach())
