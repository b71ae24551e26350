"""The data sets in a folder."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from _paper._imagenet import FEATURES_FILE, FILES, ImageNet
from _paper._xlsa17 import Xlsa17

XLSA17_FILES = ("res101.mat", "att_splits.mat")


@dataclass(frozen=True)
class Source:
    """Where a data set is.

    Parameters
    ----------
    name : str
        Its name.
    folder : Path
        Its folder.
    is_imagenet : bool
        Whether it has the files of ImageNet instead of those of the xlsa17 format.
    """

    name: str
    folder: Path
    is_imagenet: bool


def find_datasets(folder: Path) -> tuple[list[Source], list[str]]:
    """Find the data sets in a folder.

    Parameters
    ----------
    folder : Path
        A data set, or the parent of data sets.

    Returns
    -------
    sources : list of Source
        The data sets.
    notes : list of str
        What is left out of them.

    Raises
    ------
    ValueError
        If there is no such folder, or no data set in it.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder '{folder}'. Pass one with data sets as --data.")
    # A link is called as it is, but '.' and '..' are no names.
    own_name = folder.name if folder.name not in ("", "..") else folder.resolve().name
    if _has_all(folder, XLSA17_FILES):
        return [Source(own_name, folder, is_imagenet=False)], []
    sources, notes = [], []
    for child in sorted(path for path in folder.iterdir() if path.is_dir()):
        if _has_all(child, XLSA17_FILES):
            sources.append(Source(child.name, child, is_imagenet=False))
        elif _has_any(child, FILES):
            sources.append(Source(child.name, child, is_imagenet=True))
        elif _has_any(child, XLSA17_FILES):
            (missing,) = (file for file in XLSA17_FILES if not (child / file).is_file())
            notes.append(f"{child.name} left out: it has no {missing}")
    if _has_any(folder, FILES):
        # The parent of other data sets is not named after ImageNet.
        name = "ImageNet" if sources else own_name
        sources.append(Source(name, folder, is_imagenet=True))
    if not sources:
        found = f" ({'; '.join(notes)})" if notes else ""
        raise ValueError(
            f"'{folder}' holds no data set{found}. A data set is a folder with "
            f"{' and '.join(XLSA17_FILES)}, or with {', '.join((FEATURES_FILE, *FILES))}."
        )
    names = [source.name for source in sources]
    if len(set(names)) < len(names):
        raise ValueError(f"'{folder}' holds two data sets named 'ImageNet'. Rename one of them.")
    return sources, notes


@lru_cache(maxsize=1)
def load(source: Source) -> Xlsa17 | ImageNet:
    """Load a data set; the last one is kept.

    Parameters
    ----------
    source : Source
        Where it is.

    Returns
    -------
    Xlsa17 or ImageNet
        The data set.

    Raises
    ------
    OSError, ImportError, ValueError
        If it cannot be read.
    """
    kind = ImageNet if source.is_imagenet else Xlsa17
    return kind.load(source.name, source.folder)


def _has_all(folder: Path, files: tuple[str, ...]) -> bool:
    return all((folder / file).is_file() for file in files)


def _has_any(folder: Path, files: tuple[str, ...]) -> bool:
    return any((folder / file).is_file() for file in files)
