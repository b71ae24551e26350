"""The training of ReViSE."""

import numpy as np
import pytest
import torch

from skcada._nn.revise import ReViSENetwork, contractive_penalty, median_kappa, mmd
from skcada._training.revise import ReViSEObjective
from skcada._training.trainer import Trainer

CLASS_CODES = torch.tensor([0, 3, 1, 1, 3, 3, 0, 2, 2, 1])


@pytest.fixture
def objective():
    generator = torch.Generator().manual_seed(0)
    network = ReViSENetwork(6, 5, 3, feature_layers=(), embedding_layers=(), generator=generator)
    return ReViSEObjective(
        network,
        torch.randn(10, 6, generator=generator),
        CLASS_CODES,
        torch.randn(4, 5, generator=generator),
        alpha=2.0,
        beta=3.0,
        contraction=0.5,
        learning_rate=0.01,
    )


def test_the_terms_of_a_batch_are_those_of_its_rows_one_by_one(objective):
    objective.begin_epoch(0)
    positions = torch.tensor([7, 1, 4, 2, 5])
    (batch,) = objective.compose([positions], torch.Generator())
    loss, terms = objective.loss(batch)
    features, embeddings = objective.network.features, objective.network.embeddings
    x, own = objective.rows[positions], CLASS_CODES[positions]
    a = objective.vectors[own]
    codes, class_codes = features.encoder(x), embeddings.encoder(a)
    # Classes 1, 2 and 3 are those of the batch; class 0 takes no part.
    logits = features(x) @ embeddings(objective.vectors[1:]).T
    kappa = median_kappa(
        features.encoder(objective.rows), embeddings.encoder(objective.vectors[CLASS_CODES])
    )
    feature_error = (features.decoder(codes) - x).square().sum()
    embedding_error = (embeddings.decoder(class_codes) - a).square().sum()
    expected = {
        "similarity": -logits.log_softmax(dim=1)[torch.arange(5), own - 1].sum(),
        "reconstruction_features": feature_error / objective.rows.var(0, correction=0).sum(),
        "reconstruction_embeddings": embedding_error / objective.vectors.var(0, correction=0).sum(),
        "contraction": contractive_penalty(codes, features.encoder.code.weight),
        "mmd": 5 * mmd(codes, class_codes, kappa),
    }
    weights = (1, 2, 2, 1, 3)
    for name, value in expected.items():
        torch.testing.assert_close(terms[name], value)
    total = sum(weight * value for weight, value in zip(weights, expected.values(), strict=True))
    torch.testing.assert_close(loss, total)
    torch.testing.assert_close(terms["loss"], total)


def test_batches_of_an_epoch_hold_the_classes_of_their_rows(objective):
    parts = torch.tensor([3, 0, 9, 5, 1, 2, 8]).split([3, 4])
    for positions, batch in zip(parts, objective.compose(parts, torch.Generator()), strict=True):
        assert torch.equal(batch.rows, positions)
        assert torch.equal(batch.classes[batch.class_codes], CLASS_CODES[positions])
        counts = CLASS_CODES[positions].bincount(minlength=4)
        assert torch.equal(batch.counts, counts[counts > 0].float())


def test_training_goes_on_from_its_state(objective):
    def make_trainer():
        return Trainer(objective, 10, batch_size=4, generator=torch.Generator().manual_seed(1))

    trainer = make_trainer()
    trainer.run_epoch()
    state = trainer.state()
    expected = trainer.run_epoch()
    other = make_trainer()
    other.load(state)
    assert other.run_epoch() == expected


def test_equal_rows_and_a_single_class_leave_nothing_to_reconstruct():
    generator = torch.Generator().manual_seed(0)
    objective = ReViSEObjective(
        ReViSENetwork(2, 3, 2, feature_layers=(), embedding_layers=(), generator=generator),
        torch.ones(4, 2),
        torch.zeros(4, dtype=torch.long),
        torch.ones(1, 3),
        alpha=1.0,
        beta=1.0,
        contraction=0.0,
        learning_rate=0.01,
    )
    terms = Trainer(objective, 4, batch_size=2, generator=generator).run_epoch()
    assert terms["similarity"] == 0
    assert np.isfinite(list(terms.values())).all()
