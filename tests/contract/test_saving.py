"""Saved and copied models, and those that several threads use, are the same models."""

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import cloudpickle
import joblib
import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from silent_callback import SilentCallback
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tenants import ESTIMATORS, GZSL_CLASSIFIERS, LATENT_SOURCES

from skcada.compatibility import ESZSLClassifier
from skcada.ensemble import GZSLVotingClassifier
from skcada.model_selection import TunedSeenPenaltyClassifierCV

PUBLIC = {type(estimator).__name__ for estimator in ESTIMATORS}
MINIMAL = ("RidgeSource", "RidgeAligner", "GZSLClassifier(RidgeSource)", "GZSLVotingClassifier")


def through_joblib(model, folder):
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib")


def through_memory_map(model, folder):
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib", mmap_mode="r")


def through_skops(model, folder=None):
    saved = skops.io.dumps(model)
    names = skops.io.get_untrusted_types(data=saved)
    # Nothing private, and nothing of others: what a user is asked to trust.
    assert {name.partition(".")[0] for name in names} == {"skcada"}
    assert {name.rpartition(".")[2] for name in names} <= PUBLIC
    return skops.io.loads(saved, trusted=names)


WAYS = {
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "cloudpickle": lambda model, folder: pickle.loads(cloudpickle.dumps(model)),
    "joblib": through_joblib,
    "memory map": through_memory_map,
    "deepcopy": lambda model, folder: copy.deepcopy(model),
    "copy": lambda model, folder: copy.copy(model),
    "skops": through_skops,
}


@pytest.mark.parametrize("name", GZSL_CLASSIFIERS)
def test_a_saved_classifier_scores_the_same(name, problem, Xy, rows_to_test, tmp_path):
    model = GZSL_CLASSIFIERS[name]().set_params(class_embeddings=problem.class_embeddings)
    X_test = problem.data[rows_to_test]
    expected = model.fit(*Xy).decision_function(X_test)
    for way, save in WAYS.items():
        # What a user wrote without skops in mind it need not know.
        if way == "skops" and name in MINIMAL:
            continue
        loaded = save(model, tmp_path)
        assert_array_equal(loaded.decision_function(X_test), expected, err_msg=way)
        assert_array_equal(loaded.classes_, model.classes_, strict=True)
        assert vars(loaded).keys() == vars(model).keys()
        table = loaded.class_embeddings
        assert table.equals(problem.class_embeddings)
        assert table.index.equals(problem.class_embeddings.index)


@pytest.mark.parametrize("name", LATENT_SOURCES)
def test_a_saved_source_gives_the_same_latents(name, problem, Xy, tmp_path):
    source = LATENT_SOURCES[name]().fit(*Xy, class_embeddings=problem.class_embeddings)

    def draw(source):
        table = problem.class_embeddings
        drawn = source.sample(class_embeddings=table, n_samples=2, random_state=0)
        return np.vstack([source.transform(problem.data), drawn])

    expected = draw(source)
    for way, save in WAYS.items():
        if way == "skops" and name in MINIMAL:
            continue
        loaded = save(source, tmp_path)
        assert_array_equal(draw(loaded), expected, err_msg=way)
        assert vars(loaded).keys() == vars(source).keys()


@pytest.fixture(
    params=["pipeline", "tuned", "vote", "frozen"],
)
def composed(request, problem, Xy):
    """Return a fitted estimator that others of the package are parts of."""
    table = problem.class_embeddings
    latents = GZSL_CLASSIFIERS["GZSLClassifier"]()
    eszsl = ESZSLClassifier(table, random_state=0)
    made = {
        "pipeline": lambda: make_pipeline(StandardScaler(), eszsl),
        "tuned": lambda: TunedSeenPenaltyClassifierCV(
            make_pipeline(StandardScaler(), eszsl), random_state=0
        ),
        "vote": lambda: GZSLVotingClassifier(
            [
                ("latents", latents),
                ("none", "drop"),
                ("similar", GZSL_CLASSIFIERS["GZSLClassifier(similarity)"]()),
                ("scaled", make_pipeline(StandardScaler(), ESZSLClassifier(random_state=0))),
            ],
            class_embeddings=table,
        ),
        "frozen": lambda: latents.set_params(
            transformer=FrozenEstimator(
                LATENT_SOURCES["CVAETransformer"]().fit(*Xy, class_embeddings=table)
            )
        ),
    }
    return made[request.param]().fit(*Xy)


