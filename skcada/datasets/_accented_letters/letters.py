"""The accented Latin letters of Unicode and the parts that each is made of."""

from __future__ import annotations

import string
import unicodedata

import numpy as np
import pandas as pd


def find_letters() -> list[str]:
    """List the letters that Unicode makes of a basic letter and marks, sorted by code point.

    Of letters with the same parts in another order, the first one stands for all: nothing in the
    class embeddings would tell the others from it.

    >>> letters = find_letters()
    >>> len(letters), letters[0], letters[-1]
    (538, 'A', 'ỹ')
    """
    of_parts: dict[frozenset[str], str] = {}
    for code in range(0x2000):  # Unicode promises that no letter gains such a form any more
        letter = chr(code)
        parts = unicodedata.normalize("NFD", letter)
        # What is written otherwise in composed text, as the sign of the kelvin, is no letter here.
        is_composed = unicodedata.normalize("NFC", letter) == letter
        if is_composed and parts[0] in string.ascii_letters:
            of_parts.setdefault(frozenset(parts), letter)
    return list(of_parts.values())


def describe(letters: list[str]) -> pd.DataFrame:
    """Mark the parts of each letter by 1: basic letters and marks, sorted by code point.

    >>> table = describe(["A", "ế"])
    >>> list(table)
    ['A', 'e', 'acute accent', 'circumflex accent']
    >>> table.loc["ế"].to_numpy()
    array([0., 1., 1., 1.])
    """
    parts = [unicodedata.normalize("NFD", letter) for letter in letters]
    columns = sorted(set("".join(parts)))
    table = np.array([[float(column in one) for column in columns] for one in parts])
    return pd.DataFrame(table, index=letters, columns=[_name(column) for column in columns])


def _name(part: str) -> str:
    if part in string.ascii_letters:
        return part
    return unicodedata.name(part).removeprefix("COMBINING ").lower()
