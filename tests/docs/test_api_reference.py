"""The API reference lists what is public, without a run of Sphinx."""

import importlib
import pkgutil
import re
from collections import Counter

import pytest

import skcada
from skcada._base.estimator import DOCUMENTATION_URL, DocLinkMixin

PACKAGES = (
    "skcada",
    *(
        f"skcada.{module.name}"
        for module in pkgutil.iter_modules(skcada.__path__)
        if not module.name.startswith("_")
    ),
)


def listed_names(page):
    """Return the full names in the autosummary tables of a page, in their order."""
    names, package, in_table = [], None, False
    for line in page.read_text().splitlines():
        if match := re.match(r"\.\. currentmodule:: (\S+)", line):
            package = match[1]
        elif line.startswith(".. autosummary::"):
            in_table = True
        elif line and not line.startswith(" "):
            in_table = False
        elif in_table and re.fullmatch(r" +[A-Za-z_]\w*", line):
            names.append(f"{package}.{line.strip()}")
    return names


def has_a_link(found):
    return isinstance(found, type) and issubclass(found, DocLinkMixin)


@pytest.fixture
def listed(docs):
    """Return the names that the page lists."""
    return listed_names(docs / "api" / "index.rst")


@pytest.fixture
def public():
    """Return all public objects by full name, those that two packages export by both names."""
    return {
        f"{package}.{name}": getattr(importlib.import_module(package), name)
        for package in PACKAGES
        for name in importlib.import_module(package).__all__
        if not name.startswith("__")
    }


def test_only_public_names_have_a_page(listed, public):
    assert set(listed) <= set(public)


def test_every_public_object_has_one_page(listed, public):
    pages = Counter(public[name] for name in listed)
    assert pages == dict.fromkeys(public.values(), 1)


def test_html_representations_link_to_the_page_of_the_estimator(listed, public):
    estimators = {name for name in listed if has_a_link(public[name])}
    assert len(estimators) >= 4
    for name in estimators:
        parts = public[name]._doc_link_url_param_generator(object.__new__(public[name]))
        assert f"{parts['module']}.{parts['name']}" == name


def test_html_representations_link_to_pages_of_this_site(docs):
    assert f'html_baseurl = "{DOCUMENTATION_URL}"' in (docs / "conf.py").read_text()
    page, template = (docs / "api" / "index.rst").read_text(), DocLinkMixin._doc_link_template
    assert page.count(":toctree: generated") == page.count(".. autosummary::")
    assert template.startswith(DOCUMENTATION_URL + "api/generated/")
