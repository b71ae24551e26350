import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array

from skcada._classes.embeddings import ClassEmbeddings, refuse_sliced

VALUES = np.arange(6.0).reshape(3, 2)
FRAME = pd.DataFrame(VALUES, index=["otter", "bat", "seal"])
NAMED = FRAME.set_axis(["fur", "wings"], axis="columns")


def only_table(embeddings):
    (table,) = embeddings.tables.values()
    return table


@pytest.mark.parametrize(
    "form",
    [
        FRAME,
        FRAME.astype(object).convert_dtypes(),
        dict(zip(FRAME.index, VALUES, strict=True)),
        dict(zip(FRAME.index, VALUES.tolist(), strict=True)),
        {"attributes": FRAME},
        {"attributes": dict(zip(FRAME.index, VALUES, strict=True))},
    ],
    ids=["frame", "nullable frame", "dict", "dict of lists", "one modality", "nested dict"],
)
def test_every_labelled_form_reads_the_same(form):
    parsed = ClassEmbeddings.parse(form)
    assert_array_equal(parsed.classes, FRAME.index)
    assert_array_equal(only_table(parsed), VALUES)
    assert only_table(parsed).dtype == np.float32


@pytest.mark.parametrize("form", [VALUES, VALUES.tolist(), VALUES.astype(object), VALUES > 2])
def test_rows_of_an_array_belong_to_the_classes_0_to_n(form):
    parsed = ClassEmbeddings.parse(form)
    assert_array_equal(parsed.classes, [0, 1, 2])
    assert_array_equal(only_table(parsed), np.asarray(form, dtype=np.float32))


def test_several_modalities_are_aligned_by_class_with_gaps():
    sentences = pd.DataFrame([[1.0], [2.0]], index=["bat", "yak"])
    parsed = ClassEmbeddings.parse({"attributes": FRAME, "sentences": sentences})
    assert_array_equal(parsed.classes, ["otter", "bat", "seal", "yak"])
    assert_array_equal(parsed.present["attributes"], [True, True, True, False])
    assert_array_equal(parsed.present["sentences"], [False, True, False, True])
    assert_array_equal(parsed.tables["attributes"][:3], VALUES)
    assert_array_equal(parsed.tables["sentences"].ravel(), [0, 1, 0, 2])
    shares = parsed.share_out(np.array([4, 5, 4, 4]))
    assert_array_equal(shares["attributes"], [4, 3, 4, 0])
    assert_array_equal(shares["sentences"], [0, 2, 0, 4])


@given(st.permutations(["otter", "bat", "seal"]), st.sets(st.sampled_from(["otter", "bat"])))
def test_training_tables_are_sorted_whatever_the_order_given(order, seen):
    seen_classes = np.array(sorted(seen | {"seal"}))
    aligned = ClassEmbeddings.for_training(FRAME.loc[order], seen_classes)
    assert_array_equal(aligned.classes, ["bat", "otter", "seal"])
    assert_array_equal(only_table(aligned), FRAME.loc[["bat", "otter", "seal"]])
    assert_array_equal(aligned.classes[aligned.index_of(seen_classes)], seen_classes)
    chosen = np.array(order[:2])
    assert_array_equal(only_table(aligned.select(chosen)), FRAME.loc[order[:2]])


def test_without_embeddings_classes_are_one_hot():
    aligned = ClassEmbeddings.for_training(None, np.array([3, 5]))
    assert_array_equal(aligned.classes, [3, 5])
    assert_array_equal(only_table(aligned), np.eye(2))


def test_labels_that_are_equal_numbers_match_across_types():
    aligned = ClassEmbeddings.for_training(VALUES, np.array([0.0, 2.0]))
    assert_array_equal(aligned.classes, [0, 1, 2])


@pytest.mark.parametrize(
    ("class_embeddings", "seen", "message"),
    [
        (
            FRAME,
            list("abcdefg"),
            "lacks 7 of the 7 classes in y: 'a', 'b', 'c', 'd', 'e', .... Add a row for each",
        ),
        (FRAME, ["bat", "yak"], "lacks 1 of the 2 classes in y: 'yak'."),
        (VALUES, ["0", "1"], "labels in y are strings ('0', ...), but .* are numbers (0, ...)"),
        (FRAME, [0, 1], "labels in y are numbers (0, ...), but .* are strings ('otter', ...)"),
        (VALUES, [False, True], "labels in y are booleans"),
    ],
)
def test_labels_that_do_not_match_are_named(class_embeddings, seen, message):
    with pytest.raises(ValueError, match=re.escape(message).replace(r"\.\*", ".*")):
        ClassEmbeddings.for_training(class_embeddings, np.array(seen))


