import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skcada._classes.roles import ClassRoles, find_told_apart

TABLE = pd.DataFrame(np.eye(4), index=["otter", "bat", "seal", "yak"])
Y = np.array(["bat", "seal", "bat", "yak"])


def test_roles_come_from_the_labels_and_the_first_embeddings_there_are():
    roles = ClassRoles.resolve(Y, None, TABLE, TABLE.iloc[:2])
    assert roles.classes.tolist() == ["bat", "otter", "seal", "yak"]
    assert roles.seen.tolist() == ["bat", "seal", "yak"]
    assert roles.unseen.tolist() == ["otter"]
    assert not roles.is_shot(Y).any()


def test_rows_of_listed_classes_are_shots():
    roles = ClassRoles.resolve(Y, TABLE, unseen_classes=["yak", "otter"])
    assert roles.unseen.tolist() == ["otter", "yak"]
    assert_array_equal(roles.is_shot(Y), Y == "yak")


def test_unseen_classes_alone_can_be_told_apart():
    roles = ClassRoles.resolve(Y, TABLE, unseen_classes=["yak"], label_space="unseen")
    assert roles.classes.tolist() == ["otter", "yak"]


def test_without_embeddings_no_class_is_unseen():
    roles = ClassRoles.resolve(Y, None, None)
    assert roles.classes.tolist() == ["bat", "seal", "yak"]
    assert not roles.embeddings.is_given


@given(st.lists(st.sampled_from([*TABLE.index]), min_size=1), st.permutations(range(4)))
def test_roles_part_the_classes_whatever_the_order_of_the_table(y, order):
    roles = ClassRoles.resolve(np.array(y), TABLE.iloc[list(order)])
    assert_array_equal(np.sort(np.append(roles.seen, roles.unseen)), np.sort(TABLE.index))
    assert set(roles.seen) == set(y)


@pytest.mark.parametrize(
    ("candidates", "settings", "message"),
    [
        ([], {"unseen_classes": ["yak"]}, "unseen_classes needs class_embeddings"),
        ([TABLE], {"unseen_classes": [["yak"]]}, "one-dimensional list"),
        ([TABLE], {"unseen_classes": [["yak", "bat"], ["otter"]]}, "one-dimensional list"),
        ([TABLE], {"unseen_classes": ["yak", 1]}, "^unseen_classes holds labels of mixed kinds"),
        ([TABLE], {"unseen_classes": ["gnu"]}, r"no embedding: 'gnu'\. .* or leave them out\.$"),
        (
            [TABLE],
            {"unseen_classes": ["yaks", "Otter", "gnu"]},
            "no embedding: 'yaks', 'Otter', 'gnu'.* unseen_classes has 'yaks', 'Otter'; "
            "class_embeddings has 'yak', 'otter'. Are they the same classes",
        ),
        ([TABLE], {"unseen_classes": ["bat", "seal", "yak"]}, "no row is left to train on"),
        ([TABLE.drop("otter")], {"label_space": "unseen"}, "leaves no class to predict"),
        ([TABLE.drop("yak")], {}, "lacks 1 of the 3 classes in y: 'yak'"),
    ],
)
def test_whatever_is_wrong_about_classes_is_refused(candidates, settings, message):
    with pytest.raises(ValueError, match=message):
        ClassRoles.resolve(Y, *candidates, **settings)


def test_unseen_classes_described_alike_are_warned_of():
    table = TABLE.copy()
    table.loc["otter"] = table.loc["bat"]
    with pytest.warns(UserWarning, match="exactly as it describes another class: 'otter'"):
        ClassRoles.resolve(Y, table)
    # Classes with rows are told apart by these, whatever describes them.
    ClassRoles.resolve(np.array(["bat", "otter"]), table.loc[["bat", "otter"]])
    with pytest.warns(UserWarning, match="another class: 'otter'"):
        ClassRoles.resolve(Y, TABLE).join(table.loc[["otter"]])


def test_classes_described_alike_in_different_modalities_are_not_alike():
    rows = TABLE.loc[["bat", "seal", "yak"]]
    tables = {"a": pd.concat([rows, TABLE.loc[["otter"]] * 0]), "b": rows * 2}
    tables["b"].loc["bat"] = 0.0
    tables["a"].loc["bat"] = 0.0
    # A class without a row and one of zeros: only what is missing tells them apart.
    roles = ClassRoles.resolve(Y, tables)
    assert roles.unseen.tolist() == ["otter"]


def test_in_a_fold_the_classes_without_rows_are_unseen():
    roles = ClassRoles.resolve(Y, TABLE, label_space="unseen")
    fold = roles.hold_out(np.array([0, 3, 0]))
    assert fold.seen.tolist() == ["bat", "yak"]
    assert fold.classes.tolist() == fold.unseen.tolist() == ["otter", "seal"]
    assert roles.hold_out(np.arange(4)).unseen.tolist() == ["otter"]
    assert roles.seen.tolist() == ["bat", "seal", "yak"]


def test_classes_that_join_are_unseen_and_may_describe_unseen_ones_anew():
    roles = ClassRoles.resolve(Y, TABLE, unseen_classes=["yak"], label_space="unseen")
    new = pd.DataFrame([[1.0, 2, 3, 4], [5, 6, 7, 8]], index=["ant", "otter"])
    joined = roles.join(new)
    assert joined.seen.tolist() == ["bat", "seal"]
    assert joined.classes.tolist() == joined.unseen.tolist() == ["ant", "otter", "yak"]
    (table,) = joined.embeddings.tables.values()
    assert_array_equal(table[joined.embeddings.index_of(new.index)], new)
    with pytest.raises(ValueError, match="describes seen classes otherwise than at fit: 'bat'"):
        roles.join(TABLE.loc[["bat"]] + 1)
    # Rows of a class make it one that must stay, shots do not.
    assert roles.join(TABLE.loc[["yak"]] + 1).unseen.tolist() == ["otter", "yak"]


def test_an_empty_list_of_unseen_classes_lists_none():
    for empty in ([], (), np.array([])):
        roles = ClassRoles.resolve(Y, TABLE, unseen_classes=empty)
        assert roles.unseen.tolist() == ["otter"]
        assert roles.is_unseen.dtype == bool


def test_rows_of_classes_that_are_told_apart_are_found():
    classes, seen = np.array(["otter", "yak"]), np.array(["bat", "seal"])
    y = ["yak", "bat", "otter", "seal"]
    is_told_apart = find_told_apart(y, classes, seen)
    assert type(is_told_apart) is np.ndarray
    assert_array_equal(is_told_apart, [True, False, True, False])
    with pytest.raises(ValueError, match=r"^y holds classes that .* not know: 'gnu'\. D"):
        find_told_apart([*y, "gnu", "gnu"], classes, seen)
    with pytest.raises(ValueError, match=r"no row of .* tells apart: 'otter', 'yak'\. Add"):
        find_told_apart(["bat", "seal"], classes, seen)
    with pytest.raises(ValueError, match=r"^classes_ holds strings but y holds numbers"):
        find_told_apart([1, 2], classes, seen)
