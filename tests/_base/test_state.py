"""Estimators as plain data: what is in a state, other versions, memory and threads."""

import copy
import pickle
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import skops.io
import torch
from numpy.testing import assert_array_equal
from silent_callback import SilentCallback
from sklearn.base import clone

from skcada import CADAVAETransformer, SoftmaxClassifier, __version__
from skcada.compatibility import ESZSLClassifier
from skcada.ensemble import GZSLVotingClassifier
from skcada.exceptions import VersionWarning


def through_pickle(estimator):
    return pickle.loads(pickle.dumps(estimator))


def through_skops(estimator):
    saved = skops.io.dumps(estimator)
    return skops.io.loads(saved, trusted=[type(estimator)])


TABLES = {
    "single precision": pd.DataFrame(np.arange(6, dtype=np.float32).reshape(2, 3), ["a", "b"]),
    "column order": pd.DataFrame(np.asfortranarray(np.arange(6.0).reshape(2, 3))),
    "several types": pd.DataFrame(
        {"a": [1, 2], "b": [1.5, np.nan], "c": [True, False], "d": ["x", "y"], "e": ["x", 1]},
        index=pd.Index([3, 5], name="label"),
    ),
    "missing values": pd.DataFrame(
        {
            "a": pd.array([1, None], dtype="Int64"),
            "b": pd.array([1.5, None], dtype="Float32"),
            "c": pd.array([True, None], dtype="boolean"),
            "d": pd.array(["q", None], dtype="string"),
        }
    ),
    "categories": pd.DataFrame(
        {"a": pd.Categorical(["x", "y"], ordered=True)}, index=pd.CategoricalIndex(["p", "q"])
    ),
    "levels": pd.DataFrame(
        np.eye(3),
        index=pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["u", None]),
        columns=pd.MultiIndex.from_product([["q"], [1, 2, 3]]),
    ),
    "no rows": pd.DataFrame(np.empty((0, 3)), columns=list("abc")),
    "no columns": pd.DataFrame(index=["a", "b"]),
    "equal names": pd.DataFrame(np.eye(2), columns=["a", "a"]),
    "mixed labels": pd.DataFrame(np.eye(2), index=pd.Index([1, "a"])),
    "dates": pd.DataFrame({"a": pd.date_range("2020", periods=2)}),
}


@pytest.mark.parametrize("through", [through_pickle, through_skops])
@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_same_to_the_type_of_each_column(name, through):
    table = TABLES[name]
    table.attrs["source"] = name
    found = through(ESZSLClassifier(table)).class_embeddings
    pd.testing.assert_frame_equal(found, table, check_column_type="exact")
    assert found.index.dtype == table.index.dtype
    assert found.attrs == table.attrs


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": pd.date_range("2020", periods=2, tz="UTC")}),
        pd.DataFrame(np.eye(2), index=pd.date_range("2020", periods=2)),
        pd.DataFrame({"a": pd.arrays.SparseArray([0, 1.0])}),
    ],
    ids=["time zone", "frequency", "sparse"],
)
def test_a_table_that_has_no_plain_form_is_left_to_pickle(table):
    found = through_pickle(ESZSLClassifier(table)).class_embeddings
    pd.testing.assert_frame_equal(found, table, check_freq=True)