def with_value(value):
    values = VALUES.astype(object)
    values[1, 0] = value
    return values


@pytest.mark.parametrize(
    ("class_embeddings", "message"),
    [
        (FRAME.rename({"seal": "bat"}), "more than one row for 'bat'"),
        (FRAME.rename({"seal": None}), "missing class label"),
        (FRAME.rename({"seal": 1}), "labels of several types (int, str)"),
        (FRAME.set_index(0, append=True), "MultiIndex"),
        (FRAME.assign(name="x", other="y"), "not numeric: 'name', 'other'"),
        (FRAME * 1j, "not numeric: 0, 1"),
        (FRAME.where(FRAME != 2), "NaN, .* in the rows of 'bat' (1 of 3 classes)"),
        (FRAME.replace(2, np.inf), "'bat'"),
        (FRAME.replace(2, 1e300), "too large for float32 in the rows of 'bat'"),
        (with_value(np.nan), "in the rows of 1 (1 of 3 classes)"),
        (with_value("x"), "not numeric"),
        (np.full((2, 2), "x"), "not numeric (it holds strings)"),
        (VALUES * 1j, "not numeric"),
        (VALUES[0], "got shape (2,)"),
        (VALUES[:, :0], "got shape (3, 0)"),
        ({}, "class_embeddings is an empty dict"),
        ({"attributes": {}}, "class_embeddings['attributes'] is an empty dict"),
        ({"bat": [1.0, 2.0], "seal": [1.0]}, "same length; 'bat' has shape (2,), unlike 'seal'"),
        ({"bat": 1.0, "seal": 2.0}, "'bat' has shape ()"),
        ({"attributes": FRAME, "bat": [1.0]}, "mixes tables .* with vectors .*'bat' hold no table"),
        ({"attributes": FRAME, "sentences": VALUES}, "'attributes'] are strings, .* are numbers"),
        (["bat", [1.0]], "not numeric"),
    ],
)
def test_bad_embeddings_are_refused_with_the_offender(class_embeddings, message):
    with pytest.raises(ValueError, match=re.escape(message).replace(r"\.\*", ".*")):
        ClassEmbeddings.parse(class_embeddings)


@pytest.mark.parametrize("form", [FRAME, VALUES, VALUES.tolist(), csr_array(VALUES)])
def test_a_fit_parameter_that_cross_validation_would_slice_is_refused(form):
    with pytest.raises(ValueError, match=r"as many rows as X \(3\).*constructor"):
        refuse_sliced(form, 3)
    refuse_sliced(form, 4)
    refuse_sliced(FRAME.T.to_dict("list"), 3)


def test_a_modality_that_covers_no_class_is_as_if_it_were_not_given():
    nothing = pd.DataFrame(columns=["a", "b"], dtype=float)
    parsed = ClassEmbeddings.parse({"attributes": FRAME, "sentences": nothing})
    assert list(parsed.tables) == ["attributes"]


@pytest.mark.parametrize(
    ("class_embeddings", "message"),
    [
        (
            {"a": FRAME, "b": FRAME.iloc[:1]},
            "modality 'b' of class_embeddings covers no class",
        ),
        ({"features": FRAME, "b": FRAME}, "modality 'features', which is the name of X"),
        ({1: FRAME, "b": FRAME}, "maps 1 to tables, but names of modalities are strings"),
        ({"a": {}, "b": {}}, "None of the modalities 'a', 'b' of class_embeddings has a row"),
        (
            dict.fromkeys(["a", "b_c", "a_b", "c"], FRAME),
            "two losses share the name 'wasserstein_a_b_c'",
        ),
    ],
)
def test_modalities_that_cannot_be_trained_are_refused(class_embeddings, message):
    with pytest.raises(ValueError, match=message):
        ClassEmbeddings.for_training(class_embeddings, np.array(["bat", "seal"]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": FRAME, "c": FRAME}, "fitted with the modalities 'a', 'b', but .* has 'c'"),
        (FRAME, "has 'embeddings'"),
        ({"a": FRAME, "b": FRAME[[0]]}, "1 columns in 'b', but the model was fitted with 2"),
        ({"a": NAMED[["wings", "fur"]], "b": FRAME}, "in 'a', the columns of fit in another order"),
        ({"a": NAMED.add_prefix("no "), "b": FRAME}, "not there at fit: 'no fur', 'no wings'"),
    ],
)
def test_modalities_other_than_at_fit_are_refused(given, message):
    fitted = ClassEmbeddings.parse({"a": NAMED, "b": FRAME})
    with pytest.raises(ValueError, match=message):
        ClassEmbeddings.parse(given).matched_to(fitted)


