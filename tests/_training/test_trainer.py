"""The loop over epochs that all trainings share, and its state."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from skcada._nn.generators import ConditionalVAE, Critic, FeatureGenerator, make_regressor
from skcada._nn.losses import l2_error
from skcada._nn.schedules import Ramp
from skcada._training import NonFiniteLossError, Objective, SoftmaxObjective, Trainer
from skcada._training.cmt import CMTObjective
from skcada._training.generators import CLSWGANObjective, CVAEObjective, Rows, SEObjective
from skcada._training.ranking import RankingObjective

N_ROWS, N_FEATURES, N_CLASSES = 40, 6, 5


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def draw_data():
    features = torch.randn(N_ROWS, N_FEATURES, generator=seeded(1))
    return Rows(
        features,
        torch.arange(N_ROWS) % N_CLASSES,
        torch.randn(N_CLASSES, 3, generator=seeded(2)),
    )


def autoencoder(*, sees_embedding):
    return ConditionalVAE(
        N_FEATURES,
        3,
        2,
        encoder_layers=[8],
        decoder_layers=[8],
        sees_embedding=sees_embedding,
        generator=seeded(),
    )


def make_cvae(generator, **settings):
    return CVAEObjective(
        autoencoder(sees_embedding=True),
        draw_data(),
        **{"reconstruction_error": l2_error, "dropout": 0.3, "learning_rate": 1e-2} | settings,
    )


def make_se(generator, **settings):
    weights = {"feedback": 0.5, "latent_feedback": 0.5, "regressor_feedback": Ramp(0.5, 0, 0.5)}
    return SEObjective(
        autoencoder(sees_embedding=False),
        make_regressor(N_FEATURES, [8], 3, seeded(5)),
        draw_data(),
        draw_data().vectors,
        **weights | {"max_iter": 4, "learning_rate": 1e-2} | settings,
    )


def make_wgan(generator, **settings):
    return CLSWGANObjective(
        FeatureGenerator(N_FEATURES, 3, 2, layers=[8], is_rectified=False, generator=seeded()),
        Critic(N_FEATURES, 3, 8, seeded(6)),
        draw_data(),
        torch.randn(N_CLASSES, N_FEATURES, generator=seeded(7)),
        torch.zeros(N_CLASSES),
        **{
            "penalty_weight": 10.0,
            "classification_weight": 0.1,
            "n_critic": 2,
            "learning_rate": 1e-2,
        }
        | settings,
    )


def make_softmax(generator):
    data = draw_data()
    return SoftmaxObjective(
        data.features, data.class_codes, N_CLASSES, learning_rate=1e-2, generator=generator
    )


def make_ranking(generator):
    data = draw_data()

    def loss(scores, class_codes, draw):
        return (scores * draw(scores.shape)).square().sum()

    return RankingObjective(
        *(each.numpy() for each in data),
        n_maps=2,
        loss=loss,
        learning_rate=1e-2,
        device=torch.device("cpu"),
        generator=generator,
    )


def make_cmt(solver):
    def make(generator):
        return CMTObjective(
            *(each.numpy() for each in draw_data()),
            hidden_size=8,
            alpha=1e-4,
            solver=solver,
            learning_rate=1e-2,
            device=torch.device("cpu"),
            generator=generator,
        )

    return make


OBJECTIVES = {
    "CVAE": make_cvae,
    "SE": make_se,
    "f-CLSWGAN": make_wgan,
    "softmax": make_softmax,
    "ranking": make_ranking,
    "CMT": make_cmt("adam"),
    "CMT, L-BFGS": make_cmt("lbfgs"),
}


def make_trainer(make, batch_size=8):
    generator = seeded()
    return Trainer(make(generator), N_ROWS, batch_size=batch_size, generator=generator)


@pytest.mark.parametrize("make", OBJECTIVES.values(), ids=OBJECTIVES)
def test_a_training_goes_on_from_its_state_as_if_it_had_never_stopped(make):
    whole, first, second = (make_trainer(make) for _ in range(3))
    expected = [whole.run_epoch() for _ in range(4)][2:]
    for _ in range(2):
        first.run_epoch()
    second.load(pickle.loads(pickle.dumps(first.state())))
    # Arrays of the state are copies, which further training leaves alone.
    first.run_epoch()
    assert [second.run_epoch() for _ in range(2)] == expected
    for name, tensor in whole.objective.tensors.items():
        assert_array_equal(second.objective.tensors[name].detach(), tensor.detach(), name)
    assert second.n_epochs == 4


@pytest.mark.parametrize("make", OBJECTIVES.values(), ids=OBJECTIVES)
def test_a_training_lowers_its_loss(make):
    trainer = make_trainer(make)
    name = trainer.objective.columns[-1]
    first = trainer.run_epoch()[name]
    for _ in range(30):
        last = trainer.run_epoch()[name]
    assert last < first


class Recorder(Objective):
    """Record the rows of each batch, and add one number per row."""

    def __init__(self, weight=0.0):
        self.tensors = {"weight": torch.tensor([weight])}
        self.batches = []

    def step(self, batch):
        self.batches.append(batch)
        return {"loss": batch.sum().float()}


@pytest.mark.parametrize(("batch_size", "n_batches"), [(4, 3), (10, 1), (None, 1)])
def test_an_epoch_visits_each_row_once_and_reports_means_over_rows(batch_size, n_batches):
    trainer = Trainer(Recorder(), 10, batch_size=batch_size, generator=seeded())
    assert trainer.run_epoch() == {"loss": 4.5}
    batches = trainer.objective.batches
    assert len(batches) == n_batches
    assert sorted(torch.cat(batches).tolist()) == list(range(10))
    if batch_size is None:
        assert batches[0].tolist() == list(range(10))


def test_weights_that_are_not_finite_are_reported_though_losses_are():
    trainer = Trainer(Recorder(np.inf), 10, batch_size=4, generator=seeded())
    with pytest.raises(NonFiniteLossError, match="'loss' became non-finite in epoch 1"):
        trainer.run_epoch()


def test_the_first_term_that_is_not_finite_is_named():
    class Diverging(Recorder):
        columns = ("one", "other", "loss")

        def step(self, batch):
            values = (1.0, 1.0, 1.0) if len(self.batches) < 2 else (np.nan, np.nan, np.nan)
            self.batches.append(batch)
            terms = dict(zip(self.columns, map(torch.tensor, values), strict=True))
            if len(self.batches) == 2:
                terms["other"] = torch.tensor(np.inf)
            return terms

    trainer = Trainer(Diverging(), 12, batch_size=3, generator=seeded())
    with pytest.raises(NonFiniteLossError, match="'other' became"):
        trainer.run_epoch()


def parameters_of(*modules):
    return [p.detach().clone() for module in modules for p in module.parameters()]


def assert_moved(module, before, *, is_moved):
    same = [torch.equal(a, b) for a, b in zip(parameters_of(module), before, strict=True)]
    assert not any(same) if is_moved else all(same)


def first_batch(objective):
    (batch,) = objective.compose([torch.arange(N_ROWS)], seeded(9))
    return batch


def test_each_step_of_se_leaves_the_other_network_as_it_is():
    objective = make_se(None)
    objective.begin_epoch(3)
    rows, _, latents, classes = first_batch(objective)
    targets = objective.feedback_vectors[classes]
    generated = objective.network.generate(latents, targets)
    before = parameters_of(objective.network), parameters_of(objective.regressor)
    data = objective.data
    objective._step_regressor(
        data.features[rows], data.vectors[data.class_codes[rows]], generated, targets
    )
    assert_moved(objective.network, before[0], is_moved=False)
    assert_moved(objective.regressor, before[1], is_moved=True)
    # The whole step moves both, and the regressor by its own step alone.
    whole = make_se(None)
    whole.begin_epoch(3)
    whole.step(first_batch(whole))
    assert_moved(whole.network, before[0], is_moved=True)
    assert_moved(whole.regressor, parameters_of(objective.regressor), is_moved=False)


def test_se_without_feedback_is_a_conditional_autoencoder():
    nothing = {"feedback": 0.0, "latent_feedback": 0.0, "regressor_feedback": Ramp(0.0, 0, 0.5)}
    se = make_se(None, **nothing)
    se.begin_epoch(0)
    cvae = CVAEObjective(
        autoencoder(sees_embedding=False),
        draw_data(),
        reconstruction_error=l2_error,
        dropout=0.0,
        learning_rate=1e-2,
    )
    rows, noise, _, _ = batch = first_batch(se)
    for _ in range(3):
        terms, expected = se.step(batch), cvae.step((rows, noise, None))
        assert {name: terms[name].item() for name in expected} == {
            name: value.item() for name, value in expected.items()
        }
    for one, other in zip(parameters_of(se.network), parameters_of(cvae.network), strict=True):
        assert_array_equal(one, other)


def test_generated_features_count_for_the_regressor_once_it_is_late_enough():
    objective = make_se(None)
    objective.begin_epoch(0)
    assert "generated_regression" not in objective.step(first_batch(objective))
    objective.begin_epoch(1)
    assert objective.generated_weight == 0.25
    assert "generated_regression" in objective.step(first_batch(objective))


@pytest.mark.parametrize("classification_weight", [0.0, 1.0])
def test_the_classifier_of_generated_features_stays_bit_for_bit(classification_weight):
    trainer = make_trainer(
        lambda generator: make_wgan(generator, classification_weight=classification_weight)
    )
    objective = trainer.objective
    before = objective.coef.clone(), objective.bias.clone()
    for _ in range(3):
        trainer.run_epoch()
    assert torch.equal(objective.coef, before[0])
    assert torch.equal(objective.bias, before[1])


def test_the_generator_moves_in_every_so_manieth_step_and_not_by_the_critics_loss():
    objective = make_wgan(None, n_critic=3)
    batches = list(objective.compose(torch.arange(N_ROWS).split(6), seeded()))
    moved = []
    for batch in batches:
        before = parameters_of(objective.network), parameters_of(objective.critic)
        objective.step(batch)
        moved.append(not torch.equal(parameters_of(objective.network)[0], before[0][0]))
        assert not torch.equal(parameters_of(objective.critic)[0], before[1][0])
    assert moved == [False, False, True, False, False, True, False]


def test_an_epoch_of_few_batches_has_a_step_of_the_generator():
    objective = make_wgan(None, n_critic=5)
    before = parameters_of(objective.network)
    for batch in objective.compose(torch.arange(N_ROWS).split(20), seeded()):
        objective.step(batch)
    assert_moved(objective.network, before, is_moved=True)


def test_the_step_of_the_critic_is_that_of_a_loss_that_autograd_differentiates_twice():
    objective = make_wgan(None)
    rows, noise, _, mix = first_batch(objective)
    data, critic = objective.data, objective.critic
    vectors = data.vectors[data.class_codes[rows]]
    generated = objective.network.generate(noise, vectors).detach()
    between = (mix * data.features[rows] + (1 - mix) * generated).requires_grad_()
    (gradients,) = torch.autograd.grad(critic(between, vectors).sum(), between, create_graph=True)
    loss = (critic(generated, vectors) - critic(data.features[rows], vectors)).mean()
    loss = loss + 10 * (gradients.norm(dim=1) - 1).square().mean()
    expected = torch.autograd.grad(loss, [critic.features.weight, critic.out.weight])
    objective.optimizers[1] = torch.optim.SGD(critic.parameters(), lr=1.0)
    before = critic.features.weight.detach().clone(), critic.out.weight.detach().clone()
    terms = objective._step_critic(data.features[rows], vectors, noise, mix)
    assert terms["loss"].item() == pytest.approx(loss.item() * N_ROWS, rel=1e-5)
    for old, new, gradient in zip(
        before, (critic.features.weight, critic.out.weight), expected, strict=True
    ):
        np.testing.assert_allclose(old - new.detach(), gradient, atol=1e-5)


def test_dropout_leaves_out_its_share_of_units_and_keeps_their_sum():
    objective = make_cvae(None, dropout=0.7)
    mask = objective._draw_mask(4000, seeded())
    assert set(np.round(mask.unique().tolist(), 5)) == {0.0, np.round(1 / 0.3, 5)}
    assert mask.mean().item() == pytest.approx(1, abs=0.05)
    assert make_cvae(None, dropout=0.0)._draw_mask(4, seeded()) is None
