"""Fitted transformers kept on disk."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit


class CountingTransformer(BaseEstimator):
    """Note every training in a file, which processes share."""

    def __init__(self, log, max_iter=2, random_state=None):
        self.log = log
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X, y, class_embeddings=None):
        with Path(self.log).open("a") as file:
            file.write(".")
        layers = {
            f"{kind}_{part}_layers": (16,)
            for kind in ("feature", "embedding")
            for part in ("encoder", "decoder")
        }
        self.inner_ = CADAVAETransformer(
            4, max_iter=self.max_iter, random_state=self.random_state, **layers
        ).fit(X, y, class_embeddings)
        return self

    def transform(self, X):
        return self.inner_.transform(X)

    def sample(self, *args, **options):
        return self.inner_.sample(*args, **options)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "trainings"
    path.touch()
    return path


@pytest.fixture
def model(log, problem, tmp_path):
    return GZSLClassifier(
        CountingTransformer(str(log)),
        class_embeddings=problem.class_embeddings,
        samples_per_class=(10, 20),
        memory=str(tmp_path / "cache"),
        random_state=0,
    )


def n_trainings(log):
    return len(log.read_text())


def test_what_is_loaded_predicts_as_what_was_trained(model, log, Xy):
    first, second = (clone(model).fit(*Xy) for _ in range(2))
    uncached = clone(model).set_params(memory=None).fit(*Xy)
    assert n_trainings(log) == 2  # the first one and the uncached one
    for other in (second, uncached):
        assert_array_equal(other.decision_function(Xy[0]), first.decision_function(Xy[0]))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_trains_each_distinct_transformer_once(model, log, Xy, n_jobs):
    search = GridSearchCV(
        make_pipeline(MinMaxScaler(), model),
        {
            "gzslclassifier__transformer__max_iter": [1, 2],
            "gzslclassifier__samples_per_class": [(5, 5), (5, 10)],
            "gzslclassifier__seen_penalty": [0.0, 1.0],
        },
        cv=GZSLShuffleSplit(n_splits=2, random_state=0),
        scoring=gzsl_scorer,
        refit="H",
        n_jobs=n_jobs,
    )
    search.fit(*Xy)
    # Two epochs settings on two folds, and the refit; eight candidates.
    assert n_trainings(log) == 2 * 2 + 1


@pytest.mark.parametrize(
    "change",
    [
        lambda model, X, y: (model, X + np.float32(1e-3), y),
        lambda model, X, y: (model, X[::-1], y),
        lambda model, X, y: (model.set_params(transformer__max_iter=3), X, y),
        lambda model, X, y: (model.set_params(random_state=1), X, y),
        lambda model, X, y: (
            model.set_params(class_embeddings=model.class_embeddings * np.float32(1.01)),
            X,
            y,
        ),
        # The very numbers, described otherwise.
        lambda model, X, y: (
            model.set_params(class_embeddings={"other": model.class_embeddings}),
            X,
            y,
        ),
        lambda model, X, y: (
            model.set_params(class_embeddings=model.class_embeddings.rename(str.upper)),
            X,
            np.char.upper(y),
        ),
    ],
    ids=["X", "order", "parameter", "seed", "embeddings", "modality", "labels"],
)
def test_nothing_stale_is_returned(model, log, Xy, change):
    clone(model).fit(*Xy)
    changed, X, y = change(clone(model), *Xy)
    changed.fit(X, y)
    assert n_trainings(log) == 2
    assert_array_equal(
        changed.decision_function(X),
        clone(changed).set_params(memory=None).fit(X, y).decision_function(X),
    )


def test_without_a_seed_any_earlier_training_will_do(model, log, Xy):
    model.set_params(random_state=None)
    assert_array_equal(
        clone(model).fit(*Xy).transformer_.transform(Xy[0]),
        clone(model).fit(*Xy).transformer_.transform(Xy[0]),
    )
    assert n_trainings(log) == 1


def test_a_memory_of_joblib_will_do(model, log, Xy, tmp_path):
    model.set_params(memory=joblib.Memory(tmp_path / "other", verbose=0))
    for _ in range(2):
        clone(model).fit(*Xy)
    assert n_trainings(log) == 1


def test_a_cache_that_is_no_folder_will_do(model, log, Xy):
    class InMemory:
        def __init__(self):
            self.kept = {}

        def cache(self, function, ignore):
            def cached(key, fit):
                if key not in self.kept:
                    self.kept[key] = function(key, fit)
                return self.kept[key]

            return cached

    model.set_params(memory=InMemory())
    expected = model.fit(*Xy).decision_function(Xy[0])
    assert_array_equal(model.fit(*Xy).decision_function(Xy[0]), expected)
    assert n_trainings(log) == 1


def test_the_default_transformer_is_kept_too(problem, Xy, tmp_path):
    model = GZSLClassifier(
        CADAVAETransformer(max_iter=1),
        class_embeddings=problem.class_embeddings,
        memory=str(tmp_path / "cache"),
        random_state=0,
    )
    first = clone(model).fit(*Xy).decision_function(Xy[0])
    (entry,) = (tmp_path / "cache" / "joblib").rglob("output.pkl")
    written = entry.stat().st_mtime_ns
    assert_array_equal(clone(model).fit(*Xy).decision_function(Xy[0]), first)
    assert entry.stat().st_mtime_ns == written


def test_a_frozen_transformer_is_not_kept(model, Xy, tmp_path):
    fitted = clone(model).set_params(memory=None).fit(*Xy).transformer_
    model.set_params(transformer=FrozenEstimator(fitted)).fit(*Xy)
    assert not (tmp_path / "cache").exists()


def test_what_killed_writers_left_is_removed(model, log, Xy):
    clone(model).fit(*Xy)
    (kept,) = Path(model.memory).rglob("output.pkl")
    old, young = (kept.with_name(f"output.pkl.{name}-1-2") for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    clone(model).fit(*Xy)
    assert n_trainings(log) == 1
    assert not old.exists()
    # Another process may be writing it.
    assert young.exists()


@contextmanager
def read_only(folder):
    """Make a folder and all in it read-only, also for root."""
    paths = [Path(folder), *Path(folder).rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in paths:
            path.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders cannot be made read-only here")
def test_a_cache_that_is_read_only_serves_what_it_has(model, log, Xy):
    X, y = Xy
    # Where another user may read, too.
    with tempfile.TemporaryDirectory() as folder:
        model.set_params(memory=folder)
        expected = clone(model).fit(X, y).decision_function(X)
        with read_only(folder):
            found = clone(model).fit(X, y).decision_function(X)
    assert n_trainings(log) == 1
    assert_array_equal(found, expected)
