"""Fits with the same seed, and global state that they leave alone."""

import os
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skcada import GZSLClassifier

SCRIPT = """
import numpy as np
from skcada import CADAVAETransformer, GZSLClassifier
from skcada.datasets import load_segment_digits

digits = load_segment_digits()
X, y = digits.data[digits.trainval] / 16, digits.target[digits.trainval]
model = GZSLClassifier(
    CADAVAETransformer(max_iter=2), class_embeddings=digits.class_embeddings, random_state=3
).fit(X, y)
print(model.decision_function(digits.data / 16).sum(axis=0, dtype=np.float64).tolist())
print(model.predict(digits.data / 16).tolist())
"""


@pytest.fixture
def model(small_transformer, problem):
    return GZSLClassifier(
        small_transformer.set_params(random_state=None),
        class_embeddings=problem.class_embeddings,
        random_state=7,
    )


def test_the_same_seed_gives_the_same_model_and_another_seed_another(model, Xy):
    scores = [
        clone(model).set_params(random_state=seed).fit(*Xy).decision_function(Xy[0])
        for seed in (7, 7, 8)
    ]
    assert_array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])


def test_a_second_fit_of_the_same_object_is_a_fresh_one(model, Xy):
    first = model.fit(*Xy).decision_function(Xy[0])
    assert_array_equal(model.fit(*Xy).decision_function(Xy[0]), first)


# On some processors, sums of matrix products are split among threads, so that one thread and two
# round them differently.
@pytest.mark.parametrize("n_threads", ["1", "2"])
def test_another_process_with_as_many_threads_gives_the_same_scores(n_threads):
    printed = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"OMP_NUM_THREADS": n_threads},
        ).stdout
        for _ in range(2)
    ]
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 2


def global_state():
    return (
        pickle.dumps(np.random.get_state()),  # noqa: NPY002 - the legacy state is what is global
        torch.get_rng_state().tolist(),
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
    )


def test_global_random_states_and_thread_counts_are_left_alone(model, Xy):
    before = global_state()
    model.fit(*Xy).predict(Xy[0])
    model.transformer_.sample(Xy[0], random_state=0)
    assert global_state() == before


def test_a_seed_of_the_transformer_is_kept(model, Xy):
    model.set_params(transformer__random_state=1)
    first = model.fit(*Xy).transformer_.transform(Xy[0])
    model.set_params(random_state=99)
    assert_array_equal(model.fit(*Xy).transformer_.transform(Xy[0]), first)


def test_a_clone_of_a_saved_model_trains_to_the_same_model(model, Xy):
    restored = pickle.loads(pickle.dumps(model.fit(*Xy)))
    again = clone(restored).fit(*Xy)
    assert_array_equal(again.decision_function(Xy[0]), model.decision_function(Xy[0]))


def test_a_saved_model_loads_in_another_process(model, Xy, tmp_path):
    joblib.dump((model.fit(*Xy), Xy[0]), tmp_path / "model.joblib")
    script = "import joblib, sys; m, X = joblib.load(sys.argv[1]); print(m.predict(X).tolist())"
    output = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "model.joblib"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout.strip() == str(model.predict(Xy[0]).tolist())
