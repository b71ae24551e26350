"""The API reference lists what is public, without a run of Sphinx."""

import importlib
import pkgutil
import re
from collections import Counter

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


def test_every_public_name_has_a_page_and_no_other_name(docs):
    public = {
        f"{package}.{name}"
        for package in PACKAGES
        for name in importlib.import_module(package).__all__
        if not name.startswith("__")
    }
    assert set(listed_names(docs / "api" / "index.rst")) == public


def test_no_name_is_listed_twice(docs):
    counts = Counter(listed_names(docs / "api" / "index.rst"))
    assert max(counts.values()) == 1


def test_html_representations_link_to_pages_of_this_site(docs):
    assert f'html_baseurl = "{DOCUMENTATION_URL}"' in (docs / "conf.py").read_text()
    page, template = (docs / "api" / "index.rst").read_text(), DocLinkMixin._doc_link_template
    assert page.count(":toctree: generated") == page.count(".. autosummary::")
    assert template.startswith(DOCUMENTATION_URL + "api/generated/")