@pytest.mark.parametrize(
    "form", [NAMED, NAMED.to_numpy(), {"other": NAMED}, NAMED.T.to_dict("list")]
)
def test_columns_without_names_or_with_those_of_fit_are_taken(form):
    labels = FRAME.index if not isinstance(form, np.ndarray) else [0, 1, 2]
    fitted = ClassEmbeddings.parse(NAMED.set_axis(labels))
    for names in (fitted, ClassEmbeddings.parse(NAMED.to_numpy())):
        assert_array_equal(
            only_table(ClassEmbeddings.parse(form).matched_to(names)), VALUES.astype(np.float32)
        )


def test_a_single_modality_takes_the_name_of_the_fitted_one():
    matched = ClassEmbeddings.parse({"other": NAMED}).matched_to(ClassEmbeddings.parse(NAMED))
    assert list(matched.tables) == list(matched.present) == ["embeddings"]
    assert matched.columns == {"embeddings": ("fur", "wings")}


def test_series_are_aligned_by_their_index():
    rows = {label: NAMED.loc[label] for label in NAMED.index}
    rows["bat"] = rows["bat"][["wings", "fur"]]
    parsed = ClassEmbeddings.parse(rows)
    assert_array_equal(only_table(parsed), VALUES)
    assert parsed.columns == {"embeddings": ("fur", "wings")}


def test_series_with_other_indexes_are_refused():
    rows = {label: NAMED.loc[label] for label in NAMED.index}
    rows["bat"] = rows["bat"].rename({"fur": "scales"})
    with pytest.raises(ValueError, match=r"no common index of unique names: 'otter' .* than 'bat'"):
        ClassEmbeddings.parse(rows)


@pytest.mark.parametrize(
    ("labels", "y", "dtype"),
    [
        (np.array([2, 0, 1], dtype=object), np.array([0, 2]), np.int64),
        (np.array([2, 0, 1]), np.array([0, 2], dtype=np.uint64), np.uint64),
        (np.array([2, 0, 1]), np.array([0, 2], dtype=np.int8), np.int8),
        (np.array([200, 0, 1]), np.array([0, 1], dtype=np.int8), np.int64),
        (np.array([2, 0, -1]), np.array([0, 2], dtype=np.uint64), np.int64),
        (np.array([2**60 + 1, 2**60, 1]), np.array([2**60, 1], dtype=np.uint64), np.uint64),
        (np.array([True, False], dtype=object), np.array([True, False]), np.bool_),
    ],
)
def test_labels_get_a_type_that_holds_all_of_them(labels, y, dtype):
    frame = pd.DataFrame(np.arange(2.0 * len(labels)).reshape(-1, 2), index=labels)
    embeddings = ClassEmbeddings.for_training(frame, np.unique(y))
    assert embeddings.classes.dtype == dtype
    assert embeddings.classes.tolist() == sorted(labels.tolist())
    assert_array_equal(only_table(embeddings)[embeddings.index_of(y)], frame.reindex(y))


def test_labels_that_seem_to_count_from_1_are_warned_of():
    seen = np.array([1, 2])
    with pytest.warns(UserWarning, match=r"labels in y are 1 to 2, .* MATLAB files, subtract 1"):
        ClassEmbeddings.for_training(VALUES, seen)
    with pytest.raises(ValueError, match=r"lacks 1 of the 3 classes.* from 1, subtract 1\.$"):
        ClassEmbeddings.for_training({"a": VALUES}, np.array([1, 2, 3]))
    # Labels of a frame are no numbers of rows.
    assert len(ClassEmbeddings.for_training(pd.DataFrame(VALUES), seen).classes) == 3


def test_labels_in_a_column_are_warned_of_and_ranks_are_taken():
    frame = pd.DataFrame({"rank": [3, 0, 4, 1, 2], "fur": np.arange(5.0)})
    with pytest.warns(UserWarning, match=r"its column 'rank' .* use set_index\('rank'\)"):
        parsed = ClassEmbeddings.parse(frame)
    assert parsed.columns == {"embeddings": ("rank", "fur")}
    assert ClassEmbeddings.parse(frame.set_index("rank")).columns == {"embeddings": ("fur",)}
    assert ClassEmbeddings.parse(frame.assign(rank=[3, 0, 4, 1, 1])).columns


