"""The latent space of ReViSE."""

import numpy as np
import pandas as pd
import pytest
import torch
from linear_world import linear_world
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skcada import GZSLClassifier
from skcada.alignment import ReViSETransformer
from skcada.exceptions import CollapseWarning
from skcada.metrics import per_class_accuracy_score


@pytest.fixture
def transformer(problem):
    return ReViSETransformer(
        16, class_embeddings=problem.class_embeddings, max_iter=8, random_state=0
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_unseen_classes_of_a_linear_world_are_found(seed):
    X, y, embeddings = linear_world(seed)
    is_seen = y < 30
    model = GZSLClassifier(
        ReViSETransformer(),
        classifier="similarity",
        class_embeddings=embeddings,
        random_state=seed,
    ).fit(X[is_seen], y[is_seen])
    assert model.score(X, y) >= 0.9
    among_unseen = 30 + model.decision_function(X[~is_seen])[:, 30:].argmax(axis=1)
    assert per_class_accuracy_score(y[~is_seen], among_unseen) >= 0.9


def test_latents_have_one_length_and_rows_are_most_similar_to_their_class(transformer, Xy):
    latents = transformer.set_params(max_iter=30).fit(*Xy).transform(Xy[0])
    assert latents.dtype == np.float32
    codes = transformer.transform_embeddings().loc[transformer.seen_classes_]
    for points in (latents, codes.to_numpy()):
        assert_allclose(np.square(points).sum(axis=1), 8, rtol=1e-5)
    found = transformer.seen_classes_[(latents @ codes.to_numpy().T).argmax(axis=1)]
    assert per_class_accuracy_score(Xy[1], found) > 0.8


def test_the_loss_falls_and_its_terms_add_up(transformer, Xy):
    transformer.set_params(alpha=2.0, beta=3.0, contraction=0.01, max_iter=30).fit(*Xy)
    curve = transformer.loss_curve_
    assert len(curve) == transformer.n_iter_ == transformer.max_iter_ == 30
    assert curve["loss"].iloc[-1] < 0.5 * curve["loss"].iloc[0]
    weights = {
        "similarity": 1,
        "reconstruction_features": 2,
        "reconstruction_embeddings": 2,
        "contraction": 0.02,
        "mmd": 3,
    }
    assert_allclose(curve["loss"], curve[list(weights)] @ pd.Series(weights), rtol=1e-4)


def test_terms_of_weight_zero_are_not_computed(transformer, Xy):
    curve = transformer.set_params(alpha=0, beta=0).fit(*Xy).loss_curve_
    assert curve.drop(columns=["similarity", "loss"]).isna().all(axis=None)
    assert_allclose(curve["loss"], curve["similarity"])


def test_each_term_lowers_what_it_stands_for(transformer, Xy):
    curve = transformer.set_params(max_iter=20).fit(*Xy).loss_curve_.iloc[-1]
    more = {
        "reconstruction_features": {"alpha": 10.0},
        "contraction": {"contraction": 0.1},
        "mmd": {"beta": 30.0},
    }
    for term, settings in more.items():
        other = clone(transformer).set_params(**settings).fit(*Xy).loss_curve_.iloc[-1]
        assert other[term] < 0.8 * curve[term]


def test_units_of_features_and_of_embeddings_do_not_matter(transformer, problem, Xy):
    X, y = Xy
    expected = transformer.fit(X, y).transform(X)
    table = problem.class_embeddings
    other = clone(transformer).fit(1e3 * X + 5, y, class_embeddings=1e-3 * table + 1)
    assert_allclose(other.transform(1e3 * X + 5), expected, atol=0.05)
    raw = clone(transformer).set_params(feature_scaling="raw", embedding_scaling="raw").fit(X, y)
    assert not np.allclose(raw.transform(X), expected, atol=0.05)
    assert_array_equal(raw.input_means_["features"], np.zeros(X.shape[1]))


def test_hidden_layers_have_the_given_sizes_and_decoders_the_reverse(transformer, Xy):
    transformer.set_params(feature_layers=(24, 12), embedding_layers=9).fit(*Xy)
    features, embeddings = transformer.network_.features, transformer.network_.embeddings
    assert [layer.out_features for layer in features.encoder.hidden] == [24, 12]
    assert [layer.out_features for layer in features.decoder.hidden] == [12, 24]
    assert [layer.out_features for layer in embeddings.encoder.hidden] == [9]
    with pytest.raises(ValueError, match="feature_layers must hold the sizes of hidden layers"):
        transformer.set_params(feature_layers=(0,)).fit(*Xy)


def test_latents_are_repeated_in_their_order(transformer, problem, Xy):
    latents = transformer.fit(*Xy).transform(problem.data[:3])
    repeated = transformer.sample(problem.data[:3], n_samples=np.array([2, 0, 1]))
    assert_array_equal(repeated, latents[[0, 0, 2]])
    few = problem.class_embeddings.iloc[[5, 2]]
    codes = transformer.transform_embeddings(few)
    assert_array_equal(codes.index, few.index)
    assert_array_equal(
        transformer.sample(class_embeddings=few, n_samples=2), codes.to_numpy()[[0, 0, 1, 1]]
    )


REFUSED_DRAWS = {
    "neither": ({}, "needs X or class_embeddings, got neither"),
    "both": ({"X": [[0.0] * 20], "class_embeddings": np.zeros((1, 6))}, "got both"),
    "negative": ({"class_embeddings": np.zeros((1, 6)), "n_samples": -1}, "must not be negative"),
    "fraction": ({"class_embeddings": np.zeros((1, 6)), "n_samples": 1.5}, "must be an integer"),
    "columns": ({"class_embeddings": np.zeros((1, 5))}, "5 columns .* fitted with 6"),
    "not finite": ({"X": [[1e30, -1e30] * 10]}, "Latents of the rows 0 are not finite"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED_DRAWS.values(), ids=REFUSED_DRAWS)
def test_impossible_draws_are_refused(transformer, Xy, arguments, message):
    # As if it had been trained on rows that are much shorter.
    transformer.fit(*Xy).input_means_["features"][:] = 0
    transformer.feature_scale_[:] = 1e-10
    with pytest.raises(ValueError, match=message):
        transformer.sample(**arguments)


def test_modalities_are_put_side_by_side(transformer, problem, Xy):
    table = problem.class_embeddings
    tables = {"first": table.iloc[:, :2], "second": table.iloc[::-1, 2:]}
    transformer.fit(*Xy, class_embeddings=tables)
    assert set(transformer.class_embeddings_) == {"first", "second"}
    codes = transformer.transform_embeddings()
    assert_array_equal(codes.index, np.sort(table.index))
    again = transformer.transform_embeddings(
        {name: tables[name].iloc[:4] for name in ["first"]} | {"second": table.iloc[:4, 2:]}
    )
    pd.testing.assert_frame_equal(again, codes.loc[again.index], check_names=False)
    with pytest.raises(ValueError, match=r"\['second'\] lacks 16 classes"):
        transformer.transform_embeddings({"first": tables["first"]})


def test_a_class_without_a_modality_is_refused_before_training(transformer, problem, Xy):
    table = problem.class_embeddings
    tables = {"first": table, "second": table.drop(index="class 03")}
    with pytest.raises(ValueError, match=r"\['second'\] lacks 1 classes: 'class 03'.*leave out"):
        transformer.fit(*Xy, class_embeddings=tables)
    assert not hasattr(transformer, "network_")
    transformer.fit(*Xy)
    with pytest.raises(ValueError, match="columns"):
        transformer.transform_embeddings(table.iloc[:, :3])


def test_without_embeddings_classes_are_told_apart_by_their_identity(transformer, Xy):
    transformer.set_params(class_embeddings=None, max_iter=30).fit(*Xy)
    assert transformer.class_embeddings_ is None
    codes = transformer.transform_embeddings()
    assert_array_equal(codes.index, transformer.seen_classes_)
    found = transformer.seen_classes_[(transformer.transform(Xy[0]) @ codes.T.to_numpy()).argmax(1)]
    assert per_class_accuracy_score(Xy[1], found) > 0.8


def test_a_class_in_the_centre_of_the_others_has_no_direction(transformer, problem, Xy):
    X, y = Xy
    table = problem.class_embeddings.astype(np.float32)
    middle = table.loc[problem.seen_classes].mean()
    with_middle = pd.concat([table, middle.to_frame("middle").T])
    transformer.fit(X, y, class_embeddings=with_middle)
    codes = transformer.transform_embeddings()
    network = transformer.network_.embeddings
    with torch.inference_mode():
        expected = network(torch.zeros(1, table.shape[1])).numpy()
    assert_allclose(codes.loc[["middle"]], expected, atol=1e-5)


def test_latents_that_shrink_to_a_point_are_warned_of(transformer, problem, Xy):
    equal = problem.class_embeddings * 0 + 1
    with pytest.warns(CollapseWarning, match="latents of class embeddings have shrunk to a point"):
        transformer.fit(*Xy, class_embeddings=equal)


def test_modalities_that_stay_apart_are_warned_of(transformer, Xy):
    transformer.set_params(learning_rate=1e-9, max_iter=1)
    with pytest.warns(CollapseWarning, match="do not overlap.*Lower beta, or train longer"):
        transformer.fit(*Xy)


def test_a_training_that_diverges_says_what_to_do(transformer, Xy):
    transformer.set_params(feature_scaling="raw", embedding_scaling="raw", learning_rate=1e30)
    with pytest.raises(ValueError, match=r"became non-finite in epoch .* set it to 'auto'"):
        transformer.fit(*Xy)
    assert not hasattr(transformer, "network_")


def test_numbers_of_epochs_depend_on_the_number_of_rows(problem, Xy):
    X, y = Xy
    transformer = ReViSETransformer(4, batch_size=len(X), random_state=0).fit(X, y)
    assert transformer.max_iter_ == 30
    many = np.resize(np.arange(len(X)), 5000)
    transformer.set_params(batch_size=5000).fit(X[many], y[many])
    assert transformer.max_iter_ == 20
