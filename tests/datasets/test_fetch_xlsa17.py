"""Downloads from a local server: whole, broken and hostile archives."""

import gc
import hashlib
import io
import re
import shutil
import stat
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import skcada.datasets._fetch_xlsa17 as module
from skcada.datasets import fetch_xlsa17, load_xlsa17


@pytest.fixture
def server(monkeypatch):
    """Serve `content` at `url` and count the requests."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.n_requests += 1
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(state.content) + state.n_withheld))
            self.end_headers()
            self.wfile.write(state.content)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        url = f"http://127.0.0.1:{http.server_port}/xlsa17.zip"
        state = SimpleNamespace(url=url, content=b"", status=200, n_withheld=0, n_requests=0)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(time, "sleep", lambda seconds: None)  # between retries
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture
def members(variables, write):
    """Files of an archive in the published layout, with the data sets TINY and SMALL."""
    folder = write(*variables)
    files = {file: (folder / file).read_bytes() for file in ("res101.mat", "att_splits.mat")}
    for file in files:
        (folder / file).unlink()
    other = {f"xlsa17/data/SMALL/{file}": content for file, content in files.items()}
    tiny = {f"xlsa17/data/TINY/{file}": content for file, content in files.items()}
    return {"xlsa17/README.txt": b"read me", "xlsa17/data/TINY/": b""} | tiny | other


def archive(members, method=ZIP_DEFLATED):
    stream = io.BytesIO()
    with ZipFile(stream, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def fetch(server, members, tmp_path):
    """Fetch TINY from the server to a fresh data folder."""
    server.content = archive(members)

    def fetch_tiny(name="TINY", **options):
        options = {"data_home": tmp_path / "home", "url": server.url} | options
        return fetch_xlsa17(name, **options)

    return fetch_tiny


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_downloaded_data_set_is_that_of_its_files(fetch, variables, tmp_path, write):
    bunch = fetch()
    assert_array_equal(bunch.data, variables[0]["features"].T.astype(np.float32))
    expected = load_xlsa17(write(*variables))
    assert_array_equal(bunch.target, expected.target)
    assert_array_equal(bunch.trainval, expected.trainval)
    assert bunch.DESCR.startswith("TINY\n")


def test_only_the_data_set_asked_for_is_unpacked_and_nothing_else_is_left(fetch, tmp_path):
    fetch()
    assert files_in(tmp_path) == ["att_splits.mat", "res101.mat", "xlsa17.zip"]
    (cache,) = (tmp_path / "home").iterdir()
    assert sorted(path.name for path in cache.iterdir()) == ["TINY", "xlsa17.zip"]


def test_data_set_that_is_there_is_not_downloaded_again(fetch, server, tmp_path):
    first, second = fetch(), fetch()
    assert server.n_requests == 1
    assert_array_equal(first.data, second.data)
    fetch("SMALL")
    assert server.n_requests == 1  # both are in the same archive
    next(tmp_path.rglob("xlsa17.zip")).unlink()
    fetch(download_if_missing=False)
    assert server.n_requests == 1


def test_data_of_another_address_are_not_taken_for_it(fetch, server, members, tmp_path):
    fetch()
    members["xlsa17/data/TINY/res101.mat"] = b"other features"
    server.content = archive(members)
    with pytest.raises(ValueError, match=r"res101.mat' is not a MAT file"):
        fetch(url=f"{server.url}?version=2")


def test_published_address_is_kept_in_the_folder_that_the_documentation_names(members, tmp_path):
    (tmp_path / "xlsa17").mkdir()
    (tmp_path / "xlsa17" / "xlsa17.zip").write_bytes(archive(members))
    fetch_xlsa17("TINY", data_home=tmp_path, download_if_missing=False)
    assert (tmp_path / "xlsa17" / "TINY" / "res101.mat").is_file()


def test_options_are_those_of_load_xlsa17(fetch, members, server):
    members["xlsa17/data/TINY/sent_splits.mat"] = members["xlsa17/data/TINY/att_splits.mat"]
    server.content = archive(members)
    X, y = fetch(splits_file="sent_splits.mat", return_X_y=True, as_frame=True)
    assert X.shape == (24, 3)
    assert y.name == "target"
    with pytest.raises(FileNotFoundError, match=r"vgg.mat.*'res101.mat', 'sent_splits.mat'"):
        fetch(features_file="vgg.mat")


def test_warning_about_the_splits_points_at_the_caller(variables, write, fetch, server, members):
    features, splits = variables
    folder = write(features, splits | {"val_loc": splits["test_seen_loc"]})
    members["xlsa17/data/TINY/att_splits.mat"] = (folder / "att_splits.mat").read_bytes()
    server.content = archive(members)
    with pytest.warns(UserWarning, match="train and val are None") as caught:
        fetch()
    assert caught[0].filename == __file__


@pytest.mark.parametrize("name", ["AWA3", "tiny", "", ".", "..", "../TINY", "TINY/", "/tmp"])
def test_unknown_name_is_refused_with_those_of_the_archive(fetch, tmp_path, name):
    with pytest.raises(ValueError, match=r"its data sets are 'SMALL', 'TINY'") as caught:
        fetch(name)
    assert repr(name) in str(caught.value)
    assert files_in(tmp_path) == ["xlsa17.zip"]


def test_archive_of_another_layout_is_refused(fetch, server):
    server.content = archive({"TINY/res101.mat": b"", "xlsa17/data/res101.mat": b""})
    with pytest.raises(ValueError, match=r"has no data set, .* 'xlsa17/data/<name>'. It was"):
        fetch()


def test_nothing_is_downloaded_if_it_may_not_be(fetch, server):
    with pytest.raises(OSError, match=r"`download_if_missing` is False: .*TINY.*xlsa17.zip"):
        fetch(download_if_missing=False)
    assert server.n_requests == 0


def test_digest_is_verified(fetch, server, tmp_path):
    right = hashlib.sha256(server.content).hexdigest()
    with pytest.raises(OSError, match=r"differs from expected \(0000"):
        fetch(sha256="0" * 64)
    assert files_in(tmp_path) == []
    assert fetch(sha256=right).data.shape == (24, 3)


def test_digest_is_verified_of_an_archive_that_is_there(fetch, server, tmp_path):
    right = hashlib.sha256(server.content).hexdigest()
    fetch(sha256=right)
    shutil.rmtree(next(tmp_path.rglob("TINY")))
    fetch(sha256=right, download_if_missing=False)
    shutil.rmtree(next(tmp_path.rglob("TINY")))
    next(tmp_path.rglob("xlsa17.zip")).write_bytes(b"changed")
    with pytest.raises(OSError, match=f"expected {right}, and `download_if_missing` is False"):
        fetch(sha256=right, download_if_missing=False)
    assert server.n_requests == 1


# urllib leaves the connections of errors to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_address_that_fails_is_named_with_the_way_out(fetch, server, tmp_path):
    server.status = 404
    with (
        pytest.warns(UserWarning, match="Retry downloading"),
        pytest.raises(OSError, match=r"could not be downloaded.*404.*save the archive") as caught,
    ):
        fetch()
    assert server.url in str(caught.value)
    assert files_in(tmp_path) == []
    del caught
    gc.collect()


def test_interrupted_download_leaves_nothing(fetch, server, tmp_path):
    server.n_withheld = 1000
    with (
        pytest.warns(UserWarning, match="Retry downloading"),
        pytest.raises(OSError, match="could not be downloaded"),
    ):
        fetch()
    assert files_in(tmp_path) == []
    server.n_withheld = 0
    assert fetch().data.shape == (24, 3)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"<html>404 Not Found</html>",
        lambda whole: b"",
        lambda whole: whole.replace(b"PK\x03\x04", b"PK\x03\x05"),
        lambda whole: whole[:400] + bytes(200) + whole[600:],
    ],
)
def test_damaged_archive_is_refused_and_not_used_again(fetch, server, tmp_path, damage):
    whole = server.content
    server.content = damage(whole)
    with pytest.raises(ValueError, match=r"xlsa17.zip' is not a ZIP archive.*It was removed"):
        fetch()
    assert files_in(tmp_path) == []
    server.content = whole
    assert fetch().data.shape == (24, 3)


@pytest.mark.parametrize("download_if_missing", [False, True])
def test_an_archive_that_was_there_is_not_removed(fetch, tmp_path, download_if_missing):
    fetch()
    (archive,) = tmp_path.rglob("xlsa17.zip")
    for folder in archive.parent.glob("TINY"):
        shutil.rmtree(folder)
    archive.write_bytes(b"fit for another program")
    with pytest.raises(ValueError, match=r"is not a ZIP archive.*Replace it, or remove it"):
        fetch(download_if_missing=download_if_missing)
    assert archive.read_bytes() == b"fit for another program"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError("No space left on device")])
def test_interrupted_unpacking_leaves_no_data_set(fetch, tmp_path, monkeypatch, stop):
    def extract_a_part(self, path, members):
        self.extract(members[0], path)
        raise stop

    with monkeypatch.context() as patch:
        patch.setattr(ZipFile, "extractall", extract_a_part)
        with pytest.raises(type(stop) if isinstance(stop, OSError) else stop):
            fetch()
    assert files_in(tmp_path) == ["xlsa17.zip"]
    assert fetch().data.shape == (24, 3)


def test_what_a_killed_process_left_is_not_taken_for_a_data_set(fetch, tmp_path):
    fetch("SMALL")
    (cache,) = (tmp_path / "home").iterdir()
    left = cache / ".unfinished_x"
    (left / "xlsa17" / "data" / "TINY").mkdir(parents=True)
    assert fetch().data.shape == (24, 3)
    with pytest.raises(ValueError, match=r"no data set '\.unfinished_x'"):
        fetch(left.name)


def test_data_set_that_another_process_unpacked_meanwhile_is_used(fetch, monkeypatch, tmp_path):
    unpack = module.unpack

    def unpack_twice(path, name, folder):
        unpacked = unpack(path, name, folder)
        shutil.copytree(unpacked, path.parent / name)
        return unpacked

    monkeypatch.setattr(module, "unpack", unpack_twice)
    assert fetch().data.shape == (24, 3)
    assert files_in(tmp_path) == ["att_splits.mat", "res101.mat", "xlsa17.zip"]


def symlink(name):
    info = ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "member",
    [
        "../evil.mat",
        "xlsa17/data/TINY/../../../../evil.mat",
        "/evil.mat",
        "C:/evil.mat",
        "C:evil.mat",
        "xlsa17\\data\\TINY\\evil.mat",
        "..\\evil.mat",
        symlink("xlsa17/data/TINY/evil.mat"),
    ],
)
def test_member_that_leaves_its_folder_is_refused_before_anything_is_unpacked(
    fetch, server, members, member, tmp_path
):
    server.content = archive(members | {member: b"/etc/passwd"})
    name = member if isinstance(member, str) else member.filename
    with pytest.raises(ValueError, match="so nothing was unpacked") as caught:
        fetch()
    assert repr(name) in str(caught.value)
    assert files_in(tmp_path) == []


def overlapping(members):
    """Let the archive say that two members are the same bytes."""
    content = archive(members)
    with ZipFile(io.BytesIO(content)) as file:
        offsets = [info.header_offset.to_bytes(4, "little") for info in file.infolist()]
    directory = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", directory + 4)
    return content[: second + 42] + offsets[0] + content[second + 46 :]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (overlapping, "members overlap"),
        (lambda members: archive(members, ZIP_LZMA), "only deflate is read"),
        (lambda members: archive(members | {"zeros": bytes(2**27)}), "would be unpacked to 134"),
        (lambda members: archive(members | {"a" * 201: b""}), "has too long a name"),
        # Not of the data set asked for, but the next one asked for may be it.
        (lambda members: archive(members, ZIP_STORED).replace(b"read", b"dear"), "Bad CRC-32"),
    ],
)
def test_hostile_archive_is_removed_and_the_next_is_fetched(
    fetch, server, members, tmp_path, make, message
):
    whole = archive(members)
    server.content = make(members)
    assert server.content != whole
    with pytest.raises(ValueError, match=f"{message}.*It was removed"):
        fetch()
    assert files_in(tmp_path) == []
    server.content = whole
    assert fetch().data.shape == (24, 3)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, zlib.error, OSError])
def test_whatever_stops_the_check_of_an_archive_it_is_not_used_again(
    fetch, tmp_path, monkeypatch, stop
):
    def fail(*args):
        raise stop

    with monkeypatch.context() as patch:
        patch.setattr(ZipFile, "open", fail)
        with pytest.raises((KeyboardInterrupt, OSError, ValueError)):
            fetch()
    assert files_in(tmp_path) == []
    assert fetch().data.shape == (24, 3)


@pytest.mark.parametrize("blocked", ["home", "home/folder", "home/xlsa17"])
def test_data_folder_that_cannot_be_made_is_named(tmp_path, blocked):
    path = tmp_path / blocked
    path.parent.mkdir(exist_ok=True)
    path.write_text("a file")
    data_home = tmp_path / "home" if blocked == "home/xlsa17" else path / "inside"
    message = f"The data folder '{re.escape(str(path))}.* cannot be made or written to"
    with pytest.raises(OSError, match=message):
        fetch_xlsa17("CUB", data_home=data_home, download_if_missing=False)


def test_unpacked_data_set_that_cannot_be_moved_into_place_is_an_error(
    fetch, monkeypatch, tmp_path
):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        fetch()
    assert files_in(tmp_path) == ["xlsa17.zip"]


def test_data_folder_that_cannot_be_written_is_named_before_the_download(
    fetch, server, monkeypatch, tmp_path
):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "TemporaryDirectory", refuse)
    with pytest.raises(OSError, match=r"cannot be made or written to .*Permission") as caught:
        fetch()
    assert str(tmp_path / "home") in str(caught.value)
    assert server.n_requests == 0
