import torch

from skcada._nn import AlignedVAE


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