def test_whatever_they_are_parts_of_is_saved_whole(composed, problem, tmp_path):
    expected = composed.decision_function(problem.data)
    for way, save in WAYS.items():
        loaded = save(composed, tmp_path)
        assert_array_equal(loaded.decision_function(problem.data), expected, err_msg=way)


def test_members_of_a_loaded_vote_are_the_same_objects_by_name(problem, Xy):
    vote = GZSLVotingClassifier(
        [("a", ESZSLClassifier()), ("b", "drop"), ("c", ESZSLClassifier())],
        class_embeddings=problem.class_embeddings,
    ).fit(*Xy)
    for loaded in (pickle.loads(pickle.dumps(vote)), through_skops(vote), copy.deepcopy(vote)):
        assert loaded.named_estimators_.a is loaded.estimators_[0]
        assert loaded.named_estimators_["b"] == "drop"
        assert loaded.named_estimators_.c is loaded.estimators_[1]


@pytest.fixture
def busy_threads():
    """Let threads take turns as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def test_many_threads_predict_what_one_does(classifier, problem, Xy, busy_threads):
    classifier.fit(*Xy)
    parts = [problem.data[i::32] for i in range(32)]
    expected = [classifier.decision_function(part) for part in parts]
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(classifier.decision_function, parts))
    for scores, wanted in zip(found, expected, strict=True):
        assert_array_equal(scores, wanted)


class Observer(SilentCallback):
    """Predict by the model that is being fitted, at each task of its fit."""

    max_propagation_depth = 0

    def __init__(self, model, X):
        self.model, self.X, self.seen = model, X, []

    def on_fit_task_begin(self, estimator, context):
        predict = getattr(self.model, "decision_function", None) or self.model.transform
        self.seen.append(predict(self.X))

    def on_fit_task_end(self, estimator, context):
        self.on_fit_task_begin(estimator, context)


@pytest.mark.usefixtures("callbacks")
def test_a_refit_shows_nothing_before_its_end(classifier, problem, Xy):
    X, y = Xy
    before = classifier.fit(X, y).decision_function(X[:5])
    observer = Observer(classifier, X[:5])
    # Other rows and more classes, so that a mixture of both models differs from either, or fails.
    kept = np.isin(y, problem.seen_classes[:8])
    classifier.set_callbacks(observer).fit(X[kept], y[kept])
    assert len(observer.seen) >= 2
    for scores in observer.seen:
        assert_array_equal(scores, before)
    assert not np.array_equal(classifier.decision_function(X[:5]), before)


@pytest.mark.usefixtures("callbacks")
@pytest.mark.parametrize("name", sorted(set(LATENT_SOURCES) - set(MINIMAL)))
def test_a_refit_of_a_source_shows_nothing_before_its_end(name, problem, Xy):
    X, y = Xy
    source = LATENT_SOURCES[name]().fit(X, y, class_embeddings=problem.class_embeddings)
    before = source.transform(X[:5])
    observer = Observer(source, X[:5])
    # Features of another scale, which those that leave them where they are scale, too.
    source.set_callbacks(observer).fit(X * 3, y, class_embeddings=problem.class_embeddings)
    assert len(observer.seen) >= 2
    for latents in observer.seen:
        assert_array_equal(latents, before)
    assert not np.array_equal(source.transform(X[:5]), before)


def test_a_prediction_during_which_the_model_is_fitted_again_is_the_old_one(
    bare, problem, Xy, monkeypatch
):
    X, y = Xy
    seen = problem.seen_classes
    few = problem.class_embeddings.loc[seen[:5]]
    is_few = np.isin(y, few.index)
    expected = bare.fit(X, y, class_embeddings=problem.class_embeddings).predict(X[:50])
    score = type(bare)._score_classes

    def score_and_refit(self, X_new):
        scores = score(self, X_new)
        monkeypatch.undo()
        bare.fit(X[is_few], y[is_few], class_embeddings=few)
        return scores

    monkeypatch.setattr(type(bare), "_score_classes", score_and_refit)
    assert_array_equal(bare.predict(X[:50]), expected)
    assert_array_equal(bare.classes_, np.sort(few.index))
