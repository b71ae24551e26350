import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skcada import CADAVAETransformer
from skcada._classes.embeddings import ClassEmbeddings


@pytest.fixture
def fitted(small_transformer, problem, Xy):
    return small_transformer.set_params(class_embeddings=problem.class_embeddings).fit(*Xy)


def test_transform_gives_latent_means(fitted, Xy):
    X = Xy[0]
    latents = fitted.transform(X)
    assert latents.shape == (len(X), 8)
    assert latents.dtype == np.float32
    scaled = (X - fitted.input_means_["features"]) / fitted.input_scales_["features"]
    with torch.inference_mode():
        mean, _ = fitted.network_.encoders[0](torch.from_numpy(scaled))
    np.testing.assert_allclose(latents, mean.numpy(), rtol=1e-5, atol=1e-6)


def test_training_brings_the_modalities_of_a_class_together(problem, Xy, small_transformer):
    X, y = Xy
    small_transformer.set_params(max_iter=60, class_embeddings=problem.class_embeddings)
    latents = pd.DataFrame(small_transformer.fit(X, y).transform(X)).groupby(y).mean()
    class_latents = small_transformer.transform_embeddings().loc[latents.index]
    distances = np.linalg.norm(latents.to_numpy()[:, None] - class_latents.to_numpy(), axis=2)
    nearest = latents.index[distances.argmin(axis=1)]
    assert (nearest == latents.index).mean() > 0.9


def test_the_loss_falls_and_every_term_is_recorded(fitted):
    curve = fitted.loss_curve_
    assert len(curve) == fitted.n_iter_ == 5
    assert list(curve) == [
        "loss",
        "reconstruction_features",
        "reconstruction_embeddings",
        "kl_features",
        "kl_embeddings",
        "cross_reconstruction_features",
        "cross_reconstruction_embeddings",
        "wasserstein_features_embeddings",
    ]
    assert curve["reconstruction_features"].iloc[-1] < curve["reconstruction_features"].iloc[0]
    # Cross-alignment starts after 21 % of the training: after the first epoch but one of five.
    assert_array_equal(curve["cross_reconstruction_features"].isna(), [1, 1, 0, 0, 0])


def test_gamma_and_delta_of_zero_switch_their_terms_off(small_transformer, Xy):
    curve = small_transformer.set_params(gamma=0, delta=0).fit(*Xy).loss_curve_
    skipped = curve.filter(regex="^(cross|wasserstein)")
    assert skipped.shape[1] == 3
    assert skipped.isna().all(axis=None)
    assert curve.drop(columns=skipped).notna().all(axis=None)


def test_embeddings_are_mapped_by_label(fitted, problem):
    table = problem.class_embeddings
    means = fitted.transform_embeddings()
    assert_array_equal(means.index, sorted(table.index))
    assert_array_equal(means.columns, fitted.get_feature_names_out())
    backwards = fitted.transform_embeddings(table.iloc[::-1])
    assert_array_equal(backwards.index, table.index[::-1])
    pd.testing.assert_frame_equal(backwards.sort_index(), means, check_names=False)
    new = fitted.transform_embeddings({"new": table.iloc[0].to_numpy()})
    assert_array_equal(new.loc["new"], means.loc[table.index[0]])


def test_unseen_classes_do_not_train_the_autoencoders(fitted, problem, Xy):
    poisoned = problem.class_embeddings.copy()
    poisoned.loc[problem.unseen_classes] = 1e6
    other = clone(fitted).set_params(class_embeddings=poisoned).fit(*Xy)
    assert_array_equal(other.transform(Xy[0]), fitted.transform(Xy[0]))


def test_samples_scatter_around_the_mean_by_the_official_noise(fitted, Xy):
    X = Xy[0][:3]
    drawn = fitted.sample(X, n_samples=4000, random_state=0).reshape(3, 4000, 8)
    mean, log_var = fitted._encode_features(X)
    scale = np.exp(log_var)
    np.testing.assert_allclose(drawn.mean(axis=1), mean, atol=4 * scale.max() / 4000**0.5)
    np.testing.assert_allclose(drawn.std(axis=1), scale, rtol=0.05)
    # One draw a sample, shared by all dimensions.
    standardised = (drawn - mean[:, None]) / scale[:, None]
    np.testing.assert_allclose(standardised, standardised[..., :1].repeat(8, axis=2), atol=1e-3)


