"""Trainings that are cut off and go on from their checkpoint."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from silent_callback import SilentCallback
from sklearn.base import clone
from small_networks import SIZES, WEIGHTS

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada._training import Trainer
from skcada.alignment import ReViSETransformer
from skcada.compatibility import (
    ALEClassifier,
    CMTClassifier,
    DeViSEClassifier,
    LatEmClassifier,
    SJEClassifier,
)
from skcada.generation import CLSWGANTransformer, CVAETransformer, SEZSLTransformer
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV

SMALL_VAE = {"latent_size": 4, "encoder_layers": 8, "decoder_layers": 8}
SMALL_GAN = {"generator_layers": 8, "critic_size": 8}
# Everything that is trained by epochs.
TRAINED = {
    "CADAVAETransformer": CADAVAETransformer(**SIZES, **WEIGHTS, max_iter=4),
    "ReViSETransformer": ReViSETransformer(latent_size=4, max_iter=4),
    "CVAETransformer": CVAETransformer(**SMALL_VAE, max_iter=4),
    "SEZSLTransformer": SEZSLTransformer(**SMALL_VAE, regressor_layers=8, max_iter=4),
    "CLSWGANTransformer": CLSWGANTransformer(**SMALL_GAN, max_iter=4),
    "SoftmaxClassifier": SoftmaxClassifier(max_iter=4),
    "SJEClassifier": SJEClassifier(max_iter=4),
    "ALEClassifier": ALEClassifier(max_iter=4),
    "DeViSEClassifier": DeViSEClassifier(max_iter=4),
    "LatEmClassifier": LatEmClassifier(max_iter=4),
    "CMTClassifier": CMTClassifier(hidden_size=8, max_iter=4),
    "CMTClassifier(lbfgs)": CMTClassifier(hidden_size=8, solver="lbfgs", max_iter=4),
}


class CutOffError(BaseException):
    """What ends a training early."""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "training.checkpoint"


@pytest.fixture
def always_written(monkeypatch):
    """Write a checkpoint after each epoch, however long writing takes."""
    monkeypatch.setattr("skcada._training.checkpoint.LEAST_RATIO", 0)


@pytest.fixture
def cut_off(monkeypatch, always_written):
    """Return a function that ends a fit after some epochs, of all trainers together."""

    def run(estimator, X, y, n_epochs):
        run_epoch = Trainer.run_epoch
        epochs = iter(range(n_epochs))

        def run_or_raise(self):
            if next(epochs, None) is None:
                raise CutOffError
            return run_epoch(self)

        with monkeypatch.context() as patch:
            patch.setattr(Trainer, "run_epoch", run_or_raise)
            with pytest.raises(CutOffError):
                estimator.fit(X, y)

    return run


@pytest.fixture
def epochs(monkeypatch):
    """Count the epochs that are run from now on, one entry each."""
    run_epoch, counted = Trainer.run_epoch, []

    def run(self):
        counted.append(self.n_epochs)
        return run_epoch(self)

    monkeypatch.setattr(Trainer, "run_epoch", run)
    return counted


def prepare(estimator, problem, **settings):
    prepared = clone(estimator).set_params(random_state=0, **settings)
    if "class_embeddings" in prepared.get_params():
        prepared.set_params(class_embeddings=problem.class_embeddings)
    return prepared


def outputs(model, X):
    """Return all that a fitted model says of rows, as one array."""
    method = "transform" if hasattr(model, "transform") else "decision_function"
    return getattr(model, method)(X)


def assert_same_model(model, expected, X):
    assert_array_equal(outputs(model, X), outputs(expected, X))
    pd.testing.assert_frame_equal(model.loss_curve_, expected.loss_curve_, check_exact=True)
    assert model.n_iter_ == expected.n_iter_
    if hasattr(model, "sample"):
        draws = [m.sample(X[:3], n_samples=2, random_state=0) for m in (model, expected)]
        assert_array_equal(*draws)


@pytest.mark.parametrize("estimator", TRAINED.values(), ids=TRAINED)
def test_a_fit_that_was_cut_off_ends_with_the_model_of_one_that_was_not(
    estimator, problem, Xy, file, cut_off, epochs
):
    expected = prepare(estimator, problem).fit(*Xy)
    # f-CLSWGAN trains a classifier first, which is made anew.
    n_before = len(epochs) - expected.n_iter_
    cut_off(prepare(estimator, problem, checkpoint=file), *Xy, n_before + 3)
    epochs.clear()
    # On another device, if there were one.
    model = prepare(estimator, problem, checkpoint=file, device="cpu").fit(*Xy)
    assert len(epochs) == n_before + 1
    assert_same_model(model, expected, Xy[0])


@pytest.mark.parametrize("n_epochs", [0, 1, 30, 70])
def test_the_choice_of_a_number_of_epochs_goes_on(n_epochs, problem, Xy, file, cut_off, epochs):
    estimator = CMTClassifier(hidden_size=8, cv=GZSLShuffleSplit(2, random_state=0))
    expected = prepare(estimator, problem).fit(*Xy)
    n_whole = len(epochs)
    cut_off(prepare(estimator, problem, checkpoint=str(file)), *Xy, n_epochs)
    epochs.clear()
    model = prepare(estimator, problem, checkpoint=str(file)).fit(*Xy)
    assert len(epochs) == n_whole - n_epochs
    assert_same_model(model, expected, Xy[0])
    for name, values in expected.cv_results_.items():
        assert_array_equal(model.cv_results_[name], values)


def test_a_training_that_was_done_is_not_repeated(problem, Xy, file, epochs):
    for _ in range(2):
        model = prepare(TRAINED["CADAVAETransformer"], problem, checkpoint=file).fit(*Xy)
    assert epochs == [0, 1, 2, 3]
    assert model.n_iter_ == 4


@pytest.mark.usefixtures("callbacks")
def test_a_training_that_a_callback_stopped_is_done(problem, Xy, file, epochs):
    class StopAfterTwo(SilentCallback):
        def on_fit_task_end(self, estimator, context):
            return context.task_name == "epoch" and context.task_id == 1

    estimator = prepare(TRAINED["CADAVAETransformer"], problem, checkpoint=file)
    clone(estimator).set_callbacks(StopAfterTwo()).fit(*Xy)
    assert clone(estimator).fit(*Xy).n_iter_ == 2
    assert epochs == [0, 1]


def test_both_parts_of_a_gzsl_classifier_go_on(problem, Xy, file, cut_off, epochs):
    def make(**settings):
        transformer = clone(TRAINED["CADAVAETransformer"])
        model = GZSLClassifier(transformer, classifier=SoftmaxClassifier(max_iter=4))
        return prepare(model, problem, **settings)

    second = file.with_name("second")
    settings = {"transformer__checkpoint": file, "classifier__checkpoint": second}
    expected = make().fit(*Xy)
    cut_off(make(**settings), *Xy, 6)
    epochs.clear()
    model = make(**settings).fit(*Xy)
    assert epochs == [2, 3]
    assert_array_equal(model.decision_function(Xy[0]), expected.decision_function(Xy[0]))


def test_tuning_keeps_the_checkpoint_for_the_fit_on_all_rows(problem, Xy, file, epochs):
    inner = prepare(TRAINED["SJEClassifier"], problem, checkpoint=file)
    tuned = TunedSeenPenaltyClassifierCV(inner, cv=GZSLShuffleSplit(2, random_state=0))
    expected = clone(tuned).set_params(estimator__checkpoint=None).fit(*Xy)
    clone(tuned).fit(*Xy)
    epochs.clear()
    model = clone(tuned).fit(*Xy)
    assert epochs == [0, 1, 2, 3] * 2
    assert_array_equal(model.decision_function(Xy[0]), expected.decision_function(Xy[0]))


CHANGES = {
    "gamma": lambda model, X, y: (model.set_params(gamma=1.0), X, y),
    "random_state": lambda model, X, y: (model.set_params(random_state=1), X, y),
    "X": lambda model, X, y: (model, X + 1, y),
    "y": lambda model, X, y: (model, X, y[::-1]),
    "class_embeddings": lambda model, X, y: (
        model.set_params(class_embeddings=model.class_embeddings + 1),
        X,
        y,
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_checkpoint_of_another_fit_is_refused_and_kept(name, problem, Xy, file, epochs):
    model = prepare(TRAINED["CADAVAETransformer"], problem, checkpoint=file).fit(*Xy)
    content, scores = file.read_bytes(), model.transform(Xy[0])
    epochs.clear()
    model, X, y = CHANGES[name](model, *Xy)
    with pytest.raises(ValueError, match=rf"training\.checkpoint' .* differs in {name}\."):
        model.fit(X, y)
    assert not epochs
    assert file.read_bytes() == content
    assert_array_equal(model.transform(Xy[0]), scores)


def test_the_checkpoint_of_another_version_is_refused(problem, Xy, file, monkeypatch):
    model = prepare(TRAINED["SJEClassifier"], problem, checkpoint=file).fit(*Xy)
    monkeypatch.setattr("skcada._base.epochs.__version__", "0.2.1")
    with pytest.raises(ValueError, match="differs in version of skcada"):
        model.fit(*Xy)


def test_a_fit_that_ended_before_its_first_epoch_did_hinders_no_other(problem, Xy, file, cut_off):
    cut_off(prepare(TRAINED["SJEClassifier"], problem, checkpoint=file), *Xy, 0)
    prepare(TRAINED["SJEClassifier"], problem, checkpoint=file, learning_rate=0.5).fit(*Xy)


def test_a_checkpoint_needs_a_seed(problem, Xy, file):
    settings = {"random_state": None, "checkpoint": file}
    with pytest.raises(ValueError, match=r"checkpoint=.* random_state of SoftmaxClassifier"):
        SoftmaxClassifier(**settings).fit(*Xy)
    model = GZSLClassifier(
        CADAVAETransformer(**settings), class_embeddings=problem.class_embeddings
    )
    with pytest.raises(ValueError, match=r"transformer__checkpoint=.* of GZSLClassifier to an int"):
        model.fit(*Xy)
    assert not file.exists()


def test_a_path_that_cannot_be_written_is_refused_before_training(problem, Xy, file, epochs):
    file.write_text("")
    model = prepare(TRAINED["SJEClassifier"], problem, checkpoint=file / "inner")
    with pytest.raises(OSError, match=r"inner' cannot be written .* Pass the path of a file"):
        model.fit(*Xy)
    assert not epochs


def test_any_flipped_bit_is_found(problem, Xy, file):
    model = prepare(TRAINED["SJEClassifier"], problem, checkpoint=file).fit(*Xy)
    expected, content = model.decision_function(Xy[0]), file.read_bytes()
    for position in np.random.default_rng(0).choice(len(content) * 8, size=150, replace=False):
        damaged = bytearray(content)
        damaged[position // 8] ^= 1 << position % 8
        file.write_bytes(damaged)
        try:
            found = clone(model).fit(*Xy).decision_function(Xy[0])
        except ValueError as error:
            assert "training.checkpoint' is " in str(error)  # noqa: PT017 - it may also succeed
        else:
            assert_array_equal(found, expected)


@pytest.mark.parametrize("n_bytes", [0, 7, 100, -1])
def test_a_cut_file_is_refused(problem, Xy, file, n_bytes):
    model = prepare(TRAINED["SJEClassifier"], problem, checkpoint=file).fit(*Xy)
    file.write_bytes(file.read_bytes()[:n_bytes])
    with pytest.raises(ValueError, match="is no checkpoint of skcada, or a damaged one"):
        model.fit(*Xy)


def test_what_a_killed_writer_left_is_overwritten(problem, Xy, file):
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_bytes(b"half")
    prepare(TRAINED["SJEClassifier"], problem, checkpoint=file).fit(*Xy)
    assert not unfinished.exists()


# The child counts calls, and is killed at one of them, so that no clock decides where it ends.
KILLED_FITS = """
import os, signal, sys
import numpy as np
from skcada.datasets import make_gzsl_classification
from test_checkpoint import TRAINED, outputs, prepare

