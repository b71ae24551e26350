"""Small valid files of every reader of :mod:`skcada.datasets`, and files crafted to do harm."""

import pickle
import shutil
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import h5py
import numpy as np
from scipy.io import savemat

from skcada.datasets import (
    fetch_xlsa17,
    load_imagenet21k,
    load_sentence_embeddings,
    load_xlsa17,
)

NAMES = ["bat", "cat", "dog", "emu"]
# A bomb has this size when it is inflated.
BOMB = 2**27


class Target(NamedTuple):
    """A reader, and the files that it reads.

    `write` puts valid files into an empty folder, `read` reads them and returns arrays, and `files`
    names those to be changed. `open_up` takes the content of such a file apart, to change what is
    compressed in it: it returns the parts and a function that joins them.
    """

    write: Callable[[Path], None]
    read: Callable[[Path], Any]
    files: tuple[str, ...]
    crafted: Mapping[str, Callable[[], bytes]] = MappingProxyType({})
    open_up: Callable[[bytes], tuple[list[bytes], Callable[[list[bytes]], bytes]]] | None = None
    snippets: tuple[bytes, ...] = ()


def _variables() -> tuple[dict[str, Any], dict[str, Any]]:
    rng = np.random.RandomState(0)
    names = np.empty((4, 1), dtype=object)
    names[:, 0] = NAMES
    row = np.arange(16) + 1
    unseen = (row - 1) % 4 == 3
    features = {"features": rng.uniform(size=(3, 16)), "labels": (row - 1) % 4 + 1}
    splits = {
        "att": rng.uniform(size=(2, 4)),
        "allclasses_names": names,
        "trainval_loc": row[~unseen & (row < 12)],
        "test_seen_loc": row[~unseen & (row >= 12)],
        "test_unseen_loc": row[unseen],
    }
    return features, splits


def _write_xlsa17(folder: Path, **options: Any) -> None:
    features, splits = _variables()
    savemat(folder / "res101.mat", features, oned_as="column", **options)
    if options.get("format") == "4":
        del splits["allclasses_names"]
    savemat(folder / "att_splits.mat", splits, oned_as="column", **options)


def _read_xlsa17(folder: Path) -> Any:
    bunch = load_xlsa17(folder)
    return [bunch.data, bunch.target, bunch.class_embeddings, bunch.trainval, bunch.test_seen]


def _save_hdf5(path: Path, variables: dict[str, Any], **options: Any) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            if isinstance(value, list):
                cells = [np.array([[ord(letter)] for letter in text], "u2") for text in value]
                group = file.require_group("#refs#")
                refs = [group.create_dataset(str(i), data=cell).ref for i, cell in enumerate(cells)]
                file.create_dataset(name, data=np.array([refs], dtype=h5py.ref_dtype))
            else:
                file.create_dataset(name, data=value, **options)
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")


def _write_mat73(folder: Path, **options: Any) -> None:
    features, splits = _variables()
    savemat(folder / "att_splits.mat", splits, oned_as="column")
    content = {"features": features["features"].T, "labels": features["labels"][np.newaxis]}
    _save_hdf5(folder / "res101.mat", content, **options)


IMAGENET = ("ILSVRC2012_res101_feature.mat", "ImageNet_w2v.mat", "ImageNet_splits.mat")


def _write_imagenet(folder: Path) -> None:
    rng = np.random.RandomState(0)
    labels = np.arange(20)[:, np.newaxis] % 10 + 1.0
    features = {"features": rng.uniform(size=(20, 4)).astype(np.float32), "labels": labels}
    wnids = [f"n{i:08d}" for i in range(1, 11)]
    splits = {"train_classes": [[1, 2, 3]], "val_classes": [[4]], "hops2": [[5, 6]]}
    _save_hdf5(folder / IMAGENET[0], features, chunks=True, compression="gzip", shuffle=True)
    _save_hdf5(folder / IMAGENET[1], {"w2v": rng.normal(size=(10, 3)), "wnids": wnids})
    _save_hdf5(folder / IMAGENET[2], {name: np.array(value) for name, value in splits.items()})