def test_samples_come_in_the_order_of_the_rows(fitted, problem, Xy):
    X = Xy[0][[0, 1, 100]]
    drawn = fitted.sample(X, n_samples=np.array([20_000, 0, 10_000]), random_state=0)
    assert drawn.shape == (30_000, 8)
    means = fitted.transform(X)
    np.testing.assert_allclose(drawn[:20_000].mean(axis=0), means[0], atol=0.05)
    np.testing.assert_allclose(drawn[20_000:].mean(axis=0), means[2], atol=0.05)
    assert np.abs(means[0] - means[2]).max() > 0.2

    table = problem.class_embeddings
    drawn = fitted.sample(class_embeddings=table, n_samples=20_000, random_state=0)
    drawn = drawn.reshape(len(table), 20_000, 8)
    standard_errors = drawn.std(axis=1) / 20_000**0.5
    distances = np.abs(drawn.mean(axis=1) - fitted.transform_embeddings(table))
    assert (distances < 4 * standard_errors + 1e-6).all(axis=None)


def test_samples_are_determined_by_their_random_state(fitted, Xy):
    draws = [fitted.sample(Xy[0], random_state=seed) for seed in (0, 0, 1)]
    assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs X or class_embeddings, got"),
        ({"n_samples": -1}, "must not be negative"),
        ({"n_samples": 1.5}, "must be an integer"),
        ({"n_samples": np.array([1, 2])}, r"integer array of shape \(3,\).*shape \(2,\)"),
    ],
)
def test_bad_requests_for_samples(fitted, Xy, arguments, message):
    if arguments:
        arguments["X"] = Xy[0][:3]
    with pytest.raises(ValueError, match=message):
        fitted.sample(**arguments)


def test_inverse_transform_decodes_to_features(problem, Xy, small_transformer):
    X, y = Xy
    transformer = small_transformer.set_params(max_iter=60, beta=0.01, gamma=0, delta=0)
    decoded = transformer.fit(X, y).inverse_transform(transformer.transform(X))
    assert decoded.shape == X.shape
    assert np.abs(decoded - X).mean() < 0.8 * np.abs(X - X.mean(axis=0)).mean()


def test_widths_that_differ_from_fit_are_refused(fitted, problem, Xy):
    with pytest.raises(ValueError, match=r"has 19 features, but .* expecting 20"):
        fitted.transform(Xy[0][:, 1:])
    with pytest.raises(ValueError, match=r"has 5 columns in 'embeddings', but the .* with 6"):
        fitted.transform_embeddings(problem.class_embeddings.iloc[:, 1:])
    with pytest.raises(ValueError, match="X has 7 columns, but the latent space has 8"):
        fitted.inverse_transform(np.zeros((2, 7)))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"gamma_warmup": (0.8, 0.2)}, "gamma_warmup must be two fractions"),
        ({"beta_warmup": (0.1,)}, "beta_warmup must be two fractions"),
        ({"delta_warmup": (0, 2)}, "delta_warmup must be two fractions"),
        ({"feature_encoder_layers": (10, 0)}, "feature_encoder_layers must hold the sizes"),
        ({"embedding_decoder_layers": (10.5,)}, "embedding_decoder_layers must hold the sizes"),
        ({"device": "nowhere"}, "device='nowhere' is not available"),
        ({"class_embeddings": {"a": np.eye(12), "b": np.eye(12)}}, "labels in y are strings"),
    ],
)
def test_bad_parameters_are_named(small_transformer, Xy, parameters, message):
    with pytest.raises(ValueError, match=message):
        small_transformer.set_params(**parameters).fit(*Xy)


@pytest.mark.filterwarnings("ignore:The recipe does not suit")
@pytest.mark.parametrize(
    ("scale_X", "scale_embeddings", "culprit", "advice"),
    [
        (1e25, 1, "reconstruction_features", "Lower learning_rate, or if feature_scaling"),
        (1, 1e25, "reconstruction_embeddings", "Lower learning_rate, or if embedding_scaling"),
    ],
)
def test_a_loss_that_overflows_names_the_term_and_what_to_change(
    small_transformer, problem, Xy, scale_X, scale_embeddings, culprit, advice
):
    X, y = Xy
    small_transformer.set_params(
        class_embeddings=problem.class_embeddings * scale_embeddings,
        feature_scaling="raw",
        embedding_scaling="raw",
        reconstruction_loss="l2",
    )
    with pytest.raises(ValueError, match=f"'{culprit}' became non-finite in epoch 1. {advice}"):
        small_transformer.fit(X * scale_X, y)


