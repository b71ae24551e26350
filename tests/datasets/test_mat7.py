"""The reader of MAT files of version 7 and older, against scipy's, and on bytes that lie."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal
from scipy.io import loadmat, savemat
from scipy.sparse import csc_matrix

from skcada.datasets._mat7 import MAX_DEPTH, OtherVariable
from skcada.datasets._matfile import read_features_and_labels, read_variables, unwrap_cell

KINDS = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
matrices = st.sampled_from(KINDS).flatmap(
    lambda kind: arrays(kind, array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=5))
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
names = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", max_size=28).map("v{}".format)


def save(path, variables, **options):
    savemat(path, variables, oned_as="column", **options)
    return path


def cells(values):
    column = np.empty((len(values), 1), dtype=object)
    column[:, 0] = values
    return column


@given(variables=st.dictionaries(names, matrices, max_size=4), compressed=st.booleans())
def test_numbers_are_those_that_scipy_reads(tmp_path_factory, variables, compressed):
    path = save(tmp_path_factory.mktemp("mat") / "a.mat", variables, do_compression=compressed)
    found, expected = read_variables(path, variables), loadmat(path)
    for name in variables:
        assert_array_equal(found[name], expected[name], strict=True)


@given(variables=st.dictionaries(names, st.lists(texts | matrices, max_size=5), max_size=3))
def test_cells_are_those_that_scipy_reads(tmp_path_factory, variables):
    variables = {name: cells(values) for name, values in variables.items()}
    path = save(tmp_path_factory.mktemp("mat") / "a.mat", variables)
    found, expected = read_variables(path, variables), loadmat(path)
    for name in variables:
        assert found[name].shape == expected[name].shape
        for cell, other in zip(found[name].flat, expected[name].flat, strict=True):
            assert_array_equal(unwrap_cell(cell), unwrap_cell(other))


@pytest.mark.parametrize("kind", ["f8", "f4"])
def test_version_4_is_read(tmp_path, kind):
    matrix = np.arange(6, dtype=kind).reshape(2, 3)
    path = save(tmp_path / "a.mat", {"other": [1.0, 2.0], "att": matrix}, format="4")
    assert_array_equal(read_variables(path, ["att"])["att"], matrix, strict=True)


def test_text_of_version_4_is_named(tmp_path):
    path = save(tmp_path / "a.mat", {"att": "text"}, format="4")
    assert read_variables(path, ["att"])["att"].kind == "text of version 4"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (struct.pack("<5i", 0, 1, 1, 0, 2) + b"a\0" + bytes(8) + bytes(7), "a variable is cut off"),
        (struct.pack("<5i", 0, -1, 1, 0, 2) + b"a\0", "no header of a MAT file"),
        (struct.pack("<5i", 0, 1, 1, 2, 2) + b"a\0", "no header of a MAT file"),
        (b"MATLAB".ljust(124) + b"\x00\x03IM" + bytes(8), "its header says version 3"),
    ],
)
def test_header_that_makes_no_sense_is_refused_by_name(tmp_path, head, message):
    path = tmp_path / "a.mat"
    path.write_bytes(head)
    with pytest.raises(ValueError, match=rf"a\.mat.*{message}"):
        read_variables(path, ["b"])


def element(kind, content, order="<"):
    return struct.pack(order + "II", kind, len(content)) + content + bytes(-len(content) % 8)


def array(kind, shape, *content, name=b"features", order="<"):
    parts = [
        element(6, struct.pack(order + "II", kind, 0), order),
        element(5, struct.pack(f"{order}{len(shape)}i", *shape), order),
        element(1, name, order),
        *content,
    ]
    return element(14, b"".join(parts), order)


def write(path, *variables, order="<"):
    mark = b"\x00\x01IM" if order == "<" else b"\x01\x00MI"
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + mark + b"".join(variables))
    return path


def compressed(content):
    packed = zlib.compress(content)
    return struct.pack("<II", 15, len(packed)) + packed


def cut_off(content):
    packed = zlib.compress(content)[:-9]
    return struct.pack("<II", 15, len(packed)) + packed


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read_as_scipy_reads_them(tmp_path, order):
    numbers = element(9, np.arange(6, dtype=order + "f8").tobytes(), order)
    letters = element(17, "päΩ".encode("utf-16-le" if order == "<" else "utf-16-be"), order)
    path = write(
        tmp_path / "a.mat",
        array(6, (2, 3), numbers, order=order),
        array(4, (1, 3), letters, name=b"text", order=order),
        order=order,
    )
    found, expected = read_variables(path, ["features", "text"]), loadmat(path)
    assert_array_equal(found["features"], expected["features"])
    assert found["text"].tolist() == ["päΩ"]


def test_variables_that_are_not_asked_for_need_not_be_sound(tmp_path):
    path = write(
        tmp_path / "a.mat",
        array(6, (9, 9), element(9, bytes(8)), name=b"other"),
        array(6, (1, 1), element(9, bytes(8))),
    )
    assert_array_equal(read_variables(path, ["features"])["features"], [[0.0]])
    with pytest.raises(ValueError, match=r"a\.mat.*shape \(9, 9\) .* in 8 bytes"):
        read_variables(path, ["other"])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (csc_matrix(np.eye(3)), "sparse matrix"),
        (np.eye(3) + 1j, "complex matrix"),
        (np.array([(1, 2)], dtype=[("a", "f8"), ("b", "f8")]), "struct"),
    ],
)
def test_variables_of_other_kinds_are_named(tmp_path, value, kind):
    path = save(tmp_path / "a.mat", {"features": value})
    found = read_variables(path, ["features"])["features"]
    assert isinstance(found, OtherVariable)
    assert found.kind == kind


def test_empty_texts_and_cells_are_read(tmp_path):
    path = write(
        tmp_path / "a.mat",
        array(4, (0, 0), element(16, b""), name=b"text"),
        array(1, (2, 1), element(14, b""), array(4, (0, 0), element(16, b"")), name=b"cells"),
    )
    found = read_variables(path, ["text", "cells"])
    assert found["text"].shape == (0,)
    empty, text = found["cells"].ravel()
    assert np.size(empty) == 0
    assert text == ""


def nested(depth):
    content = array(6, (1, 1), element(9, bytes(8)))
    for _ in range(depth):
        content = array(1, (1, 1), content)
    return content


NUMBERS = element(9, bytes(48))


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (array(6, (2, 3), element(9, bytes(40))), r"shape \(2, 3\) and type <f8 in 40 bytes"),
        (array(6, (2**31 - 1, 2**31 - 1), NUMBERS), r"shape \(2147483647, 2147483647\)"),
        (array(6, (-2, -3), NUMBERS), r"shape \(-2, -3\)"),
        (array(6, (), NUMBERS), "without dimensions"),
        (array(6, (1,) * 33, element(9, bytes(8))), "without dimensions"),
        (array(6, (0,) + (2**31 - 1,) * 9, element(9, b"")), r"an array of shape \(0, 214"),
        (array(6, (2, 3), element(14, bytes(48))), "numbers of the data type 14"),
        (array(99, (2, 3), NUMBERS), "of the class 99"),
        (array(6, (2, 3), struct.pack("<II", 9, 2**32 - 1)), "of 4294967295 bytes where"),
        (array(6, (2, 3), struct.pack("<II", 9 | 5 << 16, 0)), "of 5 bytes within its tag"),
        (array(4, (1, 3), element(16, b"\xff\xff\xff")), "not in utf-8"),
        (array(4, (1, 9), element(16, b"abc")), "a text of 3 letters"),
        (array(4, (1, 3), element(9, bytes(8))), "a text of the data type 9"),
        (array(1, (2**20, 2**10), element(14, b"")), "a cell array of shape"),
        (array(1, (1, 1), element(9, bytes(8))), "a cell of the data type 9"),
        (nested(MAX_DEPTH + 1), f"nested more than {MAX_DEPTH} times"),
        (element(9, bytes(8)), "a variable of the data type 9"),
        (element(14, b""), "an element is cut off"),
        (element(14, element(5, bytes(8))), "an array without flags"),
        (
            element(14, element(6, bytes(8)) + element(5, bytes(8)) + element(9, bytes(8))),
            "an array without a name",
        ),
        (array(4, (2, 1, 3), element(16, b"abcdef")), r"a text of 6 letters, of shape \(2, 1, 3\)"),
        (element(15, b"no zlib at all"), "incorrect header check"),
        (compressed(array(6, (2, 3), NUMBERS))[:-3], "bytes where"),
        (cut_off(array(6, (2, 3), NUMBERS)), "ends early"),
        (compressed(array(6, (2, 3), NUMBERS) + bytes(9)), "inflates to more than"),
        (compressed(array(6, (2, 3), NUMBERS)[:-9]), "inflates to"),
        (
            compressed(struct.pack("<II", 14, 2**31) + array(6, (2, 3), NUMBERS)[8:]),
            "a variable of 2147483656",
        ),
    ],
)
def test_contradiction_is_refused_by_name(tmp_path, variable, message):
    path = write(tmp_path / "a.mat", variable)
    with pytest.raises(ValueError, match=rf"a\.mat' is not a MAT file, or not a whole.*{message}"):
        read_variables(path, ["features"])


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (compressed(array(9, (1, 2**27), element(2, bytes(2**27)))), "bytes .* '-v6'"),
        (array(1, (1, 2**19), element(14, b"") * 2**19), "cells more than it may"),
        (array(4, (2**10, 2**13), element(16, bytes(2**23))), "letters more than it may"),
        (array(6, (0, 0), name=b"") * (2**16 + 1), "variables more than it may"),
    ],
)
def test_variable_that_takes_far_more_memory_than_its_file_is_refused(tmp_path, variable, message):
    path = write(tmp_path / "a.mat", variable)
    with pytest.raises(ValueError, match=rf"a\.mat' was not read: .*{message}"):
        read_variables(path, ["features"])


def test_constant_features_are_read_where_they_are_not_compressed(tmp_path):
    variables = {"features": np.zeros((2**10, 2**10)), "labels": np.ones(2**10)}
    path = save(tmp_path / "a.mat", variables)
    features, _ = read_features_and_labels(path)
    assert_array_equal(features, variables["features"])


def test_wrong_bit_in_compressed_numbers_is_noticed(tmp_path):
    rng = np.random.RandomState(0)
    path = save(tmp_path / "a.mat", {"features": rng.normal(size=(9, 9))}, do_compression=True)
    whole = path.read_bytes()
    for at in range(300, len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :])
        with pytest.raises(ValueError, match=r"a\.mat"):
            read_variables(path, ["features"])
