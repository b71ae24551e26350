"""How the messages of the loaders count and name things."""

from collections.abc import Iterable
from typing import Any

import numpy as np


def some(items: Iterable[Any], noun: str) -> str:
    """Count and name items, as in "2 classes ('bat', 'seal')".

    Parameters
    ----------
    items : iterable
        The items.
    noun : str
        What one of them is.

    Returns
    -------
    str
        The number and the first five items.
    """
    items = list(items)
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{len(items)} {noun if len(items) == 1 else plural} ({listed(items)})"


def listed(items: Iterable[Any]) -> str:
    """Name the first five of some items.

    Parameters
    ----------
    items : iterable
        The items.

    Returns
    -------
    str
        The items with commas between, strings in quotes.
    """
    items = list(items)
    plain = (item.item() if isinstance(item, np.generic) else item for item in items[:5])
    return ", ".join(map(repr, plain)) + (", ..." if len(items) > 5 else "")