def test_a_failed_fit_leaves_the_earlier_one_usable(fitted, Xy):
    X, y = Xy
    before = fitted.transform(X)
    with pytest.raises(ValueError, match="lacks"):
        fitted.fit(X[:, :5], np.array(["new class"] * len(y)))
    fitted.set_params(learning_rate=1e30)
    with pytest.raises(ValueError, match="non-finite"):
        fitted.fit(X[:, :5], y)
    assert fitted.n_features_in_ == 20
    assert_array_equal(fitted.transform(X), before)


@pytest.mark.parametrize("roundtrip", [lambda t: pickle.loads(pickle.dumps(t)), copy.deepcopy])
def test_copies_transform_identically(fitted, Xy, roundtrip):
    assert_array_equal(roundtrip(fitted).transform(Xy[0]), fitted.transform(Xy[0]))


def test_saving_a_model_of_another_device_leaves_the_one_in_use_where_it_is(fitted):
    network = fitted.network_
    fitted.device_ = torch.device("meta")  # stands for an accelerator
    loaded = pickle.loads(pickle.dumps(fitted))
    assert fitted.network_ is network
    assert loaded.network_ is not network
    assert loaded.device_ == torch.device("cpu")


def test_a_shallow_copy_moves_no_network_but_its_own(fitted, Xy):
    expected = fitted.transform(Xy[0])
    moved = copy.copy(fitted.set_params(device="meta"))
    assert moved.network_.latent_size == fitted.network_.latent_size
    assert next(moved.network_.parameters()).device.type == "meta"
    assert_array_equal(fitted.transform(Xy[0]), expected)


def test_a_model_of_a_device_that_is_absent_loads_on_the_cpu(fitted, Xy):
    fitted.set_params(device="cuda:99")
    saved = pickle.dumps(fitted)
    with pytest.warns(UserWarning, match=r"cuda:99.*runs on the CPU"):
        loaded = pickle.loads(saved)
    assert loaded.device_ == torch.device("cpu")
    assert_array_equal(loaded.transform(Xy[0]), fitted.transform(Xy[0]))


def test_read_only_features_are_neither_copied_into_nor_warned_of(fitted, Xy):
    X, y = Xy
    read_only = X.copy()
    read_only.flags.writeable = False
    again = clone(fitted).fit(read_only, y)
    assert_array_equal(again.transform(read_only), fitted.transform(X))


def test_the_official_recipe_is_one_set_of_parameters(problem, Xy):
    transformer = CADAVAETransformer(
        max_iter=100, batch_size=50, learning_rate=1.5e-4, random_state=0
    )
    trainer = transformer._make_trainer(
        Xy[0], Xy[1], ClassEmbeddings.parse(problem.class_embeddings)
    )
    (optimizer,) = trainer.objective.optimizers
    group = optimizer.param_groups[0]
    assert (group["lr"], group["betas"], group["amsgrad"]) == (1.5e-4, (0.9, 0.999), True)
    assert trainer.batch_size == 50
    final = trainer.objective.weights_at(99)
    assert (final.beta, final.gamma, final.delta) == (0.25, 2.37, 8.13)


def test_parameters_that_change_after_fit_do_not_change_what_was_trained(fitted, Xy):
    expected = fitted.sample(Xy[0][:5], random_state=0)
    fitted.set_params(noise="independent")
    assert_array_equal(fitted.sample(Xy[0][:5], random_state=0), expected)


def test_latents_of_far_off_input_are_refused_by_name(fitted, problem, Xy):
    X = Xy[0][:3].copy()
    X[1] *= 1e5
    with pytest.raises(ValueError, match=r"Latents of the rows 1 are not finite"):
        fitted.sample(X, n_samples=2)
    table = problem.class_embeddings.copy()
    table.iloc[2] *= 1e5
    with pytest.raises(ValueError, match=f"class embeddings '{table.index[2]}' are not finite"):
        fitted.sample(class_embeddings=table, n_samples=2)


def test_masked_features_are_refused(fitted, Xy):
    with pytest.raises(ValueError, match=r"X has .* masked entries"):
        fitted.transform(np.ma.masked_greater(Xy[0], 0.5))


def test_an_int_is_one_hidden_layer(small_transformer, Xy):
    expected = small_transformer.fit(*Xy).transform(Xy[0])
    small_transformer.set_params(feature_encoder_layers=32, embedding_decoder_layers=32).fit(*Xy)
    assert_array_equal(small_transformer.transform(Xy[0]), expected)
