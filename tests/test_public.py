"""Properties of every public object."""

import doctest
import importlib
import inspect

import pytest
from numpydoc.validate import validate
from public_modules import MODULES

import skcada

EXPORTS = {
    f"{module}.{name}": getattr(importlib.import_module(module), name)
    for module in MODULES
    for name in importlib.import_module(module).__all__
    if not name.startswith("__")
}
# Of several exports of one object the first, which is documented.
OBJECTS = list({id(value): path for path, value in reversed(EXPORTS.items())}.values())[::-1]
# Rules that are not held, each with its reason.
EXEMPT = {
    "GL01": "the summary starts on the line of the quotes, as in scikit-learn",
    "ES01": "a summary that says it all needs no extended one",
    "RT02": "named return values are told apart by their names",
}
EXEMPT_FOR_MEMBERS = {
    "SA01": "methods and properties are related by their class",
    "EX01": "the example of a class shows its methods",
}
EXEMPT_FOR_PROTOCOLS = {"PR01": "a protocol is not instantiated, so it has no parameters"}
# Examples that doctest cannot run, each with its reason.
NOT_RUN = {"skcada.datasets.fetch_xlsa17": "downloads gigabytes"}


def members_of(path):
    """Return the paths of the public methods and properties that skcada itself defines."""
    module, name = path.rsplit(".", 1)
    cls = getattr(importlib.import_module(module), name)
    if not inspect.isclass(cls):
        return []
    names = {
        name
        for base in cls.__mro__
        if base.__module__.split(".")[0] == "skcada"
        for name, member in vars(base).items()
        if not name.startswith("_")
        and (isinstance(member, property) or callable(getattr(cls, name)))
    }
    return [f"{path}.{name}" for name in sorted(names)]


MEMBERS = [member for path in OBJECTS for member in members_of(path)]


@pytest.mark.parametrize("path", OBJECTS + MEMBERS)
def test_docstrings_follow_numpydoc(path):
    exempt = EXEMPT | EXEMPT_FOR_MEMBERS if path in MEMBERS else EXEMPT
    if getattr(EXPORTS.get(path), "_is_protocol", False):
        exempt = exempt | EXEMPT_FOR_PROTOCOLS
    errors = [f"{code}: {text}" for code, text in validate(path)["errors"] if code not in exempt]
    assert not errors, "\n".join(errors)


@pytest.mark.parametrize("path", [path for path in OBJECTS if path not in NOT_RUN])
def test_examples_are_run_by_doctest_from_the_import_on(path):
    module, name = path.rsplit(".", 1)
    docstring = inspect.getdoc(getattr(importlib.import_module(module), name))
    run = [
        example.source
        for example in doctest.DocTestParser().get_examples(docstring)
        if not example.options.get(doctest.SKIP)
    ]
    imports = [line for line in run if line.startswith(f"from {module} import")]
    assert any(name in line for line in imports)
    assert any(name in line for line in run if line not in imports)


@pytest.mark.parametrize("module", MODULES)
def test_all_names_are_sorted_and_there(module):
    module = importlib.import_module(module)
    assert module.__all__ == sorted(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_estimators_are_typed_for_users():
    assert (importlib.resources.files("skcada") / "py.typed").is_file()
    for name in ("fit", "predict", "score"):
        annotations = inspect.get_annotations(getattr(skcada.GZSLClassifier, name))
        assert "return" in annotations
