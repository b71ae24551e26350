"""Counts and names of things in the messages of the loaders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from skcada._classes.labels import format_labels


def some(items: Iterable[Any], noun: str) -> str:
    """Count and name items, as in "2 classes ('bat', 'seal')"."""
    items = list(items)
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{len(items)} {noun if len(items) == 1 else plural} ({format_labels(items)})"
