"""Pickles of class embeddings: honest, wrong and hostile."""

import codecs
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcada.datasets import load_sentence_embeddings
from skcada.datasets._plain_pickle import read_plain_pickle

CLASSES = ["bat", "cat", "dog"]
SENTENCES = np.arange(12, dtype=np.float32).reshape(3, 4) / 7


@pytest.fixture
def save(tmp_path):
    """Write a pickle and return its path."""

    def write(content, protocol=4):
        path = tmp_path / "supporting_data.p"
        raw = content if isinstance(content, bytes) else pickle.dumps(content, protocol)
        path.write_bytes(raw)
        return path

    return write


@pytest.mark.parametrize("protocol", range(5))
@pytest.mark.parametrize(
    "array",
    [
        SENTENCES,
        SENTENCES.astype(">f8"),
        np.asfortranarray(SENTENCES),
        SENTENCES.astype(np.float16),
        np.arange(12, dtype=np.uint8).reshape(3, 4),
        SENTENCES.tolist(),
        list(SENTENCES),
    ],
)
def test_values_are_those_of_the_array(save, array, protocol):
    embeddings = load_sentence_embeddings(save({"sentences": array}, protocol), classes=CLASSES)
    assert_array_equal(embeddings, np.asarray(array, dtype=np.float64))
    assert embeddings.index.name == "class"
    assert list(embeddings.index) == CLASSES
    assert list(embeddings) == [f"sentences_{i}" for i in range(4)]


@pytest.mark.parametrize("protocol", range(4))
def test_files_written_before_numpy_2_are_read(save, protocol):
    raw = pickle.dumps({"sentences": SENTENCES}, protocol)
    raw = raw.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    assert b"numpy._core" not in raw
    embeddings = load_sentence_embeddings(save(raw), classes=CLASSES)
    assert_array_equal(embeddings, SENTENCES)


def test_published_shape_is_read_with_other_entries_beside_it(save):
    rng = np.random.RandomState(0)
    content = {
        "sentences": rng.normal(size=(200, 1024)),
        "names": np.array(["001.Black_footed_Albatross", "002.Laysan_Albatross"], dtype=object),
        "texts": np.array(["a", "bc"]),
        "nested": [(1, 2.5, None, True), {"a": b"bytes"}],
    }
    embeddings = load_sentence_embeddings(save(content), classes=np.arange(1, 201))
    assert_array_equal(embeddings, content["sentences"])
    assert_array_equal(embeddings.index, np.arange(1, 201))


def test_other_keys_can_be_named(save):
    path = save({"bert": SENTENCES})
    embeddings = load_sentence_embeddings(path, classes=CLASSES, key="bert")
    assert list(embeddings) == ["bert_0", "bert_1", "bert_2", "bert_3"]