# Their rows are in another order than the classes.
POLARS = pl.DataFrame(
    {"fur": [2.0, 0.0, 4.0], "class": ["bat", "otter", "seal"], "wings": [3, 1, 5]}
)


@pytest.mark.parametrize(
    "form", [POLARS, POLARS.with_columns(pl.col("class").cast(pl.Categorical)), {"words": POLARS}]
)
def test_a_table_without_index_is_read_by_its_only_column_of_text(form):
    aligned = ClassEmbeddings.for_training(form, np.array(["otter", "seal"]))
    assert aligned.classes.tolist() == ["bat", "otter", "seal"]
    assert_array_equal(only_table(aligned), [[2, 3], [0, 1], [4, 5]])
    assert [*aligned.columns.values()] == [("fur", "wings")]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            POLARS.drop("class"),
            r"has 0 such columns: none\. .* to_pandas\(\).to_numpy\(\) says that row i",
        ),
        (POLARS.with_columns(order=pl.lit("x")), "has 2 such columns: 'class', 'order'"),
        (
            POLARS.with_columns(wings=pl.Series([[1], [2], [3]])),
            "columns that are not numeric: 'wings'",
        ),
        (POLARS.with_columns(fur=pl.Series([1.0, None, 2.0])), "NaN, .* in the rows of 'otter'"),
    ],
)
def test_a_table_without_index_is_refused_with_the_way_out(table, message):
    with pytest.raises(ValueError, match=message):
        ClassEmbeddings.parse(table)


def test_a_label_that_two_tables_spell_differently_is_asked_about():
    words = FRAME.rename({"otter": "Otter", "seal": "seals"})
    question = r"\['words'\] has 'Otter', 'seals'; .*\['marks'\] has 'otter', 'seal'\. Are they"
    with pytest.warns(UserWarning, match=question):
        parsed = ClassEmbeddings.for_training({"marks": FRAME, "words": words}, np.array(["bat"]))
    assert len(parsed.classes) == 5
    # Labels that are not alike may well be classes that one table lacks.
    other = FRAME.rename({"seal": "yak", "otter": "otter 2"})
    marks = FRAME.rename({"otter": "otter 1"})
    ClassEmbeddings.for_training({"marks": marks, "words": other}, np.array(["bat"]))
    # Neither are those that differ more, or of which one table has both.
    little_alike = FRAME.rename({"seal": "seam"})
    both = pd.concat([FRAME, FRAME.iloc[[1]].rename({"bat": "bats"})])
    for words in (little_alike, both):
        ClassEmbeddings.for_training({"marks": FRAME, "words": words}, np.array(["bat"]))


def test_masked_entries_are_refused():
    with pytest.raises(ValueError, match="has 1 masked entries"):
        ClassEmbeddings.parse(np.ma.masked_equal(VALUES, 3.0))


@pytest.mark.parametrize(
    ("class_embeddings", "seen", "message"),
    [
        (FRAME, ["bat", "oter"], r"y has 'oter'; class_embeddings has 'otter'\. Is it the same"),
        (FRAME, ["BAT ", "otter"], r"y has 'BAT '; class_embeddings has 'bat'\. Is it the same"),
        (FRAME, ["bta", "oter", "sael"], r"y has 'bta', 'oter', 'sael'; .* 'bat', 'otter', 'seal'"),
        (FRAME, ["bat", "yak"], r"or drop their samples\.$"),
        (FRAME, ["bat", "bats"], r"or drop their samples\.$"),  # both are classes
        (FRAME.T, ["bat", "otter"], r"a column for each class in y\. Pass class_embeddings\.T"),
        ({"bat": VALUES[:1], "otter": VALUES[1:2]}, ["bat"], r"such as vector\.ravel\(\)"),
        (FRAME.reset_index(), ["bat"], r"use set_index\('index'\)"),
    ],
)
def test_what_was_meant_is_guessed(class_embeddings, seen, message):
    with pytest.raises(ValueError, match=message):
        ClassEmbeddings.for_training(class_embeddings, np.array(seen))


