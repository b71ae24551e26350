"""Warnings of fits that went wrong without an error."""

import warnings

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator

from skcada import GZSLClassifier
from skcada.exceptions import CollapseWarning


@pytest.fixture(autouse=True)
def show_collapse_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error", CollapseWarning)
        yield


@pytest.fixture
def transformer(small_transformer, problem):
    """Long enough a training for all to be well."""
    return small_transformer.set_params(max_iter=60, class_embeddings=problem.class_embeddings)


@pytest.fixture
def rows(problem):
    return problem.data[problem.trainval], problem.target[problem.trainval]


@pytest.fixture
def classifier(transformer, rows, problem):
    return GZSLClassifier(
        FrozenEstimator(transformer.fit(*rows)),
        class_embeddings=problem.class_embeddings,
        random_state=0,
    )


def test_a_good_fit_does_not_warn(classifier, rows):
    classifier.fit(*rows)


def test_a_large_beta_collapses_the_posterior(transformer, rows):
    transformer.set_params(beta=1000.0)
    with pytest.warns(CollapseWarning, match=r"nats of features .* Lower beta"):
        transformer.fit(*rows)


def test_modalities_that_nothing_aligns_do_not_overlap(transformer, rows):
    transformer.set_params(gamma=0.0, delta=0.0)
    message = r"features and embeddings do not overlap: .* Raise delta or gamma"
    with pytest.warns(CollapseWarning, match=message):
        transformer.fit(*rows)


def test_the_modality_that_does_not_overlap_is_named(transformer, rows, problem):
    table = problem.class_embeddings
    transformer.set_params(
        gamma=0.0, delta=0.0, class_embeddings={"attributes": table, "words": table.iloc[::2]}
    )
    with pytest.warns(CollapseWarning) as caught:
        transformer.fit(*rows)
    named = [name for name in ("attributes", "words") for w in caught if name in str(w.message)]
    assert named == ["attributes", "words"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"seen_penalty": 1e6}, "100% of the training latents of seen classes .* unseen ones"),
        ({"seen_penalty": -1e6}, "100% of the training latents of unseen classes .* seen ones"),
        ({"samples_per_class": (500, 1)}, "latents of unseen classes .* samples_per_class"),
    ],
)
def test_predictions_on_one_side_are_noticed(classifier, rows, parameters, message):
    with pytest.warns(CollapseWarning, match=f"one-sided: .*{message}"):
        classifier.set_params(**parameters).fit(*rows)


def test_a_classifier_that_tells_modalities_not_classes_is_noticed(
    small_transformer, rows, problem
):
    small_transformer.set_params(
        max_iter=60,
        gamma=0.0,
        delta=0.0,
        class_embeddings=problem.class_embeddings,
        # Centred inputs of two modalities have latents about the same centre.
        feature_scaling="raw",
        embedding_scaling="raw",
    )
    with pytest.warns(CollapseWarning, match="do not overlap"):
        small_transformer.fit(*rows)
    classifier = GZSLClassifier(
        FrozenEstimator(small_transformer),
        class_embeddings=problem.class_embeddings,
        random_state=0,
    )
    with pytest.warns(CollapseWarning, match="tells embeddings from features, not classes"):
        classifier.fit(*rows)


def test_an_ordinary_classifier_needs_no_alignment(transformer, rows):
    transformer.set_params(gamma=0.0, delta=0.0, class_embeddings=None)
    GZSLClassifier(transformer, random_state=0).fit(*rows)


def test_a_refit_that_is_refused_as_an_error_keeps_the_earlier_fit(transformer, rows):
    before = transformer.fit(*rows).transform(rows[0])
    with pytest.raises(CollapseWarning):
        transformer.set_params(beta=1000.0).fit(*rows)
    np.testing.assert_array_equal(transformer.transform(rows[0]), before)
