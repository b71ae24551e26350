"""The line of the user, to which warnings point."""

import _thread
import contextlib
import functools
import warnings
from pathlib import Path
from queue import SimpleQueue

import pytest
from sklearn.preprocessing import FunctionTransformer

import skcada
from skcada.exceptions import CollapseWarning, warn_user

INNER_SOURCE = """
@contextlib.contextmanager
def managed():
    warn_user("odd")
    yield

@functools.singledispatch
def inner(value):
    with managed():
        pass
"""


def define_in_skcada():
    """Define a function of which Python believes that it stands in a file of skcada."""
    namespace = {"contextlib": contextlib, "functools": functools, "warn_user": warn_user}
    path = Path(skcada.__file__).with_name("_imagined.py")
    exec(compile(INNER_SOURCE, str(path), "exec"), namespace)
    return namespace["inner"]


def lines_that_call(text):
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, start=1) if text in line]


def test_a_warning_points_past_skcada_contextlib_and_functools():
    inner = define_in_skcada()
    with pytest.warns(UserWarning, match="odd") as caught:
        inner("first case")
    assert caught[0].filename == __file__
    assert caught[0].lineno == lines_that_call('inner("first case")')[0]


def test_a_warning_points_past_scikit_learn():
    transformer = FunctionTransformer(warn_user)
    with pytest.warns(UserWarning, match="odd") as caught:
        transformer.transform("odd")
    assert caught[0].filename == __file__


def test_a_folder_that_is_only_named_like_skcada_belongs_to_the_user(tmp_path):
    path = str(tmp_path / "skcada" / "mine.py")
    with pytest.warns(UserWarning, match="odd") as caught:
        exec(compile("warn_user('odd')", path, "exec"), {"warn_user": warn_user})
    assert caught[0].filename == path


def test_a_warning_without_any_line_of_the_user_points_to_the_outermost_frame():
    filenames = SimpleQueue()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, category, filename, *_: filenames.put(filename)
        # A thread at this level has no frame but that of warn_user.
        _thread.start_new_thread(warn_user, ("odd",))
        assert Path(filenames.get(timeout=60)).name == "exceptions.py"


def test_a_warning_has_the_category_that_is_asked_for():
    with pytest.warns(CollapseWarning, match="odd"):
        warn_user("odd", CollapseWarning)
