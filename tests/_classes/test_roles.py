import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skcada._classes.roles import ClassRoles

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
