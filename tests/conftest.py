"""Settings and data that the whole suite shares."""

import os

# Two busy OpenMP pools on a small machine slow each other down many times over, and one thread
# makes float sums reproducible. Must be set before numpy or torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# scikit-learn skips its checks of array API inputs without it.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from pathlib import Path

import hypothesis
import numpy as np
import pytest
from small_networks import SIZES, WEIGHTS

# How long an example takes says nothing: the first one may load a library. CI tries the same
# examples at every run, so that a change is not blamed for what an older one broke.
hypothesis.settings.register_profile("skcada", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("skcada")


# Doctests are looked for in every module, and two of one name cannot both be imported.
collect_ignore_glob = ["conftest.py", "*/conftest.py"]


@pytest.fixture(scope="session")
def shared_data():
    """Return the folder with real data sets that SKCADA_TEST_DATA names, or skip the test."""
    folder = os.environ.get("SKCADA_TEST_DATA")
    if not folder:
        pytest.skip("SKCADA_TEST_DATA does not name a folder with the real data sets")
    return Path(folder)


@pytest.fixture(scope="session")
def problem():
    """Return a generated problem, with labels that are strings."""
    from skcada.datasets import make_gzsl_classification

    problem = make_gzsl_classification(
        n_samples=600,
        n_features=20,
        n_seen_classes=12,
        n_unseen_classes=4,
        n_attributes=6,
        random_state=0,
    )
    names = np.array([f"class {label:02d}" for label in problem.target_names])
    problem.target = names[problem.target]
    problem.class_embeddings.index = names
    problem.seen_classes = names[problem.seen_classes]
    problem.unseen_classes = names[problem.unseen_classes]
    return problem


@pytest.fixture
def Xy(problem):
    """Return the training rows of the generated problem and their labels."""
    return problem.data[problem.trainval], problem.target[problem.trainval]


@pytest.fixture(scope="session")
def callbacks():
    """Return scikit-learn's callbacks, or skip the test where it has none, before version 1.9."""
    return pytest.importorskip("sklearn.callback")


@pytest.fixture
def small_chunks(monkeypatch):
    """Return a function that sets how many rows are worked on at a time, thousands otherwise."""

    def set_size(n_rows):
        for module in ("skcada._base.classifier", "skcada._gzsl.latent_set"):
            monkeypatch.setattr(f"{module}.CHUNK_SIZE", n_rows)

    return set_size


@pytest.fixture
def small_parts(monkeypatch):
    """Return a function that sets how many latents are drawn at a time, a million otherwise."""

    def set_size(n_latents):
        n_numbers = n_latents * SIZES["latent_size"]
        monkeypatch.setattr("skcada._gzsl.latent_set.MAX_NUMBERS", n_numbers)

    return set_size


@pytest.fixture
def small_transformer():
    """Return a transformer that is trained in a fraction of a second."""
    from skcada import CADAVAETransformer

    return CADAVAETransformer(**SIZES, **WEIGHTS, max_iter=5, random_state=0)