name, n_kills, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
problem = make_gzsl_classification(240, n_features=8, n_attributes=4, random_state=0)
X, y = problem.data[problem.trainval], problem.target[problem.trainval]
n_calls = 0

def count(frame, event, argument):
    global n_calls
    n_calls += 1
    if n_calls == last:
        os.kill(os.getpid(), signal.SIGKILL)

def fit(**settings):
    return prepare(TRAINED[name], problem, device="cpu", **settings).fit(X, y)

last = None
expected = outputs(fit(), X)
sys.setprofile(count)
fit(checkpoint=file)
sys.setprofile(None)
for last in np.random.default_rng(0).integers(n_calls, size=n_kills):
    if os.path.exists(file):
        os.remove(file)
    child = os.fork()
    if not child:
        n_calls = 0
        sys.setprofile(count)
        fit(checkpoint=file)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, status
    assert np.array_equal(outputs(fit(checkpoint=file), X), expected), last
print("all alike")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
@pytest.mark.parametrize(
    ("name", "n_kills"), [("CADAVAETransformer", 50), ("CLSWGANTransformer", 10)]
)
def test_a_fit_killed_anywhere_goes_on_to_the_same_model(name, n_kills, file):
    folders = [os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))]  # noqa: PTH120
    path = os.pathsep.join([*folders, os.environ.get("PYTHONPATH", "")])
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED_FITS, name, str(n_kills), str(file)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stdout.strip() == "all alike", process.stderr
