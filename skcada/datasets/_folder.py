"""The files that a folder with a published data set must hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from skcada._classes.labels import format_labels


def require_files(folder: Path, contents: Mapping[str, str]) -> None:
    """Raise an error that names the missing file, its variables and the files that are there."""
    files = [f"'{file}' ({variables})" for file, variables in contents.items()]
    expected = f"The folder must hold {', '.join(files[:-1])} and {files[-1]}."
    if folder.is_file():
        raise FileNotFoundError(f"'{folder}' is a file, not a folder. {expected}")
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder '{folder}'. {expected}")
    for file in contents:
        if not (folder / file).is_file():
            there = sorted(path.name for path in folder.glob("*.mat"))
            found = f"its MAT files are {format_labels(there)}" if there else "it has no MAT file"
            raise FileNotFoundError(f"There is no file '{folder / file}'. {expected} Now {found}.")
