"""The facts that a bug report shows."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from skcada import SoftmaxClassifier, __version__, show_versions

USER_EXTRAS = ("progress", "plots", "data")


@pytest.fixture
def shown(capsys):
    """Return what is shown, as a dict of name to fact; a later section overrides an earlier one."""

    def show():
        show_versions()
        lines = capsys.readouterr().out.splitlines()
        return dict(line.strip().split(": ", 1) for line in lines if ": " in line)

    return show


def test_every_dependency_of_users_is_shown_with_its_version(shown):
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *(r for e in USER_EXTRAS for r in extras[e])]
    names = [re.match(r"[\w.-]+", requirement).group() for requirement in requirements]
    facts = shown()
    assert {name: facts[name] for name in names} == {name: version(name) for name in names}
    assert facts["skcada"] == __version__


def test_the_device_is_the_one_that_estimators_choose(shown, Xy):
    classifier = SoftmaxClassifier(max_iter=1, random_state=0).fit(*Xy)
    assert classifier.device == "auto"
    assert shown()["device"] == str(classifier.device_)


def test_the_blas_is_shown(capsys):
    show_versions()
    assert re.search(r"user_api: blas\n.*internal_api: \w+", capsys.readouterr().out)


def test_an_optional_dependency_that_is_missing_is_said_so(shown, monkeypatch):
    def no_rich(name):
        if name == "rich":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("skcada._show_versions.version", no_rich)
    assert shown()["rich"] == "not installed"