@pytest.mark.parametrize("through", [through_pickle, through_skops])
def test_parameters_of_any_kind_are_the_same(through):
    def keep(value):
        return through(ESZSLClassifier(value)).class_embeddings

    frame = pl.DataFrame({"class": ["a", "b"], "x": [1.0, None]})
    found = keep(frame)
    assert found.equals(frame)
    assert found.schema == frame.schema
    for cls in (sp.csr_array, sp.csc_matrix, sp.coo_array):
        matrix = cls(np.diag([1.0, 0.0, 2.0]))
        found = keep(matrix)
        assert type(found) is cls
        assert_array_equal(found.toarray(), matrix.toarray())
    assert torch.equal(keep(torch.eye(2)), torch.eye(2))
    texts = np.array(["a", "b"], dtype=np.dtypes.StringDType())
    assert_array_equal(keep(texts), texts, strict=True)
    # JSON has no keys but texts.
    for value in ({True: [1], 2: [0]}, {("a", 1): [1]}, {"1": [0], 1: [1]}, {"skcada_kind": 1}):
        found = keep(value)
        assert found == value
        assert [type(key) for key in found] == [type(key) for key in value]
    labels = pd.Series(["a", "b"], name="unseen")
    found = through(ESZSLClassifier(unseen_classes=labels)).unseen_classes
    pd.testing.assert_series_equal(found, labels)
    index = pd.Index(["a", "b"])
    assert through(ESZSLClassifier(unseen_classes=index)).unseen_classes.equals(index)
    device = torch.device("cuda:3")
    assert through(SoftmaxClassifier(device=device)).device == device
    state = np.random.RandomState(3)
    found = through(SoftmaxClassifier(random_state=state)).random_state
    assert_array_equal(found.random(4), copy.deepcopy(state).random(4))


@pytest.fixture
def transformer(small_transformer, problem, Xy):
    return small_transformer.fit(*Xy, class_embeddings=problem.class_embeddings)


def find_types(value):
    """Yield the types of all that a state holds, down into containers."""
    yield type(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            yield from find_types(item)


def test_a_state_holds_numbers_texts_and_arrays_only(transformer):
    plain = {dict, list, tuple, str, int, float, bool, type(None), np.ndarray}
    assert set(find_types(transformer.__getstate__())) <= plain


def test_saving_changes_nothing_in_the_model_and_copies_no_weights(transformer, Xy):
    expected = transformer.transform(Xy[0])
    state = transformer.__getstate__()
    weight = next(transformer.network_.parameters())
    array = next(iter(state["network_"]["arrays"].values()))
    assert np.shares_memory(array, weight.detach().numpy())
    loaded = through_pickle(transformer)
    assert not np.shares_memory(next(loaded.network_.parameters()).detach().numpy(), array)
    assert_array_equal(transformer.transform(Xy[0]), expected)


def test_a_damaged_network_is_refused(transformer):
    state = pickle.loads(pickle.dumps(transformer.__getstate__()))
    arrays = state["network_"]["arrays"]
    first = next(iter(arrays))
    for damaged in ({**arrays, first: arrays[first][:1]}, {**arrays, "other": arrays[first]}):
        state["network_"]["arrays"] = damaged
        with pytest.raises(ValueError, match="AlignedVAE do not have the shapes"):
            CADAVAETransformer.__new__(CADAVAETransformer).__setstate__(state)
    # Nor does it take the memory that it declares: 4 PB.
    state["network_"]["arrays"] = arrays
    state["network_"]["architecture"]["encoder_layers"] = [[2**25, 2**25]] * 2
    with pytest.raises(ValueError, match="AlignedVAE do not have the shapes"):
        CADAVAETransformer.__new__(CADAVAETransformer).__setstate__(state)


@pytest.mark.parametrize("kind", ["part", "os.system"])
def test_a_state_cannot_ask_for_other_classes(kind):
    state = {**ESZSLClassifier().__getstate__(), "cv": {"skcada_kind": kind}}
    with pytest.raises(ValueError, match=f"kind '{kind}', which skcada .* does not know"):
        ESZSLClassifier.__new__(ESZSLClassifier).__setstate__(state)


def with_state(estimator, **changes):
    """Return what loads as the estimator with another state; None leaves an entry out."""
    state = {**estimator.__getstate__(), **changes}
    state = {name: value for name, value in state.items() if changes.get(name, 0) is not None}
    loaded = type(estimator).__new__(type(estimator))
    loaded.__setstate__(state)
    return loaded


def test_a_model_of_another_version_is_warned_of_and_loads(transformer, Xy):
    with pytest.warns(VersionWarning, match=f"by skcada 0.0.9 is loaded by skcada {__version__}"):
        loaded = with_state(transformer, _skcada_version="0.0.9")
    assert_array_equal(loaded.transform(Xy[0]), transformer.transform(Xy[0]))
    assert not hasattr(loaded, "_skcada_version")
    with pytest.warns(VersionWarning, match="an unknown version") as caught:
        with_state(transformer, _skcada_version=None, _skcada_format=None)
    assert [warning.filename for warning in caught] == [__file__]


def test_a_parameter_that_an_older_version_lacked_has_its_default():
    with pytest.warns(VersionWarning):
        loaded = with_state(ESZSLClassifier(cv=3), _skcada_version="0.0.9", cv=None)
    assert loaded.cv is None
    assert clone(loaded).get_params() == ESZSLClassifier().get_params()
    vote = GZSLVotingClassifier([])
    with (
        pytest.warns(VersionWarning),
        pytest.raises(ValueError, match=r"skcada 0.0.9 saved has no parameter 'estimators'"),
    ):
        with_state(vote, _skcada_version="0.0.9", estimators=None)


@pytest.mark.parametrize("number", [2, "1", None, True])
def test_a_newer_format_is_refused(number):
    state = {**ESZSLClassifier().__getstate__(), "_skcada_format": number}
    state["_skcada_version"] = "9.1"
    with pytest.raises(ValueError, match=r"by skcada 9.1 in the format .* Load it with skcada 9.1"):
        ESZSLClassifier.__new__(ESZSLClassifier).__setstate__(state)


def test_a_table_that_two_members_share_is_saved_once():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 200)))
    members = [(name, ESZSLClassifier(table)) for name in "abc"]
    vote = GZSLVotingClassifier(members, class_embeddings=table)
    saved = pickle.dumps(vote)
    assert len(saved) < 1.1 * table.to_numpy().nbytes
    members = pickle.loads(saved).estimators
    assert np.shares_memory(*(member.class_embeddings for _, member in members[:2]))


