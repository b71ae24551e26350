"""The archive of data sets in the xlsa17 format: what is checked before anything is unpacked."""

from __future__ import annotations

import io
import os
import stat
from errno import EINVAL
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from skcada._classes.labels import format_labels

# The folder of the data sets inside the archive.
ARCHIVE_FOLDER = ("xlsa17", "data")
# Unpacked files may take this many times the size of the archive, and besides this many bytes.
RATIO, FLOOR = 50, 64 * 2**20
# The largest piece of the archive that is read at once: its list of members, for instance.
PIECE = 2**22
# No longer name can be written on every disk.
LONGEST_NAME = 200
# The fewest bytes of an archive that a member takes besides its content.
HEADER = 30


class UnreadableError(ValueError):
    """An archive cannot be unpacked, or not without harm."""


class _RefusedError(UnreadableError):
    """An archive could be unpacked, but holds what it should not."""


class _LacksError(ValueError):
    """A sound archive lacks the data set."""


def check_archive(path: Path, shown: Path) -> None:
    """Raise an error that names `shown` unless all members of an archive can be unpacked."""
    with _Archive(path, shown) as archive:
        # The directory of a damaged archive may be empty.
        if not any(_data_set(member) is not None for member in archive.members):
            raise _RefusedError(
                f"'{shown}' has no data set, which would be a folder '{'/'.join(ARCHIVE_FOLDER)}/"
                "<name>'."
            )
        for member in archive.members:
            with archive.file.open(member) as stream:
                while stream.read(PIECE):  # at its end, the checksum is compared
                    pass


def unpack(path: Path, name: str, folder: Path) -> Path:
    """Unpack the members of one data set and return the folder that holds them."""
    with _Archive(path, path) as archive:
        files = [m for m in archive.members if _data_set(m) is not None and not m.is_dir()]
        _require_data_set(name, sorted({str(_data_set(m)) for m in files}), path)
        archive.file.extractall(folder, [m for m in files if _data_set(m) == name])
    return folder.joinpath(*ARCHIVE_FOLDER, name)


class _Archive:
    """An open archive whose list of members is checked, with errors that name it."""

    def __init__(self, path: Path, shown: Path) -> None:
        self.path = path
        self.shown = shown

    def __enter__(self) -> _Archive:
        self.stream: BinaryIO = _Pieces(io.FileIO(self.path))
        try:
            self.file = ZipFile(self.stream)
            self.members = self.file.infolist()
            for member in self.members:
                _require_inside(member, self.shown)
            _require_honest(self.members, self.path.stat().st_size, self.shown)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.stream.close()
        # zipfile raises whatever its decompressors trip over, and seeks to where a file says.
        is_of_disk = isinstance(error, OSError) and error.errno != EINVAL
        is_own = isinstance(error, UnreadableError | _LacksError)
        if isinstance(error, Exception) and not is_of_disk and not is_own:
            raise UnreadableError(
                f"'{self.shown}' is not a ZIP archive, or not a whole one, or packed in a way that "
                f"Python cannot read ({type(error).__name__}: {error})."
            ) from error


class _Pieces(io.BufferedReader):
    """A file of which no large piece is read at once, whatever size the file itself declares."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read no more than a piece."""
        if size is None or size < 0:
            size = max(os.fstat(self.fileno()).st_size - self.tell(), 0)
        if size > PIECE:
            raise ValueError(f"{size} bytes are to be read at once")
        return super().read(size)


def _data_set(member: ZipInfo) -> str | None:
    *folder, name, _ = ["", "", *PurePosixPath(member.filename).parts]
    is_listed = tuple(folder) == ("", "", *ARCHIVE_FOLDER) and not name.startswith(".")
    return name if is_listed else None


def _require_inside(member: ZipInfo, path: Path) -> None:
    name = member.orig_filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    leaves = (
        name.startswith("/")
        or ".." in PurePosixPath(name).parts
        or PureWindowsPath(name).drive
        or any(character in name for character in "\\\0")
    )
    is_long = len(name.encode("utf-8", "replace")) > LONGEST_NAME
    if leaves or is_long or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "is a link or a device"
        if leaves or is_long:
            what = "would be unpacked outside its folder" if leaves else "has too long a name"
        raise _RefusedError(
            f"The member {name[:LONGEST_NAME]!r} of '{path}' {what}, so nothing was unpacked. Get "
            "the archive from a source that you trust."
        )


def _require_honest(members: list[ZipInfo], size: int, path: Path) -> None:
    """Refuse an archive that would fill the disk, or whose members contradict each other."""
    # Other methods can take gigabytes of memory, or shrink without a limit.
    methods = {member.compress_type for member in members} - {ZIP_STORED, ZIP_DEFLATED}
    if methods:
        raise ValueError(f"compression of the kind {min(methods)}; only deflate is read")
    ordered = sorted(members, key=lambda member: member.header_offset)
    ends = [member.header_offset + HEADER + member.compress_size for member in ordered]
    starts = [*(member.header_offset for member in ordered), size]
    if any(end > start for end, start in zip(ends, starts[1:], strict=True)):
        raise ValueError("its members overlap")
    unpacked = sum(member.file_size for member in members)
    if unpacked > RATIO * size + FLOOR:
        raise _RefusedError(
            f"'{path}' has {size} bytes, but would be unpacked to {unpacked}, so nothing was "
            "unpacked. If you trust its source, unpack it yourself beside it, one folder per data "
            "set."
        )


def _require_data_set(name: str, there: list[str], path: Path) -> None:
    if name not in there:
        found = f"its data sets are {format_labels(there, len(there))}" if there else "it has none"
        raise _LacksError(
            f"'{path}' has no data set {name!r}, which would be the folder "
            f"'{'/'.join(ARCHIVE_FOLDER)}/{name}'; {found}. Pass one of them, or the url "
            "of another archive."
        )
