"""Classes that join a fitted classifier without a new fit."""

import numpy as np
import pandas as pd
import pytest
from linear_world import linear_world
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skcada.compatibility import (
    ALEClassifier,
    CMTClassifier,
    DeViSEClassifier,
    ESZSLClassifier,
    LatEmClassifier,
    SAEClassifier,
    SJEClassifier,
    SynCClassifier,
)

MODELS = {
    "ESZSL": ESZSLClassifier(feature_regularization=1.0, embedding_regularization=1.0),
    "SJE": SJEClassifier(max_iter=3, random_state=0),
    "ALE": ALEClassifier(max_iter=3, random_state=0),
    "DeViSE": DeViSEClassifier(max_iter=3, random_state=0),
    "LatEm": LatEmClassifier(max_iter=3, random_state=0),
    "CMT": CMTClassifier(max_iter=3, random_state=0),
    "SynC": SynCClassifier(regularization=0.01, similarity_scale=1.0),
    "SAE": SAEClassifier(regularization=1.0),
}


def assert_unchanged(found, expected):
    """Check up to the order in which a matrix product with more columns is summed."""
    assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.fixture(params=MODELS.values(), ids=MODELS)
def model(request):
    return clone(request.param)


@pytest.fixture(scope="module")
def world():
    X, y, embeddings = linear_world(0)
    table = pd.DataFrame(embeddings, index=[f"class {i:02d}" for i in range(36)])
    labels = table.index.to_numpy()[y]
    return X[y < 30], labels[y < 30], table


def test_scores_stay_and_new_ones_are_those_of_a_fit_with_all(model, world):
    X, y, table = world
    model.fit(X, y, class_embeddings=table[:33])
    before = model.decision_function(X)
    joined = model.with_class_embeddings(table[33:])
    assert_array_equal(joined.classes_, table.index)
    assert_array_equal(joined.seen_classes_, table.index[:30])
    assert_array_equal(joined.unseen_classes_, table.index[30:])
    scores = joined.decision_function(X)
    assert_unchanged(scores[:, :33], before)
    assert_allclose(
        scores, clone(model).fit(X, y, class_embeddings=table).decision_function(X), atol=1e-5
    )
    # The classifier itself is left alone.
    assert_array_equal(model.classes_, table.index[:33])
    assert_array_equal(model.decision_function(X), before)


def test_a_clone_of_what_joined_knows_all_classes(model, world):
    X, y, table = world
    model.set_params(class_embeddings=table[:33])
    joined = model.fit(X, y).with_class_embeddings(table[33:])
    assert_array_equal(clone(joined).fit(X, y).classes_, joined.classes_)
    assert joined.get_params()["class_embeddings"] is joined.class_embeddings_
    pd.testing.assert_frame_equal(
        joined.class_embeddings_, table.astype(np.float32), check_column_type=False
    )


def test_all_classes_may_be_given_and_unseen_ones_described_anew(model, world):
    X, y, table = world
    model.fit(X, y, class_embeddings=table[:33])
    changed = table.copy()
    changed.loc["class 31"] = changed.loc["class 35"]
    with pytest.warns(UserWarning, match="as it describes another class: 'class 31', 'class 35'"):
        joined = model.with_class_embeddings(changed.sample(frac=1, random_state=0))
    scores, before = joined.decision_function(X), model.decision_function(X)
    assert_unchanged(np.delete(scores, 31, axis=1)[:, :32], np.delete(before, 31, axis=1))
    assert_unchanged(scores[:, 31], scores[:, 35])


def test_only_unseen_classes_compete_where_that_was_asked_for_at_fit(model, world):
    X, y, table = world
    model.set_params(label_space="unseen").fit(X, y, class_embeddings=table[:33])
    model.set_params(label_space="all")
    joined = model.with_class_embeddings(table[33:])
    assert_array_equal(joined.classes_, table.index[30:])


def test_a_seen_class_cannot_be_described_anew(model, world):
    X, y, table = world
    model.fit(X, y, class_embeddings=table[:33])
    changed = table.copy()
    changed.loc["class 07", 3] += 0.1
    with pytest.raises(ValueError, match="seen classes otherwise than at fit: 'class 07'"):
        model.with_class_embeddings(changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.iloc[:, :5], "has 5 columns .* was fitted with 8"),
        (lambda table: table.rename(index=lambda label: int(label[-2:])), "are numbers"),
        (lambda table: {"color": table, "shape": table}, "fitted with the modalities"),
        (lambda table: table * np.nan, "NaN"),
    ],
)
def test_what_does_not_fit_is_refused(model, world, change, message):
    X, y, table = world
    model.fit(X, y, class_embeddings=table[:33])
    with pytest.raises(ValueError, match=message):
        model.with_class_embeddings(change(table[33:]))


def test_a_class_that_lacks_a_modality_is_refused(world):
    X, y, table = world
    parts = {"a": table[:33].iloc[:, :4], "b": table[:33].iloc[:, 4:]}
    model = clone(MODELS["ESZSL"]).fit(X, y, class_embeddings=parts)
    with pytest.raises(ValueError, match=r"\['b'\] lacks 3 classes: 'class 33'"):
        model.with_class_embeddings({"a": table[33:].iloc[:, :4]})
    joined = model.with_class_embeddings({"b": table[33:].iloc[:, 4:], "a": table[33:].iloc[:, :4]})
    assert_unchanged(joined.decision_function(X)[:, :33], model.decision_function(X))
    assert list(joined.class_embeddings_) == ["a", "b"]


def test_without_class_embeddings_no_class_can_join(model, world):
    X, y, table = world
    with pytest.raises(ValueError, match="fitted without class_embeddings"):
        model.fit(X, y).with_class_embeddings(table)


def test_shots_keep_their_role(model, world):
    X, y, table = world
    model.set_params(unseen_classes=["class 07"]).fit(X, y, class_embeddings=table[:33])
    joined = model.with_class_embeddings(table[33:])
    assert "class 07" in joined.unseen_classes_
    assert_unchanged(joined.decision_function(X)[:, :33], model.decision_function(X))
