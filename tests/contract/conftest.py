"""One fixture per list of tenants."""

import pytest
from tenants import GZSL_CLASSIFIERS, LATENT_SOURCES

from skcada.alignment import Aligner

ALIGNERS = {name: make for name, make in LATENT_SOURCES.items() if isinstance(make(), Aligner)}
OTHERS = {name: make for name, make in LATENT_SOURCES.items() if name not in ALIGNERS}

# Deterministic ones return copies.
STOCHASTIC = {name: make for name, make in LATENT_SOURCES.items() if not name.startswith("ReViSE")}


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


@pytest.fixture(params=STOCHASTIC.values(), ids=STOCHASTIC)
def stochastic(request):
    """Return a latent source that is not fitted, and draws at random."""
    return request.param()


@pytest.fixture(params=ALIGNERS.values(), ids=ALIGNERS)
def aligner(request):
    """Return a latent source with latents of class embeddings that is not fitted."""
    return request.param()


@pytest.fixture(params=OTHERS.values(), ids=OTHERS)
def generator(request):
    """Return a latent source without latents of class embeddings that is not fitted."""
    return request.param()


@pytest.fixture
def rows_to_test(problem):
    """Return the indices of the test rows, of seen classes and of unseen ones."""
    return [*problem.test_seen, *problem.test_unseen]