def test_a_memory_mapped_model_reads_its_large_arrays_from_the_disk(problem, Xy, tmp_path):
    model = ESZSLClassifier(problem.class_embeddings).fit(*Xy)
    joblib.dump(model, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert isinstance(mapped.compatibility_, np.memmap)
    assert not mapped.compatibility_.flags.writeable
    # What is saved again depends on no file.
    for loaded in (through_pickle(mapped), through_skops(mapped)):
        assert type(loaded.compatibility_) is np.ndarray
        assert_array_equal(loaded.decision_function(Xy[0]), model.decision_function(Xy[0]))


def test_a_deep_copy_takes_its_own_size_only():
    model = ESZSLClassifier(pd.DataFrame(np.zeros((1000, 1000))))
    model.compatibility_ = np.zeros((1000, 1000))
    tracemalloc.start()
    copied = copy.deepcopy(model)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.1 * 2 * 8e6
    assert not np.shares_memory(copied.compatibility_, model.compatibility_)


def test_predictions_during_refits_are_those_of_one_model(problem, Xy):
    X, y = Xy
    few = np.isin(y, problem.seen_classes[:6])
    table = problem.class_embeddings
    fits = [(X, y, table), (X[few] * 2, y[few], table.loc[problem.seen_classes[:6]])]
    model = ESZSLClassifier(feature_regularization=1.0, embedding_regularization=1.0)
    expected = []
    for rows, labels, embeddings in fits:
        scores = model.fit(rows, labels, embeddings).decision_function(X)
        expected.append((scores, model.predict(X)))

    def check(_):
        scores, predicted = model.decision_function(X), model.predict(X)
        assert any(np.array_equal(scores, wanted) for wanted, _ in expected)
        assert any(np.array_equal(predicted, wanted) for _, wanted in expected)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(32) as pool:
            checks = pool.map(check, range(300))
            for i in range(100):
                rows, labels, embeddings = fits[i % 2]
                model.fit(rows, labels, embeddings)
            list(checks)
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.usefixtures("callbacks")
def test_parameters_set_during_a_fit_stay_as_they_were_set(problem, Xy):
    model = ESZSLClassifier(problem.class_embeddings)

    class Setter(SilentCallback):
        max_propagation_depth = 0

        def setup(self, estimator, context):
            model.set_params(seen_penalty=2.0)

    assert model.set_callbacks(Setter()).fit(*Xy).seen_penalty == 2.0
