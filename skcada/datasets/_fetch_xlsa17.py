"""Download of the published data sets in the xlsa17 format."""

from __future__ import annotations

import os
from hashlib import file_digest
from hashlib import sha256 as sha256_of
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

from sklearn.datasets import fetch_file, get_data_home
from sklearn.utils import Bunch

from skcada._sklearn import validate_params
from skcada.datasets._layout import DataAndTarget
from skcada.datasets._xlsa17 import read_folder
from skcada.datasets._xlsa17_archive import UnreadableError, check_archive, unpack

PUBLISHED_URL = "https://datasets.d2.mpi-inf.mpg.de/xian/xlsa17.zip"
ARCHIVE_FILE = "xlsa17.zip"


@validate_params(
    {
        "name": [str],
        "data_home": [str, os.PathLike, None],
        "url": [str],
        "sha256": [str, None],
        "download_if_missing": ["boolean"],
        "features_file": [str],
        "splits_file": [str],
        "return_X_y": ["boolean"],
        "as_frame": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_xlsa17(
    name: str,
    *,
    data_home: str | os.PathLike[str] | None = None,
    url: str = PUBLISHED_URL,
    sha256: str | None = None,
    download_if_missing: bool = True,
    features_file: str = "res101.mat",
    splits_file: str = "att_splits.mat",
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Bunch | DataAndTarget:
    """Load one of the published data sets in the xlsa17 format, downloading it if necessary.

    Xian et al. [1]_ publish the features and 'proposed splits' of five benchmarks in one ZIP
    archive. It is downloaded once, and each data set is unpacked when it is first asked for.

    Parameters
    ----------
    name : str
        The data set, a folder of the archive: in the published one ``"AWA1"``, ``"AWA2"``,
        ``"CUB"``, ``"SUN"`` or ``"APY"``.
    data_home : str or path-like, default=None
        The folder to keep downloads in, by default that of
        :func:`sklearn.datasets.get_data_home`. The archive and the data sets are in its subfolder
        ``xlsa17``. Once the data sets needed are unpacked, ``xlsa17.zip`` can be removed.
    url : str, default="https://datasets.d2.mpi-inf.mpg.de/xian/xlsa17.zip"
        The address of the archive, which holds folders ``xlsa17/data/<name>``. What is downloaded
        from another address, or with `sha256`, is kept in a subfolder of its own, so that it is
        never taken for the published data.
    sha256 : str, default=None
        The SHA-256 digest of the archive in hexadecimal. If None, it is not verified.
    download_if_missing : bool, default=True
        If False, raise an OSError instead of downloading.
    features_file : str, default="res101.mat"
        The file with the features, as in :func:`load_xlsa17`.
    splits_file : str, default="att_splits.mat"
        The file with class embeddings and splits, as in :func:`load_xlsa17`.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        If True, `data` is a DataFrame and `target` a Series.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        The data set in the layout that :mod:`skcada.datasets` describes, as of
        :func:`load_xlsa17`.

    (data, target) : tuple if ``return_X_y`` is True
        The features and labels of all rows.

    Raises
    ------
    OSError
        If the archive cannot be downloaded, or may not be and is not there; if its digest is
        another; if the data folder cannot be written; or if the data set lacks one of the files.
    ValueError
        If the archive is damaged, lacks `name`, has a member that would be unpacked outside its
        folder, or would be unpacked to far more than its size; and as for :func:`load_xlsa17`.

    Warns
    -----
    UserWarning
        As of :func:`load_xlsa17`; some published splits are of the first generation.

    See Also
    --------
    load_xlsa17 : Load a folder of this format.
    sklearn.datasets.fetch_file : Download any file.

    Notes
    -----
    What is downloaded is checked as a whole: all members inside their folders, none over another,
    all checksums right, and unpacked no more than 50 times the size of the archive and 64 MiB. Only
    then it is kept. An archive of your own is never removed.

    We know of no published digest. Note that of your first download, pass it as `sha256`, and you
    will know of any change.

    References
    ----------
    .. [1] Y. Xian, B. Schiele, Z. Akata. "Zero-Shot Learning - The Good, the Bad and the Ugly".
       CVPR 2017.

    Examples
    --------
    >>> from skcada.datasets import fetch_xlsa17
    >>> animals = fetch_xlsa17("AWA2")  # doctest: +SKIP

    Nothing is downloaded where the archive is there already, for instance saved by hand:

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from scipy.io import savemat
    >>> from zipfile import ZipFile
    >>> variables = {
    ...     "res101.mat": {"features": np.eye(6), "labels": [1, 1, 2, 2, 3, 3]},
    ...     "att_splits.mat": {
    ...         "att": np.eye(3),
    ...         "trainval_loc": [1, 3],
    ...         "test_seen_loc": [2, 4],
    ...         "test_unseen_loc": [5, 6],
    ...     },
    ... }
    >>> with TemporaryDirectory() as data_home:
    ...     cache = Path(data_home) / "xlsa17"
    ...     cache.mkdir()
    ...     with ZipFile(cache / "xlsa17.zip", "w") as archive:
    ...         for file, content in variables.items():
    ...             savemat(cache / file, content)
    ...             archive.write(cache / file, f"xlsa17/data/TINY/{file}")
    ...     tiny = fetch_xlsa17("TINY", data_home=data_home, download_if_missing=False)
    >>> tiny.data.shape, tiny.unseen_classes
    ((6, 6), array([3]))
    """
    cache = _cache_folder(data_home, url, sha256)
    # A data set is in the cache as a whole or not at all; hidden folders are unfinished ones.
    if name not in (path.name for path in cache.glob("[!.]*") if path.is_dir()):
        _fetch_and_unpack(name, cache, url, sha256, download_if_missing)
    return read_folder(
        cache / name, features_file, splits_file, return_X_y=return_X_y, as_frame=as_frame
    )


def _cache_folder(data_home: str | os.PathLike[str] | None, url: str, sha256: str | None) -> Path:
    folder = "xlsa17"
    if url != PUBLISHED_URL or sha256 is not None:
        folder += f"-{sha256_of(f'{url} {sha256}'.encode()).hexdigest()[:16]}"
    try:
        cache = Path(get_data_home(data_home), folder)
        cache.mkdir(exist_ok=True)
    except OSError as error:
        raise _not_writable(error.filename or data_home, error) from error
    return cache


def _fetch_and_unpack(
    name: str, cache: Path, url: str, sha256: str | None, download_if_missing: bool
) -> None:
    archive = cache / ARCHIVE_FILE
    is_there = archive.is_file()
    if not download_if_missing:
        _require_archive(archive, name, sha256)
    try:
        unfinished = TemporaryDirectory(prefix=".unfinished_", dir=cache)
    except OSError as error:
        raise _not_writable(cache, error) from error
    with unfinished as folder:
        if not is_there or (sha256 is not None and _digest(archive) != sha256):
            # It takes its place checked as a whole, or not at all: whatever happens meanwhile, the
            # next call does not find it. So one that is there, but damaged, was saved by hand or
            # changed afterwards. It is left there, as another program may read it.
            downloaded = _download(url, Path(folder), sha256, archive)
            try:
                check_archive(downloaded, archive)
            except UnreadableError as error:
                raise ValueError(
                    f"{error} It was removed. Call again to download it again; if that is no help, "
                    "check the url."
                ) from error
            downloaded.replace(archive)
        try:
            unpacked = unpack(archive, name, Path(folder))
        except UnreadableError as error:
            raise ValueError(f"{error} Replace it, or remove it to download it.") from error
        try:
            unpacked.rename(cache / name)
        except OSError:
            if not (cache / name).is_dir():  # Otherwise another process was faster.
                raise


def _download(url: str, folder: Path, sha256: str | None, archive: Path) -> Path:
    try:
        return Path(fetch_file(url, folder=folder, local_filename=ARCHIVE_FILE, sha256=sha256))
    except (OSError, HTTPException) as error:
        raise OSError(
            f"'{url}' could not be downloaded ({error}). Try again later, pass the url of a copy, "
            f"or save the archive yourself as '{archive}'."
        ) from error


def _require_archive(archive: Path, name: str, sha256: str | None) -> None:
    if not archive.is_file():
        raise OSError(
            f"Data not found and `download_if_missing` is False: there is neither "
            f"'{archive.parent / name}' nor '{archive}'."
        )
    if sha256 is not None and (found := _digest(archive)) != sha256:
        raise OSError(
            f"'{archive}' has the SHA-256 digest {found}, expected {sha256}, and "
            "`download_if_missing` is False. Remove the file and fetch it again."
        )


def _digest(archive: Path) -> str:
    with archive.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _not_writable(folder: object, error: OSError) -> OSError:
    return OSError(
        f"The data folder '{folder}' cannot be made or written to ({error}). Pass a data_home that "
        "can, or set the environment variable SCIKIT_LEARN_DATA."
    )
