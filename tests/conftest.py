"""Settings and data that the whole suite shares."""

import os

# Two busy OpenMP pools on a small machine slow each other down many times over, and one thread
# makes float sums reproducible. Must be set before numpy or torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# scikit-learn skips its checks of array API inputs without it.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data():
    """Return the folder with real data sets that SKCADA_TEST_DATA names, or skip the test."""
    folder = os.environ.get("SKCADA_TEST_DATA")
    if not folder:
        pytest.skip("SKCADA_TEST_DATA does not name a folder with the real data sets")
    return Path(folder)