def test_classes_may_be_described_by_their_likeness_to_seen_ones():
    likeness = FRAME.set_axis(["bat", "otter"], axis="columns")
    embeddings = ClassEmbeddings.for_training(likeness, np.array(["bat", "otter"]))
    assert embeddings.columns == {"embeddings": ("bat", "otter")}
    # Also by the likeness to the class of the first row alone.
    ClassEmbeddings.for_training(FRAME.set_axis(["otter", "x"], axis=1), np.array(["otter"]))


@pytest.mark.parametrize("nest", [lambda table: table, lambda table: {"words": table}])
def test_sparse_tables_are_read(nest):
    parsed = ClassEmbeddings.parse(nest(csr_array(VALUES)))
    assert_array_equal(only_table(parsed), VALUES)


def test_labels_of_numpy_become_those_of_python():
    parsed = ClassEmbeddings.parse(dict(zip(np.array(["bat", "owl"]), VALUES, strict=False)))
    assert [type(label) for label in parsed.classes] == [str, str]


@pytest.mark.parametrize(
    "given", [FRAME, NAMED, VALUES, {"a": NAMED, "b": FRAME.iloc[1:]}], ids=["0", "1", "2", "3"]
)
def test_the_public_form_is_read_as_the_same(given):
    embeddings = ClassEmbeddings.parse(given).in_order_of_appearance()
    again = ClassEmbeddings.parse(embeddings.frames())
    assert_array_equal(again.classes, embeddings.classes)
    assert again.columns == embeddings.columns
    for name, table in embeddings.tables.items():
        assert_array_equal(again.tables[name], table)
        assert_array_equal(again.present[name], embeddings.present[name])


def test_classes_of_several_tables_stand_in_the_order_of_their_first_appearance():
    parsed = ClassEmbeddings.parse({"a": FRAME.iloc[1:], "b": FRAME})
    assert parsed.classes.tolist() == ["bat", "seal", "otter"]


def test_an_index_of_any_byte_order_is_read():
    frame = pd.DataFrame(VALUES, index=np.array([7, 3, 5], dtype=">i4"))
    assert ClassEmbeddings.parse(frame).classes.tolist() == [7, 3, 5]


def as_rows(embeddings):
    """Return the row of each class that a modality has, by modality and class."""
    return {
        name: {
            label: row.tolist()
            for label, row, is_there in zip(
                embeddings.classes, table, embeddings.present[name], strict=True
            )
            if is_there
        }
        for name, table in embeddings.tables.items()
    }


LABELS = ["ape", "bat", "cow", "dog", "eel"]
some_rows = st.dictionaries(
    st.sampled_from(LABELS), st.lists(st.integers(0, 9), min_size=2, max_size=2)
)
some_modalities = st.fixed_dictionaries({"a": some_rows, "b": some_rows}).filter(
    lambda tables: all(tables.values())
)


@given(fitted=some_modalities, added=some_modalities, one_only=st.booleans(), data=st.data())
def test_joined_classes_replace_those_that_are_not_seen_in_all_modalities(
    fitted, added, one_only, data
):
    known = sorted(fitted["a"].keys() | fitted["b"].keys())
    seen = data.draw(st.lists(st.sampled_from(known), unique=True))
    added = {"b": added["b"]} if one_only else added
    # What is said of seen classes again must be the same.
    for name, rows in added.items():
        again = {label: fitted[name].get(label) for label in rows if label in seen}
        added[name] = {label: row for label, row in (rows | again).items() if row}
    assume(all(added.values()))
    model = ClassEmbeddings.parse(fitted).select(np.array(known))
    joined = model.joined_with(added, np.array(seen, dtype=model.classes.dtype))
    new = set().union(*added.values()) - {*seen}
    expected = {
        name: {label: row for label, row in rows.items() if label not in new}
        | {label: row for label, row in added.get(name, {}).items() if label in new}
        for name, rows in fitted.items()
    }
    assert as_rows(joined) == expected
    assert joined.classes.tolist() == sorted({*known, *new})
    for name, table in joined.tables.items():
        assert table.dtype == np.float32
        assert joined.present[name].dtype == bool
        assert not table[~joined.present[name]].any()


def test_a_seen_class_that_is_described_otherwise_is_named():
    model = ClassEmbeddings.parse({"a": FRAME, "b": FRAME})
    other = FRAME.copy()
    other.loc["bat", 0] += 1
    for described in ({"a": other, "b": FRAME}, {"a": FRAME, "b": other}, {"b": other}):
        with pytest.raises(
            ValueError, match=r"otherwise than at fit: 'bat'\. The model has learnt"
        ):
            model.joined_with(described, np.array(["otter", "bat"]))
        joined = model.joined_with(described, np.array(["otter", "seal"]))
        assert as_rows(joined)["b"]["bat"] == described["b"].loc["bat"].tolist()


