"""Every public callable answers hostile input rightly, or refuses it by name before any work."""

import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hostile_cases import PUBLIC, WITHOUT_INPUT, anything, cases, set_parameter, subjects
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


def attributes(model):
    """Return what a model holds, to compare before and after."""
    return {} if model is None else dict(vars(model))


def run(case, monkeypatch):
    """Return what is wrong about how a case ends, an empty text if nothing is."""
    subject, kind = case.subject, case.kind
    good = subject.arguments[case.argument]
    model = subject.model() if subject.model else None
    state = pickle.dumps(model)
    value = kind.make(good)
    epochs = []
    run_epoch = Trainer.run_epoch

    def spy(self):
        epochs.append(self)
        if kind.equal in (None, anything):
            raise TrainingStarted
        return run_epoch(self)

    monkeypatch.setattr(Trainer, "run_epoch", spy)
    is_set = model is not None and subject.is_alone
    if is_set:
        set_parameter(model, case.argument, value)
    before = attributes(model)
    try:
        answer = call(case, model, value)
    except TrainingStarted:
        return "" if kind.equal else "was trained on"
    except Exception as error:
        wrong = []
        if type(error) not in DOCUMENTED:
            wrong.append("is no documented exception")
        names = [rf"\b{case.argument}\b", subject.names.get(case.argument), kind.names]
        if not re.search("|".join(filter(None, names)), str(error)):
            wrong.append("does not name the offender")
        if epochs:
            wrong.append("comes after training")
        after = attributes(model)
        if before.keys() != after.keys() or any(after[k] is not before[k] for k in before):
            wrong.append("leaves the model changed")
        if not is_set and pickle.dumps(model) != state:
            wrong.append("leaves the model changed deep inside")
        if wrong:
            return f"{type(error).__name__}: {error!s:.300} -- {', '.join(wrong)}"
        return ""
    finally:
        monkeypatch.setattr(Trainer, "run_epoch", run_epoch)
    if kind.equal is None:
        return f"was accepted: {answer!r:.100}"
    if kind.equal is anything:
        return ""
    expected = call(case, subject.model() if subject.model else None, kind.equal(good))
    return "" if same(answer, expected) else f"gives {answer!r:.200} instead of {expected!r:.200}"


def test_every_public_callable_is_in_the_table():
    named = {re.split(r"[.(]", subject.name)[0] for subject in subjects()}
    assert named == set(PUBLIC) - WITHOUT_INPUT


@pytest.mark.parametrize("case", cases(), ids=str)
def test_hostile_input_is_answered_rightly_or_refused_by_name(case, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert run(case, monkeypatch) == ""
