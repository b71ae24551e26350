"""Models that each release stored, by tests/stored/store_models.py, in the version at hand."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import skops.io
from numpy.testing import assert_allclose

STORED = Path(__file__).parents[1] / "stored"
sys.path.insert(0, str(STORED))
from store_models import outputs  # noqa: E402

PATHS = sorted([*STORED.glob("*/*.pickle"), *STORED.glob("*/*.skops")])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.name}")
@pytest.mark.filterwarnings("ignore:A .* that was saved by skcada:skcada.exceptions.VersionWarning")
def test_a_stored_model_gives_what_it_gave_when_it_was_stored(path):
    if path.suffix == ".skops":
        model = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    else:
        model = pickle.loads(path.read_bytes())
    with np.load(path.with_name("expected.npz")) as expected:
        found = outputs(model, expected["rows"])
        assert_allclose(found, expected[path.stem], rtol=1e-4, atol=1e-5)


def test_each_kind_is_stored():
    (kinds,) = {frozenset(p.name for p in PATHS if p.parent == f) for f in STORED.glob("0*")}
    names = ("gzsl", "eszsl", "cvae", "vote")
    assert kinds == {f"{name}.{suffix}" for name in names for suffix in ("pickle", "skops")}