def test_a_modality_that_a_seen_class_had_not_at_fit_is_refused():
    model = ClassEmbeddings.parse({"a": FRAME.iloc[:1], "b": FRAME})
    zeros = {"a": pd.DataFrame(0.0, index=["bat"], columns=[0, 1])}
    with pytest.raises(ValueError, match="otherwise than at fit: 'bat'"):
        model.joined_with(zeros, np.array(["bat"]))


def test_classes_join_only_a_model_with_embeddings_of_the_same_kind():
    model = ClassEmbeddings.one_hot(np.array(["bat", "otter"]))
    with pytest.raises(ValueError, match=r"fitted without class_embeddings.*Fit it with class_emb"):
        model.joined_with(FRAME, model.classes)
    with pytest.raises(ValueError, match=r"are strings \('otter', ...\), but .* are numbers \(0, "):
        ClassEmbeddings.parse(FRAME).joined_with(VALUES, FRAME.index.to_numpy())


def test_labels_that_join_take_the_type_of_those_that_are_there():
    model = ClassEmbeddings.parse(FRAME.set_axis(np.array([3, 1, 2], dtype=np.int16)))
    new = FRAME.set_axis(np.array([7, 8, 9], dtype=np.int64))
    assert model.joined_with(new, np.array([1])).classes.dtype == np.int16


def test_a_class_that_lacks_a_modality_is_named():
    embeddings = ClassEmbeddings.parse({"a": FRAME, "b": FRAME.iloc[:1]})
    message = r"^class_embeddings\['b'\] lacks 2 classes: 'bat', 'seal'\. .* or leave out 'b'\.$"
    for modalities in (None, ["a", "b"]):
        with pytest.raises(ValueError, match=message):
            embeddings.refuse_incomplete(modalities)
    with pytest.raises(ValueError, match=r"\['c'\] lacks 3 classes: 'otter', 'bat', 'seal'"):
        embeddings.refuse_incomplete(["c"])
    embeddings.refuse_incomplete(["a"])
    ClassEmbeddings.parse({"a": FRAME, "b": FRAME}).refuse_incomplete()


def test_what_a_model_publishes_is_what_it_was_fitted_with():
    seen = np.array(["bat", "otter"])
    for described in (NAMED, {"a": NAMED, "b": FRAME.iloc[1:]}):
        fitted = ClassEmbeddings.for_training(described, seen)
        again = ClassEmbeddings.of_fit(fitted.frames(), seen)
        assert as_rows(again) == as_rows(fitted)
        assert again.columns == fitted.columns
        assert again.is_given
    fitted = ClassEmbeddings.for_training(None, seen)
    assert fitted.frames() is None
    again = ClassEmbeddings.of_fit(None, seen)
    assert as_rows(again) == as_rows(fitted) == {"embeddings": {"bat": [1, 0], "otter": [0, 1]}}
    assert again.present["embeddings"].dtype == bool
    assert not again.is_given


def test_one_table_is_published_as_a_frame_and_several_as_a_dict_of_them():
    pd.testing.assert_frame_equal(ClassEmbeddings.parse(NAMED).frames(), NAMED.astype(np.float32))
    frames = ClassEmbeddings.parse({"a": NAMED, "b": FRAME.iloc[1:]}).frames()
    assert list(frames) == ["a", "b"]
    pd.testing.assert_frame_equal(frames["a"], NAMED.astype(np.float32))
    pd.testing.assert_frame_equal(frames["b"], FRAME.iloc[1:].astype(np.float32))
    assert list(ClassEmbeddings.parse({"a": NAMED}).frames()) == ["a"]


def test_classes_come_in_the_order_in_which_tables_name_them():
    embeddings = ClassEmbeddings.parse({"a": FRAME.iloc[:1], "b": FRAME})
    shuffled = embeddings.select(np.array(["seal", "bat", "otter"]))
    assert as_rows(shuffled) == as_rows(embeddings)
    ordered = shuffled.in_order_of_appearance()
    assert ordered.classes.tolist() == ["otter", "seal", "bat"]
    assert as_rows(ordered) == as_rows(embeddings)
