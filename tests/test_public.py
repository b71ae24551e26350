"""What holds for every public object."""

import importlib
import inspect

import pytest
from numpydoc.validate import validate

import skcada

MODULES = ["skcada", "skcada.datasets", "skcada.metrics", "skcada.model_selection"]
OBJECTS = [
    f"{module}.{name}"
    for module in MODULES
    for name in importlib.import_module(module).__all__
    if not name.startswith("__")
]
# Rules that are not held, each with its reason.
EXEMPT = {
    "GL01": "the summary starts on the line of the quotes, as in scikit-learn",
    "ES01": "a summary that says it all needs no extended one",
    "SA01": "methods are related by their class",
    "EX01": "the example of a class shows its methods",
    "RT02": "named return values are told apart by their names",
}


def methods_of(path):
    module, name = path.rsplit(".", 1)
    cls = getattr(importlib.import_module(module), name)
    if not inspect.isclass(cls):
        return []
    return [f"{path}.{m}" for m in vars(cls) if not m.startswith("_") and callable(getattr(cls, m))]


METHODS = [method for path in OBJECTS for method in methods_of(path)]


@pytest.mark.parametrize("path", OBJECTS + METHODS)
def test_docstrings_follow_numpydoc(path):
    exempt = EXEMPT.keys() if path in METHODS else EXEMPT.keys() - {"SA01", "EX01"}
    errors = [f"{code}: {text}" for code, text in validate(path)["errors"] if code not in exempt]
    assert not errors, "\n".join(errors)


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
