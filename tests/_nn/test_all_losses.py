"""What holds for every loss that something is trained on: its gradient, and that rows add up."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.func import functional_call

from skcada._nn.generators import (
    ConditionalVAE,
    Critic,
    classification_loss,
    conditional_vae_terms,
    critic_distance,
    gradient_penalty,
    mean_l2_error,
)
from skcada._nn.losses import (
    cross_alignment,
    kl_divergence,
    l1_error,
    l2_error,
    wasserstein_distance,
)
from skcada._nn.networks import AlignedVAE
from skcada._nn.objective import LossWeights, loss_terms
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
from skcada._nn.revise import contractive_penalty, mmd, similarity_loss, weighted_l2_error

N_ROWS, N_FEATURES, N_DIMENSIONS, N_CLASSES, LATENT_SIZE = 5, 4, 3, 6, 2
GENERATOR = torch.Generator().manual_seed(0)


def draw(*shape):
    return torch.randn(*shape, generator=GENERATOR, dtype=torch.float64)


ALIGNED = AlignedVAE(
    {"features": N_FEATURES, "embeddings": N_DIMENSIONS},
    LATENT_SIZE,
    encoder_layers=[[3], []],
    decoder_layers=[[], [3]],
    generator=torch.Generator(),
).double()
CONDITIONAL = ConditionalVAE(
    N_FEATURES,
    N_DIMENSIONS,
    LATENT_SIZE,
    encoder_layers=[3],
    decoder_layers=[],
    sees_embedding=True,
    generator=torch.Generator(),
).double()
CRITIC = Critic(N_FEATURES, N_DIMENSIONS, 3, torch.Generator()).double()
LOSS_WEIGHTS = LossWeights(beta=0.5, gamma=2.0, delta=3.0, reconstruction={"features": 0.7})


class Aligned(torch.nn.Module):
    """The objective of CADA-VAE as a function of weights, which torch.func asks for."""

    def __init__(self):
        super().__init__()
        self.network = ALIGNED

    def forward(self, rows, vectors, noise):
        terms = loss_terms(
            self.network,
            {0: rows, 1: vectors},
            {0: noise, 1: -noise},
            LOSS_WEIGHTS,
            reconstruction_error=l2_error,
            noise_kind="independent",
        )
        return terms.total(LOSS_WEIGHTS)


def conditional(rows, vectors, noise):
    return sum(conditional_vae_terms(CONDITIONAL, rows, vectors, noise, mean_l2_error))


def criticism(rows, generated, vectors):
    distance = critic_distance(CRITIC(rows, vectors), CRITIC(generated, vectors))
    between = CRITIC.features((rows + generated) / 2) + CRITIC.embedding(vectors)
    return distance + 10 * gradient_penalty(CRITIC.feature_gradients(between))


# Per loss: the function, and its arguments that have one entry per row. gradcheck asks for the
# gradient with respect to those of them that are floating-point numbers.
ROWS, RECONSTRUCTION = draw(N_ROWS, N_FEATURES), draw(N_ROWS, N_FEATURES)
VECTORS, NOISE = draw(N_ROWS, N_DIMENSIONS), draw(N_ROWS, LATENT_SIZE)
SCORES, CODES = draw(N_ROWS, N_CLASSES), torch.tensor([0, 1, 2, 3, 1])
KEYS = draw(N_ROWS, N_CLASSES).sigmoid()
RANKS, TABLE = rank_weights(N_CLASSES), draw(N_CLASSES, N_FEATURES)
LOSSES = {
    "l1": (l1_error, RECONSTRUCTION, ROWS),
    "l2": (l2_error, RECONSTRUCTION, ROWS),
    "mean l2": (mean_l2_error, RECONSTRUCTION, ROWS),
    "kl": (kl_divergence, ROWS, RECONSTRUCTION),
    "cross-alignment": (
        lambda a, b, x: cross_alignment([a, b], x, 1),
        ROWS,
        draw(N_ROWS, N_FEATURES),
        RECONSTRUCTION,
    ),
    "wasserstein": (
        lambda *gaussians: wasserstein_distance(*gaussians).sum(),
        *(draw(N_ROWS, LATENT_SIZE) for _ in range(4)),
    ),
    "classification": (
        lambda rows, codes: classification_loss(rows, codes, TABLE, TABLE[:, 0]),
        ROWS,
        CODES,
    ),
    "similarity": (lambda rows, codes: similarity_loss(rows, TABLE, codes), ROWS, CODES),
    "contractive": (lambda rows: contractive_penalty(torch.tanh(rows), TABLE.T), ROWS),
    "weighted l2": (
        lambda a, b, counts: weighted_l2_error(a, b, counts.exp()),
        RECONSTRUCTION,
        ROWS,
        KEYS[:, 0],
    ),
    "gradient penalty": (gradient_penalty, ROWS),
    "critic": (critic_distance, ROWS[:, 0], ROWS[:, 1]),
    "DeViSE": (lambda s, c: summed_hinge(s, c, 0.7), SCORES, CODES),
    "DeViSE, first": (lambda s, c, keys: first_hinge(s, c, 0.7, keys), SCORES, CODES, KEYS),
    "ALE": (lambda s, c: weighted_ranking(s, c, RANKS), SCORES, CODES),
    "ALE, sampled": (
        lambda s, c, keys: sampled_ranking(s, c, RANKS, keys),
        SCORES,
        CODES,
        KEYS,
    ),
    "SJE": (lambda s, c: structured_hinge(s, c, 0.7), SCORES, CODES),
    "SJE, by class": (structured_hinge, SCORES, CODES, KEYS + 0.5),
    "SynC": (one_versus_other, SCORES, CODES),
    "LatEm": (
        lambda a, b, c, keys: sampled_hinge(best_map_scores(torch.stack([a, b]), TABLE), c, keys),
        ROWS,
        RECONSTRUCTION,
        CODES,
        KEYS[:, 0],
    ),
}
# A discrepancy is none of single rows.
DISCREPANCIES = {
    "mmd": (lambda a, b: mmd(a, b, 0.3), ROWS, RECONSTRUCTION[:3]),
    "weighted mmd": (
        lambda a, b, shares: mmd(a, b, 0.3, shares.softmax(0)),
        ROWS,
        RECONSTRUCTION[:3],
        KEYS[:3, 0],
    ),
}
OBJECTIVES = {
    "CADA-VAE": (Aligned(), ROWS, VECTORS, NOISE),
    "CVAE": (conditional, ROWS, VECTORS, NOISE),
    "critic of f-CLSWGAN": (criticism, ROWS, RECONSTRUCTION, VECTORS),
}


@pytest.mark.parametrize(
    ("loss", "arguments"),
    [(f, a) for f, *a in (LOSSES | DISCREPANCIES).values()],
    ids=LOSSES | DISCREPANCIES,
)
def test_gradients_are_those_of_finite_differences(loss, arguments):
    arguments = [a.clone().requires_grad_(a.is_floating_point()) for a in arguments]
    # gradcheck raises an error that says where they differ.
    assert torch.autograd.gradcheck(loss, arguments, atol=1e-6, rtol=0)


def test_the_gradient_of_eq_7_is_that_of_finite_differences_for_all_weights():
    module, *arguments = OBJECTIVES["CADA-VAE"]
    weights = {name: draw(*weight.shape) for name, weight in module.named_parameters()}

    def evaluate(*values):
        return functional_call(module, dict(zip(weights, values, strict=True)), tuple(arguments))

    values = [value.requires_grad_() for value in weights.values()]
    assert torch.autograd.gradcheck(evaluate, values, atol=1e-5, rtol=0)


SUMS = LOSSES | OBJECTIVES


@pytest.mark.parametrize(("loss", "arguments"), [(f, a) for f, *a in SUMS.values()], ids=SUMS)
@settings(max_examples=20)
@given(end=st.integers(1, N_ROWS - 1), order=st.permutations(range(N_ROWS)))
def test_the_loss_of_rows_is_the_sum_of_the_losses_of_any_two_parts_of_them(
    loss, arguments, end, order
):
    parts = torch.tensor(order[:end]), torch.tensor(order[end:])
    with torch.no_grad():
        sums = [loss(*(argument[rows] for argument in arguments)) for rows in parts]
        torch.testing.assert_close(sum(sums), loss(*arguments))
