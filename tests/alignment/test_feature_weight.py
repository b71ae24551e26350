"""Weights of the loss that mean the same for any number and scale of features."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.alignment._recipe import resolve_feature_weight
from skcada.datasets import make_gzsl_classification
from skcada.metrics import gzsl_scorer

X = np.random.default_rng(0).random((50, 6), dtype=np.float32)


@given(
    st.sampled_from(["l1", "l2"]),
    st.integers(1, 20),
    st.floats(0.01, 100),
    st.floats(-5, 5),
    st.integers(1, 200),
)
def test_the_error_of_a_constant_weighs_the_same_whatever_the_features(
    loss, n_copies, factor, offset, n_repeats
):
    rows = np.tile(X, (n_repeats, n_copies))
    weight = resolve_feature_weight("auto", factor * rows + np.float32(offset), loss)
    expected = resolve_feature_weight("auto", X, loss) / n_copies
    assert weight == pytest.approx(expected / factor ** (1 if loss == "l1" else 2), rel=0.01)


def test_a_given_weight_and_equal_rows_are_left_alone():
    assert resolve_feature_weight(1.0, X, "l1") == 1.0
    assert resolve_feature_weight("auto", np.ones((3, 2), np.float32), "l1") == 1.0


def test_the_weight_counts_in_the_loss_but_not_in_its_recorded_terms(small_transformer, Xy):
    small_transformer.set_params(precision="float32", max_iter=1, feature_weight=3.0)
    history = small_transformer.fit(*Xy).loss_curve_.iloc[0]
    # In the first epoch beta is the only other weight, and zero.
    expected = 3 * history["reconstruction_features"] + history["reconstruction_embeddings"]
    assert history["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("n_features", [20, 64])
def test_default_weights_suit_few_features(n_features):
    problem = make_gzsl_classification(n_features=n_features, random_state=0)
    rows = problem.trainval
    test = np.concatenate([problem.test_seen, problem.test_unseen])
    scores = {}
    for weight in ("auto", 1.0):
        layers = {
            f"{kind}_{part}_layers": (256,)
            for kind in ("feature", "embedding")
            for part in ("encoder", "decoder")
        }
        model = make_pipeline(
            MinMaxScaler(),
            GZSLClassifier(
                CADAVAETransformer(
                    feature_weight=weight,
                    feature_scaling="raw",
                    embedding_scaling="raw",
                    **layers,
                ),
                class_embeddings=problem.class_embeddings,
                random_state=0,
            ),
        ).fit(problem.data[rows], problem.target[rows])
        scores[weight] = gzsl_scorer(model, problem.data[test], problem.target[test])
    # With the plain sums of the authors' code the latents carry next to nothing.
    assert scores["auto"]["AUSUC"] > scores[1.0]["AUSUC"] + 0.15
    assert scores["auto"]["S"] > scores[1.0]["S"]
