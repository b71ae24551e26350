"""Every public callable answers hostile input rightly, or refuses it by name before any work.

Of callables whose input goes through the same code the table has every fourth kind, each another
fourth. With the environment variable ``SKCADA_WHOLE_TABLE`` it has all of them, about 19,000 cases.
"""

import contextlib
import functools
import re
import shutil
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hostile_cases import PUBLIC, WITHOUT_INPUT, answer_of, cases, fitted, set_parameter, subjects
from hostile_values import anything, itself
from sklearn.exceptions import NotFittedError
from sklearn.utils._param_validation import InvalidParameterError

from skcada._training import Trainer
from skcada.exceptions import CollapseWarning

# Not their subclasses, such as UnicodeError and LinAlgError, which come from deep inside.
DOCUMENTED = (
    ValueError,
    TypeError,
    InvalidParameterError,
    NotFittedError,
    FileNotFoundError,
    OSError,
)


class TrainingStarted(BaseException):
    """A training began with hostile input."""


def same(answer, expected):
    """Tell whether two answers are equal, up to rounding."""
    if isinstance(answer, dict):
        return answer.keys() == expected.keys() and all(
            same(answer[k], expected[k]) for k in answer
        )
    if isinstance(answer, list | tuple):
        return len(answer) == len(expected) and all(map(same, answer, expected))
    if isinstance(answer, pd.DataFrame):
        return list(answer.index) == list(expected.index) and same(
            answer.to_numpy(), expected.to_numpy()
        )
    answer, expected = np.asarray(answer), np.asarray(expected)
    if answer.dtype.kind == "f":
        return np.allclose(answer, expected, rtol=1e-3, atol=1e-4, equal_nan=True)
    return np.array_equal(answer.astype(object), expected.astype(object))


def call(case, model, value):
    """Pass one value to the subject, its other arguments being good."""
    good = {} if case.subject.is_alone else case.subject.arguments
    arguments = {**good, case.argument: value}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        if case.kind.warns:
            warnings.filterwarnings("ignore", f".*{case.kind.warns}")
        positional = () if model is None else (model,)
        return case.subject.call(*positional, **arguments)


@functools.cache
def shared(*key):
    """Return a fitted model and its answer, for all cases that leave it as it is."""
    model = fitted(*key)
    return model, answer_of(model)


@contextlib.contextmanager
def restoring(model):
    """Give a model back the attributes that it had before."""
    before = {} if model is None else dict(vars(model))
    try:
        yield
    finally:
        if model is not None:
            vars(model).clear()
            vars(model).update(before)


@functools.cache
def expected_answer(subject):
    """Return the answer of a subject to good arguments alone."""
    model = shared(*subject.model)[0] if subject.model else None
    with restoring(model), warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        return subject.call(*(() if model is None else (model,)), **subject.arguments)


def find_wrongs(case, error, model, before, epochs):
    """Return what is wrong about a refusal."""
    names = [rf"\b{case.argument}\b", case.subject.names.get(case.argument), case.kind.names]
    if type(error) not in DOCUMENTED:
        yield "is no documented exception"
    if not re.search("|".join(filter(None, names)), str(error)):
        yield "does not name the offender"
    if epochs:
        yield "comes after training"
    if model is not None:
        after = vars(model)
        if before.keys() != after.keys() or any(after[k] is not before[k] for k in before):
            yield "leaves the model changed"


def run(case, monkeypatch):
    """Return what is wrong about how a case ends, an empty text if nothing is."""
    model, before = shared(*case.subject.model) if case.subject.model else (None, None)
    with restoring(model):
        wrong = _run(case, model, monkeypatch)
    if model is not None and not same(answer_of(model), before):
        shared.cache_clear()
        wrong += " The model has been changed deep inside."
    return wrong


def _run(case, model, monkeypatch):
    subject, kind = case.subject, case.kind
    good = subject.arguments[case.argument]
    value = kind.make(good)
    epochs = []
    run_epoch = Trainer.run_epoch

    def spy(self):
        epochs.append(self)
        if kind.equal in (None, anything):
            raise TrainingStarted
        return run_epoch(self)

    if model is not None and subject.is_alone:
        set_parameter(model, case.argument, value)
    before = {} if model is None else dict(vars(model))
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Trainer, "run_epoch", spy)
            answer = call(case, model, value)
    except TrainingStarted:
        return "" if kind.equal else "was trained on"
    except Exception as error:
        wrongs = ", ".join(find_wrongs(case, error, model, before, epochs))
        return f"{type(error).__name__}: {error!s:.300} -- {wrongs}" if wrongs else ""
    if kind.equal is None:
        return f"was accepted: {answer!r:.100}"
    if kind.equal is anything:
        return ""
    if model is not None:
        vars(model).clear()
        vars(model).update(before)
    if kind.equal is itself:
        expected = expected_answer(subject)
    else:
        expected = call(case, model, kind.equal(good))
    return "" if same(answer, expected) else f"gives {answer!r:.200} instead of {expected!r:.200}"


def test_every_public_callable_is_in_the_table():
    named = {re.split(r"[.(]", subject.name)[0] for subject in subjects()}
    assert named == set(PUBLIC) - WITHOUT_INPUT


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory):
    """Work in a folder of its own: a text may be taken for a path to write to."""
    with contextlib.chdir(tmp_path_factory.mktemp("bad_input")):
        yield Path.cwd()


@pytest.fixture(autouse=True)
def empty_folder(folder):
    """Remove what a case wrote, which the next one would find."""
    yield
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture(autouse=True)
def figures():
    """Draw without a screen, and close what a case has drawn."""
    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    yield
    plt.close("all")


@pytest.mark.parametrize("case", cases(), ids=str)
def test_hostile_input_is_answered_rightly_or_refused_by_name(case, monkeypatch):
    assert run(case, monkeypatch) == ""
