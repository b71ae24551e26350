from dataclasses import replace

import pytest
import torch

from skcada._nn import AlignedVAE, LossTerms, LossWeights, loss_terms, term_names
from skcada._nn.losses import l1_error

MODALITIES = {"features": 6, "attributes": 3, "sentences": 5}


@pytest.fixture
def network():
    return AlignedVAE(
        MODALITIES,
        4,
        encoder_layers=[(8,)] * 3,
        decoder_layers=[(8,)] * 3,
        generator=torch.Generator().manual_seed(0),
    )


def compute_terms(network, weights):
    generator = torch.Generator().manual_seed(1)
    sizes = enumerate(MODALITIES.values())
    inputs = {m: torch.rand(7, size, generator=generator) for m, size in sizes}
    noise = {m: torch.randn(7, 1, generator=generator) for m in inputs}
    terms = loss_terms(
        network, inputs, noise, weights, reconstruction_error=l1_error, noise_kind="official"
    )
    return terms, inputs, noise


def test_total_weighs_every_term_of_equation_7(network):
    weights = LossWeights(beta=2.0, gamma=3.0, delta=5.0)
    terms, *_ = compute_terms(network, weights)
    named = terms.named()
    assert list(named) == term_names(list(MODALITIES), weights)
    factors = {"reconstruction": 1.0, "kl": 2.0, "cross": 3.0, "wasserstein": 5.0}
    expected = sum(factors[name.split("_")[0]] * term for name, term in named.items())
    torch.testing.assert_close(terms.total(weights), expected)
    # The reconstruction of a modality may count more, from whichever latent.
    weights = replace(weights, reconstruction={"attributes": 7.0})
    for name in ("reconstruction_attributes", "cross_reconstruction_attributes"):
        expected = expected + 6 * factors[name.split("_")[0]] * named[name]
    torch.testing.assert_close(terms.total(weights), expected)


def test_cross_reconstruction_decodes_every_other_latent(network):
    terms, inputs, noise = compute_terms(network, LossWeights(beta=1.0, gamma=1.0, delta=1.0))
    expected = 0.0
    for source in (0, 2):
        mean, log_var = network.encoders[source](inputs[source])
        latent = mean + log_var.exp() * noise[source]
        expected = expected + l1_error(network.decoders[1](latent), inputs[1])
    torch.testing.assert_close(terms.cross_reconstruction["attributes"], expected)


def test_terms_of_weight_zero_are_not_computed(network):
    terms, *_ = compute_terms(network, LossWeights(beta=0.0, gamma=0.0, delta=0.0))
    assert not terms.cross_reconstruction
    assert not terms.wasserstein
    with_cross, *_ = compute_terms(network, LossWeights(beta=0.0, gamma=1.0, delta=0.0))
    for name, term in terms.reconstruction.items():
        torch.testing.assert_close(term, with_cross.reconstruction[name])


def test_terms_are_named_after_their_kind_and_modalities():
    weights = LossWeights(beta=1.0, gamma=0.0, delta=1.0)
    assert term_names(["features", "words"], weights) == [
        "reconstruction_features",
        "reconstruction_words",
        "kl_features",
        "kl_words",
        "wasserstein_features_words",
    ]
    assert term_names(["features", "words"], replace(weights, gamma=1.0, delta=0.0)) == [
        "reconstruction_features",
        "reconstruction_words",
        "kl_features",
        "kl_words",
        "cross_reconstruction_features",
        "cross_reconstruction_words",
    ]


def test_terms_of_batches_add_up_where_both_have_them():
    def terms(value, *modalities):
        return LossTerms(
            reconstruction={m: torch.tensor(value) for m in modalities},
            kl={m: torch.tensor(10 * value) for m in modalities},
            cross_reconstruction={m: torch.tensor(100 * value) for m in modalities},
            wasserstein={("a", m): torch.tensor(1000 * value) for m in modalities},
        )

    total = terms(1.0, "a", "b") + terms(2.0, "b", "c")
    sums = {"a": 1.0, "b": 3.0, "c": 2.0}
    assert total.reconstruction == sums
    assert total.kl == {m: 10 * value for m, value in sums.items()}
    assert total.cross_reconstruction == {m: 100 * value for m, value in sums.items()}
    assert total.wasserstein == {("a", m): 1000 * value for m, value in sums.items()}
