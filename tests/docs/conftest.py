"""The folders of the site's sources."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def docs(monkeypatch):
    """Return the folder of the documentation, whose extensions can be imported."""
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "sphinxext"))
    return ROOT / "docs"
