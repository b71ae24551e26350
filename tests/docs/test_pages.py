"""The code of the pages runs, and every page is in the table of contents."""

import doctest
import re
import textwrap

import numpy as np
import pytest

from skcada.datasets import load_segment_digits

GENERATED = {"auto_examples", "_build", "generated"}


@pytest.fixture
def pages(docs):
    """Return the pages that are written by hand, by name."""
    return {
        path.relative_to(docs).with_suffix("").as_posix(): path
        for path in docs.rglob("*.rst")
        if not GENERATED & set(path.relative_to(docs).parts) and "_templates" not in path.parts
    }


def test_a_newcomer_can_follow_the_page_on_installation(docs):
    results = doctest.testfile(
        str(docs / "install.rst"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert results.attempted > 10
    assert results.failed == 0


def test_the_code_of_the_landing_page_runs_on_arrays(docs):
    page = (docs / "index.rst").read_text()
    (code,) = re.findall(r"code-block:: python\n\n((?: {9,}.*\n|\n)+)", page)
    digits = load_segment_digits()
    test = np.concatenate([digits.test_seen, digits.test_unseen])
    names = {
        "embeddings": digits.class_embeddings,
        "X_seen": digits.data[digits.trainval],
        "y_seen": digits.target[digits.trainval],
        "X_new": digits.data[digits.test_unseen],
        "X_test": digits.data[test],
        "y_test": digits.target[test],
    }
    exec(textwrap.dedent(code), names)
    assert set(names["model"].classes_) == set(digits.target_names)


def test_every_page_is_in_a_table_of_contents(pages):
    """A page outside of all is a warning of Sphinx, long after it was written."""
    entries = set()
    for path in pages.values():
        folder = path.parent.relative_to(pages["index"].parent)
        for block in re.findall(r"\.\. toctree::\n((?: +.*\n|\n)+)", path.read_text() + "\n"):
            entries |= {
                (folder / line.strip()).as_posix()
                for line in block.splitlines()
                if line.strip() and not line.strip().startswith(":")
            }
    generated = {"auto_examples/index"}
    assert set(pages) - {"index"} == entries - generated