def _read_imagenet(folder: Path) -> Any:
    bunch = load_imagenet21k(folder)
    return [
        bunch.data[:],
        bunch.target,
        bunch.class_embeddings,
        bunch.wnids,
        *bunch.splits.values(),
    ]


def _write_pickle(folder: Path, protocol: int, *, as_list: bool = False) -> None:
    sentences = np.arange(12, dtype=np.float32).reshape(4, 3) / 7
    content = {"sentences": sentences.tolist() if as_list else sentences, "names": NAMES}
    (folder / "sentences.p").write_bytes(pickle.dumps(content, protocol))


def _read_pickle(folder: Path) -> Any:
    return [load_sentence_embeddings(folder / "sentences.p", classes=NAMES)]


def _write_archive(folder: Path) -> None:
    _write_xlsa17(folder, do_compression=True)
    with ZipFile(folder / "copy.zip", "w", ZIP_DEFLATED) as archive:
        for file in ("res101.mat", "att_splits.mat"):
            archive.write(folder / file, f"xlsa17/data/TINY/{file}")
            (folder / file).unlink()
    shutil.copy(folder / "copy.zip", folder / "served.zip")


def _read_archive(folder: Path) -> Any:
    """Fetch a data set; if that fails, the fetcher must fetch the whole archive afterwards."""
    served, home = folder / "served.zip", folder / "home"
    url = served.as_uri().replace("file:///", "file://localhost/")
    fetch = partial(fetch_xlsa17, "TINY", data_home=home, url=url)
    try:
        bunch = fetch()
    except (ValueError, OSError):
        # What was unpacked from a sound archive has to be removed by its user.
        is_unpacked = any(home.glob("*/TINY"))
        if not is_unpacked:
            served.write_bytes((folder / "copy.zip").read_bytes())
            try:
                fetch()
            except (ValueError, OSError) as error:
                raise RuntimeError(f"the fetcher is jammed: {error}") from error
        raise
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return [bunch.data, bunch.target, bunch.class_embeddings]


def _open_mat5(content: bytes) -> tuple[list[bytes], Callable[[list[bytes]], bytes]]:
    """Inflate the variables of a compressed MAT file."""
    parts, at = [], 128
    while at < len(content):
        (size,) = struct.unpack_from("<I", content, at + 4)
        parts.append(zlib.decompress(content[at + 8 : at + 8 + size]))
        at += 8 + size

    def close(parts: list[bytes]) -> bytes:
        packed = [zlib.compress(part) for part in parts]
        tags = [struct.pack("<II", 15, len(part)) for part in packed]
        return content[:128] + b"".join(a + b for a, b in zip(tags, packed, strict=True))

    return parts, close


# Files that are crafted


def _mat5_header() -> bytes:
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"


def _mat5_matrix(n_columns: int, dtype_code: int, content: bytes, n_bytes: int) -> bytes:
    body = struct.pack("<IIII", 6, 8, 6, 0) + struct.pack("<IIii", 5, 8, 1, n_columns)
    body += struct.pack("<II", 1, 8) + b"features" + struct.pack("<II", dtype_code, n_bytes)
    return struct.pack("<II", 14, len(body) + n_bytes) + body + content


