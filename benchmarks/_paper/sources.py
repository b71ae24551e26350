"""The data sets in a folder."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from _paper.imagenet import FEATURES_FILE, FILES, ImageNet
from _paper.xlsa17 import Xlsa17

XLSA17_FILES = ("res101.mat", "att_splits.mat")


class Source(NamedTuple):
    """The name of a data set, its folder and how to read it."""

    name: str
    folder: Path
    kind: type[Xlsa17] | type[ImageNet]


def find_datasets(folder: Path) -> tuple[list[Source], list[str]]:
    """Find a data set, or those in its subfolders, and say what is left out of them."""
    if not folder.is_dir():
        raise ValueError(f"There is no folder '{folder}'. Pass one with data sets as --data.")
    # A link is called as it is, but '.' and '..' are no names.
    own_name = folder.name if folder.name not in ("", "..") else folder.resolve().name
    if not _lacks(folder, XLSA17_FILES):
        return [Source(own_name, folder, Xlsa17)], []
    sources, notes = [], []
    for child in sorted(path for path in folder.iterdir() if path.is_dir()):
        lacking = _lacks(child, XLSA17_FILES)
        if not lacking:
            sources.append(Source(child.name, child, Xlsa17))
        elif _lacks(child, FILES) != list(FILES):
            sources.append(Source(child.name, child, ImageNet))
        elif len(lacking) == 1:
            notes.append(f"{child.name} left out: it has no {lacking[0]}")
    if _lacks(folder, FILES) != list(FILES) and ImageNet not in [each.kind for each in sources]:
        # The parent of other data sets is not named after ImageNet.
        sources.append(Source("ImageNet" if sources else own_name, folder, ImageNet))
    if not sources:
        raise ValueError(
            f"'{folder}' holds no data set. One is a folder with {' and '.join(XLSA17_FILES)}, or "
            f"with {', '.join((FEATURES_FILE, *FILES))}. {'; '.join(notes)}".strip()
        )
    return sources, notes


@lru_cache(maxsize=1)
def load(source: Source) -> Xlsa17 | ImageNet:
    """Load a data set; the last one is kept."""
    try:
        return source.kind(source.name, source.folder)
    except ValueError as error:
        raise ValueError(f"{source.name}: {error}") from error


def _lacks(folder: Path, files: tuple[str, ...]) -> list[str]:
    return [file for file in files if not (folder / file).is_file()]
