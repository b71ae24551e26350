"""Cross-validation and searches with the cross-validators and the scorer together."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from skcada import GZSLClassifier, SoftmaxClassifier
from skcada.metrics import gzsl_scorer, harmonic_mean_scorer
from skcada.model_selection import GZSLKFold, GZSLShuffleSplit

METRICS = ["S", "U", "H", "T1", "AUSUC"]
LABELS = np.array(["bat", "cat", "elk", "fox", "owl", "pig"])


class NearestPrototype(ClassifierMixin, BaseEstimator):
    """Score classes by their distance to a prototype, which unseen classes have as well."""

    def __init__(self, prototypes, seen_penalty=0.0):
        self.prototypes = prototypes
        self.seen_penalty = seen_penalty

    def fit(self, X, y):
        self.classes_ = np.array(sorted(self.prototypes))
        self.seen_classes_ = unique_labels(y)
        return self

    def decision_function(self, X):
        check_is_fitted(self)
        prototypes = [self.prototypes[label] for label in self.classes_]
        is_seen = np.isin(self.classes_, self.seen_classes_)
        return -pairwise_distances(X, prototypes) - self.seen_penalty * is_seen

    def predict(self, X):
        return self.classes_[self.decision_function(X).argmax(axis=1)]


@pytest.fixture(scope="module")
def prototypes():
    return dict(zip(LABELS, 10 * np.eye(6), strict=True))


@pytest.fixture(scope="module")
def data(prototypes):
    y = np.repeat(LABELS, 12)
    noise = np.random.RandomState(0).normal(size=(len(y), 6))
    return np.array([prototypes[label] for label in y]) + noise, y


@pytest.fixture(params=[GZSLKFold(3), GZSLShuffleSplit(3, random_state=0)], ids=str)
def cv(request):
    return request.param


def test_cross_validation_measures_seen_and_unseen_accuracy(cv, data, prototypes):
    scores = cross_validate(
        NearestPrototype(prototypes), *data, cv=cv, scoring=gzsl_scorer, n_jobs=2
    )
    for metric in METRICS:
        assert_allclose(scores[f"test_{metric}"], 1.0)


def test_search_finds_the_penalty_with_the_best_harmonic_mean(cv, data, prototypes):
    search = GridSearchCV(
        NearestPrototype(prototypes),
        {"seen_penalty": [-100.0, 0.0, 100.0]},
        cv=cv,
        scoring=gzsl_scorer,
        refit="H",
        n_jobs=2,
    ).fit(*data)
    assert search.best_params_ == {"seen_penalty": 0.0}
    results = search.cv_results_
    assert_allclose(results["mean_test_S"], [1, 1, 0])
    assert_allclose(results["mean_test_U"], [0, 1, 1])
    assert_allclose(results["mean_test_H"], [0, 1, 0])
    assert_allclose(results["mean_test_T1"], [1, 1, 1])
    assert_allclose(results["mean_test_AUSUC"], [1, 1, 1])


def test_search_over_a_pipeline_reads_the_seen_classes_of_its_last_step(cv, data, prototypes):
    X, y = data
    scaled = StandardScaler().fit(X).transform(np.array(list(prototypes.values())))
    pipeline = make_pipeline(
        StandardScaler(), NearestPrototype(dict(zip(prototypes, scaled, strict=True)))
    )
    search = GridSearchCV(
        pipeline,
        {"nearestprototype__seen_penalty": [0.0, 100.0]},
        cv=cv,
        scoring=gzsl_scorer,
        refit="AUSUC",
    ).fit(X, y)
    assert np.all(search.cv_results_["mean_test_AUSUC"] > 0.95)
    assert_allclose(search.cv_results_["mean_test_S"][1], 0.0)


def test_an_ordinary_cross_validator_is_told_to_hold_out_classes(data, prototypes):
    with pytest.raises(ValueError, match=r"no row of an unseen class.*GZSLShuffleSplit"):
        cross_validate(
            NearestPrototype(prototypes),
            *data,
            cv=3,
            scoring=gzsl_scorer,
            error_score="raise",
        )


def test_a_search_that_takes_one_number_gives_few_epochs_to_many_candidates(
    Xy, problem, small_transformer
):
    model = GZSLClassifier(
        small_transformer.set_params(max_iter=40),
        classifier=SoftmaxClassifier(),
        class_embeddings=problem.class_embeddings,
        random_state=0,
    )
    cv = GZSLShuffleSplit(1, random_state=0)
    search = HalvingGridSearchCV(
        model,
        {"seen_penalty": [-2.0, 0.0, 2.0, 4.0]},
        resource="classifier__max_iter",
        min_resources=1,
        max_resources=2,
        factor=2,
        cv=cv,
        scoring=harmonic_mean_scorer,
        return_train_score=False,
        error_score="raise",
    ).fit(*Xy)
    assert (search.n_resources_, search.n_candidates_) == ([1, 2], [4, 2])
    best = model.set_params(**search.best_params_)
    scores = cross_validate(best, *Xy, cv=cv, scoring=gzsl_scorer)
    assert search.best_score_ == scores["test_H"].mean() > 0