def _deflated_zeros(head: bytes = b"", size: int = BOMB) -> bytes:
    packer, zeros = zlib.compressobj(1), bytes(2**20)
    pieces = [packer.compress(head), *(packer.compress(zeros) for _ in range(size // 2**20))]
    return b"".join([*pieces, packer.flush()])


def _mat5_bomb() -> bytes:
    bomb = _deflated_zeros(_mat5_matrix(BOMB, 2, b"", BOMB))
    return _mat5_header() + struct.pack("<II", 15, len(bomb)) + bomb


def _mat5_nested() -> bytes:
    nested = b""
    for _ in range(5000):
        nested = _cell(nested)
    return _mat5_header() + nested


def _cell(content: bytes, n_cells: int = 1) -> bytes:
    body = struct.pack("<IIII", 6, 8, 1, 0) + struct.pack("<IIii", 5, 8, 1, n_cells)
    body += struct.pack("<II", 1, 8) + b"features" + content
    return struct.pack("<II", 14, len(body)) + body


CRAFTED_MAT5: dict[str, Callable[[], bytes]] = {
    "bomb": _mat5_bomb,
    "declared": lambda: _mat5_header() + _mat5_matrix(2**29, 9, bytes(64), 2**32 - 200),
    "nested": _mat5_nested,
    "empty cells": lambda: _mat5_header() + _cell(struct.pack("<II", 14, 0) * 2**20, 2**20),
}


def _hdf5(make: Callable[[Any], None]) -> bytes:
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        make(file)
        if "labels" not in file:
            file["labels"] = np.arange(16.0) % 4 + 1
    return stream.getvalue()


def _hdf5_bomb(file: Any) -> None:
    shape = (16, 2**14)  # a chunk of a megabyte, so that the bomb is not larger
    made = file.create_dataset("features", shape, "f4", chunks=shape, compression="gzip")
    made.id.write_direct_chunk((0, 0), _deflated_zeros())


def _hdf5_external(file: Any) -> None:
    file.create_dataset("features", (16, 2), "f8", external=[("/etc/passwd", 0, 256)])


def _hdf5_virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((16, 2), "f8")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "features", (16, 2))
    file.create_virtual_dataset("features", layout)


CRAFTED_HDF5: dict[str, Callable[[], bytes]] = {
    name: partial(_hdf5, make)
    for name, make in {
        "bomb": _hdf5_bomb,
        "no storage": lambda file: file.create_dataset(
            "features", (16, 2**40), "f4", chunks=(16, 1)
        ),
        "no storage, contiguous": lambda file: file.create_dataset("features", (16, 2**34), "f4"),
        "labels without storage": lambda file: file.create_dataset("labels", (2**34,), "f8"),
        "large chunk": lambda file: file.create_dataset(
            "features", (16, 2), "f8", maxshape=(None, None), chunks=(2**14, 2**14)
        ),
        "external storage": _hdf5_external,
        "external link": lambda file: file.__setitem__(
            "features", h5py.ExternalLink("elsewhere.h5", "/features")
        ),
        "soft link": lambda file: file.__setitem__("features", h5py.SoftLink("/features")),
        "virtual": _hdf5_virtual,
        "group": lambda file: file.create_group("features"),
        "texts": lambda file: file.create_dataset("features", data=["a"] * 16),
    }.items()
}

_KEY = b"\x80\x04}\x8c\tsentences"
_LAUGHS = b"]\x94" + b"".join(b"(" + b"h%c" % i * 10 + b"l\x94" for i in range(30))
CRAFTED_PICKLES: dict[str, Callable[[], bytes]] = {
    name: partial(bytes, content)
    for name, content in {
        "memo": b"\x80\x02]r\xff\xff\xff\x3f.",
        "memo by text": b"]p1000000000\n.",
        "bytes": b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f.",
        "frame": b"\x80\x04\x95" + b"\xff" * 7 + b"\x7f.",
        "text": b"\x80\x04\x8d" + b"\x00\x00\x00\x00\x40\x00\x00\x00" + b"a.",
        "key that cannot be hashed": b"\x80\x04}K\x01" + b"2\x86" * 200 + b"K\x01s.",
        "lists in lists": _KEY + _LAUGHS + b"s.",
        "list in itself": _KEY + b"]\x94(h\x00h\x00es.",
        "one row many times": _KEY
        + b"](]\x94("
        + b"K\x01" * 40000
        + b"e"
        + b"h\x00" * 40000
        + b"es.",
        "shape": _KEY
        + b"cnumpy._core.multiarray\n_reconstruct\n)R(K\x01("
        + b"\x8a\x7f"
        + b"\x7f" * 127
        + b"2" * 5000
        + b"tNNC\x08aaaaaaaatbs.",
        "lists": b"]" * 2**22 + b".",
        "system": _KEY + b"cos\nsystem\n(S'echo'\ntRs.",
        "number": _KEY + b"I" + b"9" * 100000 + b"\ns.",
    }.items()
}


def _pack(
    name: str = "xlsa17/data/TINY/res101.mat", method: int = ZIP_DEFLATED, n_bytes: int = 100
) -> bytes:
    stream = BytesIO()
    with (
        ZipFile(stream, "w", method, compresslevel=1) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        for _ in range(max(n_bytes // 2**20, 1)):
            member.write(bytes(min(n_bytes, 2**20)))
    return stream.getvalue()


CRAFTED_ARCHIVES: dict[str, Callable[[], bytes]] = {
    "bomb": partial(_pack, n_bytes=BOMB),
    "lzma": partial(_pack, method=ZIP_LZMA),
    "outside": partial(_pack, "../../evil.mat"),
    "long name": partial(_pack, "xlsa17/data/TINY/" + "a" * 3000),
    "empty": partial(bytes, b"PK\x05\x06" + bytes(18)),
    "directory": partial(bytes, b"PK\x05\x06" + bytes(8) + struct.pack("<IIH", 2**31, 0, 0)),
}

_SPLITS, _FEATURES = "att_splits.mat", "res101.mat"
_SNIPPETS = (
    *(
        b"2\x86",
        b"cos\nsystem\n",
        b"r\xff\xff\xff\x3f",
        b"\x8e" + b"\xff" * 8,
        b"\x95" + b"\xff" * 8,
    ),
    *(
        b"(",
        b"R",
        b"b",
        b"]",
        b"}",
        b"s",
        b"u",
        b"e",
        b"t",
        b"\x94",
        b"h\x00",
        b"0",
        b"1",
        b"Q",
        b"\x81",
    ),
    *(b"\x93", b"N", b"I9\n", b"p99999999999\n", b"\x8b\xff\xff\xff\x7f", b"c__builtin__\neval\n"),
)
TARGETS = {
    "MAT 5": Target(_write_xlsa17, _read_xlsa17, (_FEATURES, _SPLITS), CRAFTED_MAT5),
    "MAT 5, compressed": Target(
        partial(_write_xlsa17, do_compression=True),
        _read_xlsa17,
        (_FEATURES, _SPLITS),
        open_up=_open_mat5,
    ),
    "MAT 4": Target(partial(_write_xlsa17, format="4"), _read_xlsa17, (_FEATURES, _SPLITS)),
    "MAT 7.3": Target(_write_mat73, _read_xlsa17, (_FEATURES,), CRAFTED_HDF5),
    "MAT 7.3, compressed": Target(
        partial(_write_mat73, chunks=True, compression="gzip", shuffle=True, fletcher32=True),
        _read_xlsa17,
        (_FEATURES,),
    ),
    "ImageNet": Target(_write_imagenet, _read_imagenet, IMAGENET, CRAFTED_HDF5),
    "pickle 0": Target(
        partial(_write_pickle, protocol=0), _read_pickle, ("sentences.p",), snippets=_SNIPPETS
    ),
    "pickle 2, lists": Target(
        partial(_write_pickle, protocol=2, as_list=True),
        _read_pickle,
        ("sentences.p",),
        snippets=_SNIPPETS,
    ),
    "pickle 4": Target(
        partial(_write_pickle, protocol=4),
        _read_pickle,
        ("sentences.p",),
        CRAFTED_PICKLES,
        snippets=_SNIPPETS,
    ),
    "archive": Target(_write_archive, _read_archive, ("served.zip",), CRAFTED_ARCHIVES),
}
