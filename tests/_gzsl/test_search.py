"""Searches, cross-validation and pipelines around the classifier."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from skcada import GZSLClassifier, SoftmaxClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit

GRID = {
    "gzsl__transformer__gamma": [1.0, 2.37],
    "gzsl__transformer__delta": [0.02, 0.1],
    "gzsl__transformer__latent_size": [8, 12],
    "gzsl__samples_per_class": [(20, 20), (40, 20)],
}


@pytest.fixture
def pipeline(small_transformer, problem):
    classifier = GZSLClassifier(
        small_transformer.set_params(max_iter=15),
        class_embeddings=problem.class_embeddings,
        samples_per_class=(40, 20),
        random_state=0,
    )
    return Pipeline([("scale", MinMaxScaler()), ("gzsl", classifier)])


def search(pipeline, Xy, n_jobs, grid=GRID):
    cv = GZSLShuffleSplit(n_splits=2, random_state=0)
    return GridSearchCV(
        pipeline,
        grid,
        cv=cv,
        scoring=gzsl_scorer,
        refit="AUSUC",
        n_jobs=n_jobs,
        error_score="raise",
    ).fit(*Xy)


def test_a_parallel_search_finds_what_a_sequential_one_finds(pipeline, Xy):
    one, two = search(pipeline, Xy, 1), search(pipeline, Xy, 2)
    assert len(one.cv_results_["params"]) == 16
    assert two.best_params_ == one.best_params_
    assert two.best_score_ == one.best_score_ > 0
    for name in ("S", "U", "H", "T1", "AUSUC"):
        assert_array_equal(
            two.cv_results_[f"mean_test_{name}"], one.cv_results_[f"mean_test_{name}"]
        )
    results = pd.DataFrame(one.cv_results_).filter(regex="^split._test_")
    assert len(results.drop_duplicates()) == 16  # every parameter matters
    assert_array_equal(two.predict(Xy[0]), one.predict(Xy[0]))


def test_the_harmonic_mean_is_the_score_of_the_classifier_itself(pipeline, Xy):
    grid = {"gzsl__seen_penalty": [0.0, 0.5]}
    pipeline.set_params(
        gzsl__transformer__max_iter=60,
        gzsl__transformer__beta=1e-3,
        gzsl__classifier=SoftmaxClassifier(max_iter=20),
    )
    by_scorer = search(pipeline, Xy, 1, grid)
    cv = GZSLShuffleSplit(n_splits=2, random_state=0)
    by_score = GridSearchCV(pipeline, grid, cv=cv).fit(*Xy)
    expected = by_scorer.cv_results_["mean_test_H"]
    assert_array_equal(by_score.cv_results_["mean_test_score"], expected)
    assert expected.max() > 0


# numpy's masked arrays, in which scikit-learn keeps the candidates, touch it with pandas 2.
@pytest.mark.filterwarnings("ignore:DataFrame._data is deprecated:DeprecationWarning")
def test_a_search_over_class_embeddings(pipeline, problem, Xy):
    useless = problem.class_embeddings.set_axis(np.roll(problem.class_embeddings.index, 1))
    grid = {"gzsl__class_embeddings": [useless, problem.class_embeddings]}
    pipeline.set_params(gzsl__transformer__max_iter=60)
    cv = GZSLShuffleSplit(n_splits=2, random_state=0)
    found = GridSearchCV(
        pipeline, grid, cv=cv, scoring=gzsl_scorer, refit="T1", error_score="raise"
    ).fit(*Xy)
    pd.testing.assert_frame_equal(
        found.best_params_["gzsl__class_embeddings"], problem.class_embeddings
    )


def test_a_table_with_as_many_rows_as_X_is_not_sliced(pipeline, problem, Xy):
    X, y = Xy
    table = problem.class_embeddings.to_numpy()
    codes = np.searchsorted(problem.class_embeddings.index, y)
    n = len(table)
    # Four rows of each of the first four seen classes: as many rows as there are classes.
    rows = np.concatenate([np.flatnonzero(codes == c)[:4] for c in np.unique(codes)[:4]])
    assert len(rows) == n
    seen_tables = []

    class Recorder(GZSLClassifier):
        def fit(self, X, y):
            seen_tables.append(self.class_embeddings)
            return super().fit(X, y)

    recorder = Recorder(
        pipeline[-1].transformer, class_embeddings=table, samples_per_class=(5, 5), random_state=0
    )
    cv = GZSLShuffleSplit(n_splits=2, test_size=1, unseen_size=1, random_state=0)
    search = GridSearchCV(recorder, {"seen_penalty": [0.0]}, cv=cv, error_score="raise")
    search.fit(X[rows], codes[rows])
    assert len(seen_tables) == 3
    for seen in seen_tables:
        assert_array_equal(seen, table)
    assert len(search.best_estimator_.classes_) == n


def test_held_out_classes_are_unseen_in_their_fold(pipeline, Xy):
    cv = GZSLShuffleSplit(n_splits=1, unseen_size=3, random_state=0)
    ((train, test),) = cv.split(*Xy)
    results = cross_validate(
        pipeline, *Xy, cv=[(train, test)], scoring=gzsl_scorer, return_estimator=True
    )
    fitted = results["estimator"][0][-1]
    held_out = np.setdiff1d(Xy[1][test], Xy[1][train])
    assert len(held_out) == 3
    assert np.isin(held_out, fitted.unseen_classes_).all()
    assert len(fitted.unseen_classes_) == 3 + 4


def test_embeddings_can_be_routed_to_fit(pipeline, problem, Xy):
    table = problem.class_embeddings
    with config_context(enable_metadata_routing=True):
        pipeline.set_params(gzsl__class_embeddings=None)
        pipeline[-1].set_fit_request(class_embeddings=True)
        pipeline.fit(*Xy, class_embeddings=table)
    assert len(pipeline.classes_) == len(table)


def test_global_output_in_frames_does_not_disturb_the_classifier(pipeline, Xy):
    expected = pipeline.fit(*Xy).predict(Xy[0])
    with config_context(transform_output="pandas"):
        assert_array_equal(pipeline.fit(*Xy).predict(Xy[0]), expected)


def test_a_plain_classifier_can_be_searched(problem, Xy):
    grid = {
        "transformer__gamma": [1.0, 2.37],
        "transformer__delta": [8.13],
        "transformer__latent_size": [4],
        "transformer__max_iter": [1],
    }
    plain = GZSLClassifier(class_embeddings=problem.class_embeddings, random_state=0)
    found = search(plain, Xy, None, grid)
    assert found.best_estimator_.transformer_.network_.latent_size == 4
    assert plain.transformer is None