class Calls:
    """An object whose pickle calls a function when it is read."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(5))
@pytest.mark.parametrize("inside_an_array", [False, True])
def test_malicious_pickle_runs_nothing_and_is_named(save, tmp_path, protocol, inside_an_array):
    evil = Calls(Path.touch, tmp_path / "created")
    if inside_an_array:
        array = np.empty((3, 4), dtype=object)
        array[:] = evil
        evil = array
    path = save({"other": evil, "sentences": SENTENCES}, protocol)
    with pytest.raises(ValueError, match=r"asks for pathlib|asks for (__builtin__|builtins)") as (
        caught
    ):
        load_sentence_embeddings(path, classes=CLASSES)
    assert str(path) in str(caught.value)
    assert "could run code on this computer" in str(caught.value)
    assert isinstance(caught.value.__cause__, pickle.UnpicklingError)
    assert not (tmp_path / "created").exists()
    # Without the check, the same file does run code.
    pickle.loads(path.read_bytes())
    assert (tmp_path / "created").exists()


@pytest.mark.parametrize(
    ("function", "args", "name"),
    [
        (eval, ("1",), "eval"),
        (subprocess.check_output, ("true",), "subprocess.check_output"),
        (np.load, ("file.npy",), "numpy.load"),
        (np.frombuffer, (b"12345678",), "numpy.frombuffer"),
        (getattr, ("text", "upper"), "getattr"),
        (codecs.decode, (b"YQ==", "base64"), "_codecs.decode"),
    ],
)
def test_function_that_is_asked_for_is_named(save, function, args, name):
    with pytest.raises(ValueError, match=f"asks for .*{name}, but only numpy arrays"):
        load_sentence_embeddings(save({"sentences": Calls(function, *args)}), classes=CLASSES)


def test_text_is_encoded_in_no_other_way_than_numpy_does(save):
    content = {"sentences": Calls(codecs.encode, "text", "rot13")}
    with pytest.raises(ValueError, match="asks for text in 'rot13', expected 'latin1'"):
        load_sentence_embeddings(save(content), classes=CLASSES)


def test_attributes_of_what_is_admitted_are_not(save):
    # A dotted name is an attribute since protocol 4.
    raw = b"\x80\x04\x8c\x05numpy\x8c\x17ndarray.__reduce_ex__\x93."
    raw = raw.replace(b"\x8c\x17", bytes([0x8C, len("ndarray.__reduce_ex__")]))
    with pytest.raises(ValueError, match=r"asks for numpy\.ndarray\.__reduce_ex__"):
        load_sentence_embeddings(save(raw), classes=CLASSES)


@pytest.mark.parametrize(
    "module_and_name", [b"numpy\ndtype", b"numpy\nndarray", b"_codecs\nencode"]
)
@pytest.mark.parametrize(
    "state", [b"}S'__call__'\nNs", b"N}S'__call__'\nNs\x86", b"N}S'__init__'\nNs\x86"]
)
def test_pickle_cannot_change_what_reads_the_next_one(save, module_and_name, state):
    with pytest.raises(ValueError, match=r"supporting_data.p"):
        read_plain_pickle(save(b"\x80\x02c" + module_and_name + b"\n" + state + b"b."))
    embeddings = load_sentence_embeddings(save({"sentences": SENTENCES}, 2), classes=CLASSES)
    assert_array_equal(embeddings, SENTENCES)


def array_with_state(*state):
    """Write the pickle of an array that says this of itself."""

    class Claims:
        def __reduce__(self):
            return (*np.empty(0).__reduce__()[:2], state)

    return {"sentences": Claims()}


@pytest.mark.parametrize(
    "state",
    [
        (1, (3, 4), np.dtype("O"), False, bytes(96)),  # numbers as pointers to objects
        (1, (3, 4), np.dtype("O"), False, [1.0] * 12),
        (1, (3, 4), np.dtype("f8,O"), False, bytes(192)),
        (1, (3, 4), np.dtype("f8"), False, bytes(88)),
        (1, (3, 10**15), np.dtype("f8"), False, bytes(96)),
        (1, (-3, -4), np.dtype("f8"), False, bytes(96)),
        (1, (3, 4), "f8", False, bytes(96)),
        (1, (3, 4), np.dtype("f8"), False, None),
        (1,),
    ],
)
def test_array_that_contradicts_itself_is_refused(save, state):
    with pytest.raises(ValueError, match=r"'sentences' of '.*supporting_data.p'"):
        load_sentence_embeddings(save(array_with_state(*state)), classes=CLASSES)


def test_file_cut_off_anywhere_is_refused_by_name(save):
    whole = pickle.dumps({"sentences": SENTENCES}, 4)
    for length in range(len(whole)):
        with pytest.raises(ValueError, match=r"supporting_data.p' is not a pickle, or not a whole"):
            load_sentence_embeddings(save(whole[:length]), classes=CLASSES)


@pytest.mark.parametrize("raw", [b"", b"<html>404 Not Found</html>", bytes(300), b"\x80\x04}("])
def test_file_of_another_kind_is_refused_by_name(save, raw):
    with pytest.raises(ValueError, match=r"supporting_data.p' is not a pickle, or not a whole"):
        load_sentence_embeddings(save(raw), classes=CLASSES)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.p"):
        load_sentence_embeddings(tmp_path / "nowhere.p", classes=CLASSES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"bert": SENTENCES, 3: 1}, "lacks 'sentences'; its keys are 'bert', 3"),
        (SENTENCES, "holds a StoredArray, expected a dict"),
        ([SENTENCES], "holds a list, expected a dict"),
        ({"sentences": SENTENCES[:2]}, r"shape \(2, 4\) .*must be numbers of shape \(3, n_dim"),
        ({"sentences": SENTENCES.T}, r"shape \(4, 3\) .*one row per label in classes"),
        ({"sentences": SENTENCES[0]}, r"shape \(4,\)"),
        ({"sentences": "text"}, "is no array of numbers .it is a str"),
        ({"sentences": [[1, 2], [3]]}, "is no array of numbers"),
        ({"sentences": [1.0, 2.0, 3.0]}, r"shape \(3,\)"),
        ({"sentences": [np.eye(2)] * 3}, r"one of its rows is an array of shape \(2, 2\)"),
        ({"sentences": np.array([["a"]] * 3)}, "is no array of numbers .*'U1'"),
        (
            {"sentences": np.where(np.eye(3, 4, k=1) * [[0], [1], [0]], np.nan, SENTENCES)},
            r"NaN or infinite for 1 class \('cat'\)",
        ),
        ({"sentences": np.full((3, 4), np.inf)}, r"NaN or infinite for 3 classes"),
    ],
)
def test_wrong_content_is_named(save, content, message):
    with pytest.raises(ValueError, match=message):
        load_sentence_embeddings(save(content), classes=CLASSES)


def test_class_that_occurs_twice_is_named(save):
    with pytest.raises(ValueError, match=r"1 class \('cat'\) more than once"):
        load_sentence_embeddings(save({"sentences": SENTENCES}), classes=["bat", "cat", "cat"])


def test_classes_in_two_dimensions_are_refused(save):
    with pytest.raises(ValueError, match=r"classes must be .* not of shape \(1, 3\)"):
        load_sentence_embeddings(save({"sentences": SENTENCES}), classes=[["bat", "cat", "dog"]])


def test_files_of_python_2_are_read(save):
    state = (
        b"(K\x01K\x03K\x04\x86cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xff"
    )
    content = SENTENCES.astype("<f8").tobytes()
    raw = (
        b"\x80\x02}U\tsentencescnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b"
        b"\x87R"
        + state
        + b"J\xff\xff\xff\xffK\x00tbI00\nU"
        + bytes([len(content)])
        + content
        + b"tbs."
    )
    assert_array_equal(load_sentence_embeddings(save(raw), classes=CLASSES), SENTENCES)


KEY = b"\x80\x04}\x8c\tsentences"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f.",
            r"9223372036854775807 bytes are expected where 1",
        ),
        (b"\x80\x04\x96" + b"\xff" * 8 + b".", "asks for the opcode BYTEARRAY8"),
        (b"}K\x01" + b"2\x86" * 100 + b"K\x01s.", "a key of a dict is no text"),
        (b"}\x8a\x09" + b"\x01" * 9 + b"K\x01s.", "a key of a dict is no text"),
        (b"]" * 2**20 + b".", "more objects than a file of its size may"),
        (b"I" + b"9" * 10**5 + b"\n.", "is no number"),
        (b"Pnumber\n.", "asks for the opcode PERSID"),
        (b"h\x00.", "there is no place 0 in the memo"),
        (b"(.", "lacks what it works on"),
        (b"e.", "lacks the mark"),
        (b"}K\x01(K\x01K\x02e.", "appended to what is no list"),
        (b"cnumpy\nndarray\n)R.", "called in a way that numpy does not use"),
        (b"K\x01)R.", "something is called that is no function"),
        (b"}Nb.", "a state is given to what has none"),
        (b"I12", "a line does not end"),
        (b"](K\x01K\x02u.", "an entry is added to what is no dict"),
        (b"}(K\x01u.", "an entry is added to what is no dict"),
        (b"\x80\x04](K\x01\x90.", "added to what is no set"),
        (b"\x80\x04K\x01K\x02\x93.", "a name is no text"),
        (b"\x80\x04\x8c\x01\xff.", "a text is not in utf-8"),
        (b"Stext\n.", "is no text in quotes"),
        (b"c_codecs\nencode\n(K\x01K\x02tR.", "something is encoded that is no text"),
        (b"c_codecs\nencode\n(X\x02\x00\x00\x00\xce\xa9U\x06latin1tR.", "a text is not in latin1"),
    ],
)
def test_opcode_that_does_harm_or_makes_no_sense_is_refused(save, raw, message):
    with pytest.raises(ValueError, match=rf"supporting_data\.p'.*{message}"):
        read_plain_pickle(save(raw))


def test_what_is_dropped_or_not_asked_for_does_no_harm(save):
    others = {"set": {1, 2}, "frozen": frozenset("ab"), "sentences": SENTENCES}
    raw = pickle.dumps(others, 4)
    assert_array_equal(load_sentence_embeddings(save(raw), classes=CLASSES), SENTENCES)
    dropped = raw[:-1] + b"K\x010."  # a number is pushed, and taken away again
    assert_array_equal(load_sentence_embeddings(save(dropped), classes=CLASSES), SENTENCES)


def test_place_in_the_memo_may_have_any_number(save):
    again = b"j\xff\xff\xff\xff"
    path = save(KEY + b"](]r\xff\xff\xff\xff(K\x01K\x02e" + again + again + b"es.")
    assert_array_equal(load_sentence_embeddings(path, classes=CLASSES), [[1, 2]] * 3)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"](h\x01e", "there is no place"),
        (b"]\x94(h\x00h\x00h\x00e", "its rows hold other things than numbers"),
        (b"](](]ee", "its rows hold other things than numbers"),
        (b"](K\x01]e", "its rows are not equally long"),
        (b"](](\x8a\xfe" + b"\x7f" * 254 + b"ee", "holds? a number too large"),
        (
            b"](]\x94(" + b"K\x01" * 10**4 + b"e" + b"h\x00" * 10**4 + b"e",
            "repeat more than the file",
        ),
    ],
)
def test_lists_that_repeat_or_hold_themselves_are_refused(save, value, message):
    with pytest.raises(ValueError, match=rf"supporting_data\.p'.*{message}"):
        load_sentence_embeddings(save(KEY + value + b"s."), classes=CLASSES)


def test_shape_whose_product_takes_forever_is_refused(save):
    shape = (2**1000,) * 10**5
    content = array_with_state(1, shape, np.dtype("f8"), False, bytes(96))
    with pytest.raises(ValueError, match="an array without a shape"):
        load_sentence_embeddings(save(content), classes=CLASSES)


def test_folder_in_place_of_the_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="is no file"):
        load_sentence_embeddings(tmp_path, classes=CLASSES)
