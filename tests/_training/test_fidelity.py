"""The training step against ten consecutive steps of the authors' code."""

import numpy as np
import pytest
import torch

from skcada import CADAVAETransformer
from skcada._classes.embeddings import ClassEmbeddings

RELATIVE = 1e-4
NOISE = ("eps_feature", "eps_embedding")


def golden_name(parameter):
    """Name a parameter of the network as the recording does."""
    coder, modality, *layer, kind = parameter.split(".")
    return f"{['feature', 'embedding'][int(modality)]}_{coder[:-1]}/{'.'.join(layer)}/{kind}"


def assert_weights(network, golden, moment):
    for name, weights in network.state_dict().items():
        expected = golden[f"{moment}/{golden_name(name)}"]
        np.testing.assert_allclose(weights.numpy(), expected, rtol=RELATIVE, err_msg=name)


def test_training_steps_reproduce_the_authors_code(shared_data):
    with np.load(shared_data / "golden" / "official_steps.npz") as archive:
        golden = dict(archive)
    # The trainer that fit makes from the parameters of the official recipe.
    n_epochs = 100
    transformer = CADAVAETransformer(
        latent_size=5,
        feature_encoder_layers=(16,),
        embedding_encoder_layers=(14,),
        feature_decoder_layers=(18,),
        embedding_decoder_layers=(9,),
        max_iter=n_epochs,
        batch_size=50,
        learning_rate=1.5e-4,
        feature_weight=1.0,
        precision="float32",
        device="cpu",
        random_state=0,
    )
    trainer = transformer._make_trainer(
        golden["x"][0], np.arange(10), ClassEmbeddings.parse(golden["a"][0])
    )
    objective = trainer.objective
    parameters = dict(objective.network.named_parameters())
    assert len(parameters) == sum(name.startswith("weights_before/") for name in golden)
    objective.network.load_state_dict(
        {
            name: torch.from_numpy(golden[f"weights_before/{golden_name(name)}"])
            for name in parameters
        }
    )

    for step, epoch in enumerate(golden["epochs"]):
        objective.begin_epoch(int(epoch))
        inputs, noise = (
            {m: torch.from_numpy(golden[key][step]) for m, key in enumerate(keys)}
            for keys in (("x", "a"), NOISE)
        )
        terms = objective.step([(inputs, noise)])
        assert terms["loss"].item() == pytest.approx(golden["loss"][step], rel=RELATIVE)
        if step == 0:
            assert_weights(objective.network, golden, "weights_after_step1")
    assert_weights(objective.network, golden, "weights_after_step10")
