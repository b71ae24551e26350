"""The script that draws the letters and their roles, and writes both to ``letters.npz``.

It needs matplotlib, which brings the fonts. Run it from the root of a checkout::

    python -m skcada.datasets._accented_letters.render
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from hashlib import sha256
from pathlib import Path

import numpy as np
from matplotlib import get_data_path
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path as Outline
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from skcada.datasets._accented_letters.letters import find_letters

# The family of each face, and the file of its font without the ending.
FACES = {
    "DejaVu Sans": ("", "-Bold", "-Oblique", "-BoldOblique"),
    "DejaVu Sans Mono": ("", "-Bold", "-Oblique", "-BoldOblique"),
    "DejaVu Serif": ("", "-Bold", "-Italic", "-BoldItalic"),
    "STIXGeneral": ("", "Bol", "Italic", "BolIta"),
}
N_UNSEEN, N_VALIDATION = 100, 100
N_ROWS, N_COLUMNS = 48, 40
# In pixels. The em and the base line leave a blank edge around the largest letter of all faces.
EM, BASE_LINE = 29, 12


def find_fonts() -> list[tuple[str, str, Path]]:
    """List the family, the name and the file of each face."""
    folder = Path(get_data_path(), "fonts", "ttf")
    return [
        (family, name := family.replace(" ", "") + style, folder / f"{name}.ttf")
        for family, styles in FACES.items()
        for style in styles
    ]


class Face:
    """Letters of one font, drawn to one scale on one base line."""

    def __init__(self, path: Path) -> None:
        self._font = FT2Font(str(path))  # older versions of matplotlib take no Path
        # One unit of the font is one pixel, so that outlines are not rounded before they are drawn.
        self._font.set_size(self._font.units_per_EM, 72)
        self._glyphs = self._font.get_charmap()

    def __contains__(self, letter: str) -> bool:
        return self._glyphs.get(ord(letter), 0) != 0

    def draw(self, letter: str) -> NDArray[np.uint8]:
        """Draw a letter, centred between left and right, in shades from 0 to 15 (ink)."""
        self._font.load_char(ord(letter), LoadFlags.NO_HINTING)
        outline = Outline(*self._font.get_path())
        place = Affine2D().scale(EM / self._font.units_per_EM)
        (left, bottom), (right, top) = outline.get_extents(place).get_points()
        place.translate((N_COLUMNS - left - right) / 2, BASE_LINE)
        if (
            right - left > N_COLUMNS - 2
            or not 1 - BASE_LINE < bottom < top < N_ROWS - 1 - BASE_LINE
        ):
            raise ValueError(f"{letter!r} of {self._font.fname!r} is too large for an image.")
        canvas = RendererAgg(N_COLUMNS, N_ROWS, 72)
        context = canvas.new_gc()
        context.set_linewidth(0)
        context.set_snap(False)
        canvas.draw_path(context, outline, place, (0, 0, 0))
        shades = np.asarray(canvas.buffer_rgba())[:, :, 3]
        return np.round(shades / 17).astype(np.uint8)


def rank(*key: str) -> bytes:
    """Return a random number for a key that is the same for ever, unlike those of libraries."""
    return sha256("/".join(key).encode()).digest()


def draw_classes(letters: list[str], n_classes: int, purpose: str) -> list[str]:
    """Draw letters with marks, so that each of their marks occurs in a letter that remains."""
    left = Counter("".join(unicodedata.normalize("NFD", letter) for letter in letters))
    drawn: list[str] = []
    for letter in sorted(letters, key=lambda letter: rank(purpose, letter)):
        parts = unicodedata.normalize("NFD", letter)
        if len(parts) > 1 and all(left[part] > 1 for part in parts):
            left.subtract(parts)
            drawn.append(letter)
            if len(drawn) == n_classes:
                break
    return drawn


def draw_roles(target: NDArray[np.str_], family: NDArray[np.str_]) -> NDArray[np.str_]:
    """Draw the role of each row, given its letter and its family of faces."""
    letters = find_letters()
    unseen = draw_classes(letters, N_UNSEEN, "unseen")
    validation = draw_classes(sorted(set(letters) - set(unseen)), N_VALIDATION, "validation")
    tested = {
        letter: min(set(family[target == letter]), key=lambda name: rank("tested", letter, name))
        for letter in letters
    }
    roles = np.full(len(target), "train", dtype="<U11")
    roles[np.isin(target, validation)] = "val"
    roles[family == np.array([tested[letter] for letter in target])] = "test_seen"
    roles[np.isin(target, unseen)] = "test_unseen"
    return roles


def main() -> None:
    """Draw all letters in all faces and write them, packed, with their roles."""
    fonts = find_fonts()
    faces = [Face(path) for _, _, path in fonts]
    # Letter by letter, as the same shapes side by side make a smaller file.
    drawn = [
        (letter, number, face.draw(letter))
        for letter in find_letters()
        for number, face in enumerate(faces)
        if letter in face
    ]
    target = np.array([letter for letter, _, _ in drawn])
    number = np.array([number for _, number, _ in drawn])
    shades = np.stack([image.ravel() for _, _, image in drawn])
    family = np.array([family for family, _, _ in fonts])[number]
    np.savez_compressed(
        Path(__file__).with_name("letters.npz"),
        shades=shades[:, 0::2] << 4 | shades[:, 1::2],  # two pixels per byte
        letter=target,
        face=np.array([name for _, name, _ in fonts])[number],
        family=family,
        role=draw_roles(target, family),
    )


if __name__ == "__main__":
    main()
