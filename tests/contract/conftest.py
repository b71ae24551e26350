"""The two lists that every property is checked over."""

import pytest
from minimal_source import RidgeSource

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.compatibility import ESZSLClassifier

SMALL = {
    "latent_size": 8,
    "feature_encoder_layers": 32,
    "feature_decoder_layers": 32,
    "embedding_encoder_layers": 32,
    "embedding_decoder_layers": 32,
    "feature_weight": 1.0,
    "beta": 0.01,
    "delta": 0.1,
    "max_iter": 3,
    "precision": "float32",
}

LATENT_SOURCES = {
    "CADAVAETransformer": lambda: CADAVAETransformer(**SMALL, random_state=0),
    "RidgeSource": RidgeSource,
}


def _with(transformer):
    return GZSLClassifier(
        transformer,
        classifier=SoftmaxClassifier(max_iter=2),
        samples_per_class=(10, 20),
        random_state=0,
    )


# Not fitted, without class embeddings, seeded.
GZSL_CLASSIFIERS = {
    "GZSLClassifier": lambda: _with(CADAVAETransformer(**SMALL)),
    "GZSLClassifier(RidgeSource)": lambda: _with(RidgeSource()),
    "ESZSLClassifier": lambda: ESZSLClassifier(random_state=0),
}


@pytest.fixture(params=GZSL_CLASSIFIERS.values(), ids=GZSL_CLASSIFIERS)
def bare(request):
    """Return a GZSL classifier without class embeddings."""
    return request.param()


@pytest.fixture
def classifier(bare, problem):
    """Return a GZSL classifier with the embeddings of the generated problem."""
    return bare.set_params(class_embeddings=problem.class_embeddings)


@pytest.fixture(params=LATENT_SOURCES.values(), ids=LATENT_SOURCES)
def source(request):
    """Return a latent source that is not fitted."""
    return request.param()


@pytest.fixture
def test_rows(problem):
    """Return the indices of the test rows, of seen classes and of unseen ones."""
    return [*problem.test_seen, *problem.test_unseen]
