"""Classes scored by the similarity of latents."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator

from skcada import GZSLClassifier
from skcada.alignment import ReViSETransformer
from skcada.model_selection import few_shot_split


@pytest.fixture
def transformer():
    return ReViSETransformer(16, max_iter=4, random_state=0)


@pytest.fixture
def model(transformer, problem):
    return GZSLClassifier(
        transformer,
        classifier="similarity",
        class_embeddings=problem.class_embeddings,
        random_state=0,
    )


@pytest.mark.parametrize("kind", ["ReViSE", "CADA-VAE"])
def test_scores_are_inner_products_of_latents(model, kind, small_transformer, problem, Xy):
    if kind == "CADA-VAE":
        model.set_params(transformer=small_transformer)
    model.fit(*Xy)
    codes = model.transformer_.transform_embeddings().loc[model.classes_]
    expected = model.transformer_.transform(problem.data) @ codes.to_numpy().T
    assert_allclose(model.decision_function(problem.data), expected, rtol=1e-5, atol=1e-6)
    unseen = clone(model).set_params(label_space="unseen").fit(*Xy)
    of_unseen = expected[:, np.isin(model.classes_, problem.unseen_classes)]
    assert_allclose(unseen.decision_function(problem.data), of_unseen, rtol=1e-5, atol=1e-6)


def test_it_predicts_unseen_classes(model, problem, Xy):
    model.set_params(transformer__max_iter=30, label_space="unseen").fit(*Xy)
    assert model.score(problem.data[problem.test_unseen], problem.target[problem.test_unseen]) > 0.8


def test_the_transformer_is_the_same_as_with_a_trained_classifier(model, problem, Xy):
    expected = clone(model).set_params(classifier=None, samples_per_class=(2, 2)).fit(*Xy)
    found = model.fit(*Xy).transformer_.transform(problem.data)
    assert_array_equal(found, expected.transformer_.transform(problem.data))


def test_settings_of_sampling_play_no_role(model, problem, Xy):
    expected = clone(model).fit(*Xy).decision_function(problem.data)
    model.set_params(samples_per_class=(1, 1), resample=True).fit(*Xy)
    assert_array_equal(model.decision_function(problem.data), expected)


def test_it_tells_no_probabilities(model, Xy):
    assert not hasattr(model, "predict_proba")
    assert not hasattr(model.fit(*Xy), "predict_log_proba")
    # What was fitted counts, not what the parameter has become.
    assert not hasattr(model.set_params(classifier=None), "predict_proba")


def test_shots_replace_half_of_the_code_of_their_class(model, problem, Xy):
    shots, _ = few_shot_split(
        problem.target, unseen_classes=problem.unseen_classes[:1], n_shots=3, random_state=0
    )
    rows = np.concatenate([problem.trainval, shots])
    plain = clone(model).fit(*Xy)
    model.set_params(unseen_classes=problem.unseen_classes)
    model.fit(problem.data[rows], problem.target[rows])
    latents = model.transformer_.transform(problem.data)
    codes = plain.transformer_.transform_embeddings()
    half = (codes.loc[problem.unseen_classes[0]].to_numpy() + latents[shots].mean(axis=0)) / 2
    codes.loc[problem.unseen_classes[0]] = half
    expected = latents @ codes.loc[model.classes_].to_numpy().T
    assert_allclose(model.decision_function(problem.data), expected, rtol=1e-4, atol=1e-5)


def test_a_class_has_the_mean_code_of_its_modalities(model, small_transformer, problem, Xy):
    table = problem.class_embeddings
    tables = {"first": table, "second": table.iloc[1:, :3]}
    model.set_params(transformer=small_transformer, class_embeddings=tables).fit(*Xy)
    codes = model.transformer_.transform_embeddings()
    expected = np.array(
        [
            np.mean([codes.loc[key] for key in codes.index if key[1] == label], axis=0)
            for label in model.classes_
        ]
    )
    assert (codes.index.get_level_values(1) == table.index[0]).sum() == 1
    scores = model.transformer_.transform(Xy[0]) @ expected.T
    assert_allclose(model.decision_function(Xy[0]), scores, rtol=1e-4, atol=1e-5)


def test_further_classes_change_no_score_and_need_no_training(model, transformer, problem, Xy):
    table = problem.class_embeddings
    fitted = transformer.fit(*Xy, class_embeddings=table)
    model.set_params(transformer=FrozenEstimator(fitted))
    before = clone(model).fit(*Xy)
    more = pd.concat([table, pd.DataFrame(table.iloc[:1].to_numpy() + 0.1, ["new"], table.columns)])
    after = model.set_params(class_embeddings=more).fit(*Xy)
    scores = after.decision_function(problem.data)
    assert after.classes_[-1] == "new"
    assert_array_equal(scores[:, :-1], before.decision_function(problem.data))


def test_it_survives_pickling_and_changes_of_the_penalty(model, problem, Xy):
    scores = model.fit(*Xy).decision_function(problem.data)
    loaded = pickle.loads(pickle.dumps(model))
    assert_array_equal(loaded.decision_function(problem.data), scores)
    is_seen = np.isin(model.classes_, problem.seen_classes)
    shifted = loaded.set_params(seen_penalty=1.5).decision_function(problem.data)
    assert_array_equal(shifted, np.where(is_seen, scores - 1.5, scores))


class Source(BaseEstimator):
    """A latent source without latents of class embeddings."""

    def fit(self, X, y, class_embeddings=None):
        raise AssertionError

    def transform(self, X):
        raise AssertionError

    def sample(self, X=None, **settings):
        raise AssertionError


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_transformer_without_latents_of_embeddings_is_refused_before_training(model, Xy, wrapped):
    model.set_params(transformer=FrozenEstimator(Source()) if wrapped else Source())
    with pytest.raises(ValueError, match="no method transform_embeddings"):
        model.fit(*Xy)


def test_no_other_text_and_no_parameters_of_it_are_taken(model, Xy):
    with pytest.raises(
        ValueError, match=r"classifier__max_iter .* is 'similarity', which has none"
    ):
        model.set_params(classifier__max_iter=7)
    assert model.set_params(classifier=None, classifier__max_iter=7).classifier.max_iter == 7
    with pytest.raises(ValueError, match=r"'classifier' parameter of GZSLClassifier must be .*"):
        model.set_params(classifier="similar").fit(*Xy)


class NoLatents(ReViSETransformer):
    """A transformer that has no latent of one class."""

    def transform_embeddings(self, class_embeddings=None):
        return super().transform_embeddings(class_embeddings).drop("class 03")


def test_a_class_without_a_latent_is_named(model, Xy):
    model.set_params(transformer=NoLatents(8, max_iter=4))
    with pytest.raises(ValueError, match="no finite latents of 'class 03'"):
        model.fit(*Xy)
