import pytest
import torch

from skcada._nn import AlignedVAE
from skcada._nn.generators import ConditionalVAE, FeatureGenerator, normal_linear
from skcada._nn.revise import ReViSENetwork


def make(seed):
    return AlignedVAE(
        {"features": 6, "word.vectors": 3},
        4,
        encoder_layers=[(8, 7), ()],
        decoder_layers=[(5,), (9, 9)],
        generator=torch.Generator().manual_seed(seed),
    )


def test_weights_come_from_the_generator_and_leave_the_global_one_alone():
    state = torch.get_rng_state()
    one, same, other = make(0), make(0), make(1)
    assert torch.equal(torch.get_rng_state(), state)
    for a, b, c in zip(one.parameters(), same.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
        assert a.ndim == 1 or not torch.equal(a, c)  # biases are zero


def test_any_depth_of_hidden_layers():
    network = make(0)
    mean, log_var = network.encoders[0](torch.ones(2, 6))
    assert mean.shape == log_var.shape == (2, 4)
    assert network.encoders[1](torch.ones(2, 3))[0].shape == (2, 4)
    assert network.decoders[1](mean).shape == (2, 3)
    assert [layer.out_features for layer in network.encoders[0].hidden] == [8, 7]


def test_initial_weights_are_xavier_uniform_with_gain_one_half():
    weight = (
        AlignedVAE(
            {"features": 200, "embeddings": 2},
            4,
            encoder_layers=[(300,), ()],
            decoder_layers=[(), ()],
            generator=torch.Generator().manual_seed(0),
        )
        .encoders[0]
        .hidden[0]
        .weight
    )
    bound = 0.5 * (6 / (200 + 300)) ** 0.5
    assert 0.99 * bound < weight.abs().max() <= bound


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (
            AlignedVAE,
            {
                "input_sizes": {"features": 20, "words": 3},
                "latent_size": 4,
                "encoder_layers": [(8, 7), ()],
                "decoder_layers": [(5,), (9, 9)],
            },
        ),
        (
            ConditionalVAE,
            {
                "n_features": 20,
                "n_dimensions": 3,
                "latent_size": 4,
                "encoder_layers": (8, 7),
                "decoder_layers": (5,),
                "sees_embedding": True,
            },
        ),
        (
            FeatureGenerator,
            {
                "n_features": 20,
                "n_dimensions": 3,
                "noise_size": 4,
                "layers": (8, 7),
                "is_rectified": True,
            },
        ),
        (
            ReViSENetwork,
            {
                "n_features": 20,
                "n_dimensions": 3,
                "latent_size": 4,
                "feature_layers": (8, 7),
                "embedding_layers": (5,),
            },
        ),
    ],
)
def test_the_architecture_makes_the_same_network_without_weights(kind, settings):
    network = kind(**settings, generator=torch.Generator().manual_seed(0))
    empty = kind(**network.architecture, generator=None)
    assert all(weight.is_meta for weight in empty.state_dict().values())
    empty.load_state_dict(network.state_dict(), assign=True)
    for (name, one), (_, other) in zip(network.named_modules(), empty.named_modules(), strict=True):
        assert repr(one) == repr(other), name
    assert network.architecture == empty.architecture
    names = [name for name in ("latent_size", "noise_size") if hasattr(network, name)]
    assert [getattr(network, name) for name in names] == [4]
    # Of plain parts only, which any format stores.
    layers = [value for key, value in network.architecture.items() if key.endswith("layers")]
    assert all(type(value) is list for value in layers)


def test_first_weights_of_f_clswgan_are_small_and_normal():
    layer = normal_linear(200, 300, torch.Generator().manual_seed(0))
    assert layer.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert abs(layer.weight.mean().item()) < 3e-4
    assert not layer.bias.any()
    assert normal_linear(20, 30, torch.Generator(), bias=False).bias is None
    assert normal_linear(20, 30, None, bias=False).weight.shape == (30, 20)


def test_decoders_of_revise_mirror_the_encoders():
    network = ReViSENetwork(
        20, 3, 4, feature_layers=(8, 7), embedding_layers=(), generator=torch.Generator()
    )
    assert [layer.out_features for layer in network.features.decoder.hidden] == [7, 8]
    assert not network.embeddings.decoder.hidden
