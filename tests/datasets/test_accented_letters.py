"""The accented letters: their images, their parts and who is seen."""

import unicodedata

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skcada.datasets import load_accented_letters


@pytest.fixture(scope="module")
def letters():
    return load_accented_letters()


def parts_of(letter):
    base, *marks = unicodedata.normalize("NFD", letter)
    return {base, *(unicodedata.name(mark).removeprefix("COMBINING ").lower() for mark in marks)}


def test_class_embeddings_say_what_letters_are_made_of(letters):
    table = letters.class_embeddings
    assert table.shape == (538, 77)
    assert set(table.columns[table.loc["é"] == 1]) == {"e", "acute accent"}
    for letter, row in table.iterrows():
        assert set(row.index[row == 1]) == parts_of(letter)
    assert np.isin(table, [0, 1]).all()


def test_no_two_letters_are_described_alike(letters):
    assert not letters.class_embeddings.duplicated().any()


def test_every_letter_is_one_character_as_text_is_commonly_encoded(letters):
    for letter in letters.target_names:
        assert unicodedata.normalize("NFC", letter) == letter
        assert len(letter) == 1


@pytest.mark.parametrize("held_out", ["test_unseen", "val"])
def test_parts_of_held_out_letters_occur_in_the_letters_to_train_on(letters, held_out):
    table = letters.class_embeddings
    trained = np.unique(
        letters.target[letters["trainval" if held_out == "test_unseen" else "train"]]
    )
    new = np.unique(letters.target[letters[held_out]])
    assert new.size == 100
    assert (table.loc[new].iloc[:, :52].sum(axis=1) == 1).all()
    assert (table.loc[new].iloc[:, 52:].sum(axis=1) >= 1).all()  # none is a basic letter
    assert table.loc[trained].any().all()


def test_no_family_of_a_seen_letter_is_on_both_sides(letters):
    rows = pd.DataFrame({"letter": letters.target, "family": letters.family})
    tested = rows.iloc[letters.test_seen].drop_duplicates()
    assert tested["letter"].is_unique
    assert tested.merge(rows.iloc[letters.trainval]).empty
    assert set(tested["family"]) == set(letters.family)


def test_every_row_is_a_letter_in_another_face(letters):
    rows = pd.DataFrame({"letter": letters.target, "face": letters.face})
    assert not rows.duplicated().any()
    assert rows["face"].nunique() == 16
    assert (
        pd.DataFrame({"face": letters.face, "family": letters.family}).drop_duplicates().shape[0]
        == 16
    )
    assert rows.groupby("letter")["face"].nunique().min() >= 8


def test_images_are_whole_letters_with_a_blank_edge(letters):
    images = letters.images
    assert images.shape == (len(letters.target), 48, 40)
    assert images.dtype == np.uint8
    edges = images.copy()
    edges[:, 1:-1, 1:-1] = 0
    assert not edges.any()
    assert images.max(axis=(1, 2)).min() == 255


def test_marks_lie_where_their_names_say(letters):
    def ink(letter):
        image = letters.images[(letters.target == letter) & (letters.face == "DejaVuSans")][0]
        return np.flatnonzero(image.any(axis=1))

    letter, above, below = ink("E"), ink("Ê"), ink("Ḙ")
    # All stand on one base line, and all are equally large.
    assert above[-1] == letter[-1]
    assert above[0] < letter[0]
    assert below[0] == letter[0]
    assert below[-1] > letter[-1]


def test_features_are_finite_and_none_is_constant(letters):
    train = letters.data[letters.train]
    assert np.isfinite(letters.data).all()
    # A feature that is the same in nearly all rows would get huge values from a scaler.
    deviation = np.abs(train - train.mean(axis=0)).max(axis=0)
    assert (deviation / train.std(axis=0)).max() < 25


def test_features_tell_in_which_direction_shades_rise(letters):
    # From the left into the bar of an "l", and out of it again: hardly any other edges.
    row = (letters.target == "l") & (letters.face == "DejaVuSans")
    sums = pd.Series(letters.data[row][0], index=letters.feature_names) ** 2
    direction = sums.groupby(sums.index.str.extract(r"_([\d.]+)deg_", expand=False)).sum()
    assert set(direction.nlargest(2).index) == {"0", "180"}
    assert direction[["0", "180"]].sum() > 0.8 * direction.sum()


def test_descr_names_the_fonts_and_the_sizes(letters):
    for text in ["DejaVu Serif", "STIX", "Bitstream", "SIL Open Font License", "7,109", "1,752"]:
        assert text in letters.DESCR


def test_script_draws_the_stored_images(letters):
    pytest.importorskip("matplotlib")
    from skcada.datasets._accented_letters import render

    for family, name, path in render.find_fonts()[::5]:
        face = render.Face(path)
        for letter in "éWģǕ":
            row = (letters.target == letter) & (letters.face == name)
            assert row.any() == (letter in face)
            if row.any():
                assert letters.family[row] == family
                drawn = face.draw(letter) * 17.0
                assert np.abs(drawn - letters.images[row][0]).mean() < 1


def test_script_draws_the_stored_roles(letters):
    pytest.importorskip("matplotlib")
    from skcada.datasets._accented_letters import render

    roles = render.draw_roles(letters.target, letters.family)
    for name in ["train", "val", "test_seen", "test_unseen"]:
        assert_array_equal(np.flatnonzero(roles == name), letters[name])
