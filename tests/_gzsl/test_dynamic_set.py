"""Latents that are drawn anew for every epoch of the classifier."""

from typing import ClassVar

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from silent_callback import SilentCallback
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier


class Recorder(SoftmaxClassifier):
    """Keep what each epoch is trained on."""

    seen: ClassVar[list] = []

    def partial_fit(self, X, y, classes=None):
        Recorder.seen.append((X, y))
        return super().partial_fit(X, y, classes=classes)


@pytest.fixture
def model(small_transformer, problem):
    return GZSLClassifier(
        small_transformer,
        classifier=SoftmaxClassifier(max_iter=4),
        class_embeddings=problem.class_embeddings,
        samples_per_class=(20, 40),
        resample=True,
        random_state=0,
    )


def test_every_epoch_gets_new_latents_of_the_same_classes(model, problem, Xy, monkeypatch):
    monkeypatch.setattr(Recorder, "seen", [])
    model.set_params(classifier=Recorder(max_iter=4)).fit(*Xy)
    assert len(Recorder.seen) == model.classifier_.n_iter_ == 4
    (first, labels), *others = Recorder.seen
    assert len(first) == 20 * len(problem.seen_classes) + 40 * len(problem.unseen_classes)
    for latents, y in others:
        assert_array_equal(np.sort(y), np.sort(labels))
        assert not np.isin(latents[:, 0], first[:, 0]).any()


def test_only_the_latents_differ_from_the_fixed_set(model, Xy):
    dynamic = clone(model).fit(*Xy)
    fixed = clone(model).set_params(resample=False).fit(*Xy)
    X = Xy[0]
    assert_array_equal(dynamic.transformer_.transform(X), fixed.transformer_.transform(X))
    assert not np.array_equal(dynamic.decision_function(X), fixed.decision_function(X))
    # One epoch sees one set in any case.
    one = clone(model).set_params(classifier__max_iter=1)
    assert_array_equal(
        clone(one).fit(*Xy).decision_function(X),
        one.set_params(resample=False).fit(*Xy).decision_function(X),
    )


def test_any_classifier_with_partial_fit_will_do(model, problem, Xy):
    model.set_params(classifier=SGDClassifier(loss="log_loss", max_iter=3)).fit(*Xy)
    assert_array_equal(model.classes_, np.sort(problem.class_embeddings.index))
    assert model.predict_proba(problem.data).shape == (len(problem.data), 16)


def test_a_classifier_without_partial_fit_is_refused_before_training(model, Xy):
    model.fit(*Xy)
    before = model.decision_function(Xy[0])
    with pytest.raises(ValueError, match="resample=True needs a classifier"):
        model.set_params(classifier=KNeighborsClassifier()).fit(*Xy)
    assert_array_equal(model.decision_function(Xy[0]), before)


@pytest.mark.usefixtures("callbacks")
def test_epochs_are_reported_to_callbacks_with_the_model_of_that_time(model, Xy):
    kept = []

    class Keeper(SilentCallback):
        max_propagation_depth = 0

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            if (context.estimator_name, context.task_name) == ("GZSLClassifier", "epoch"):
                kept.append(fitted_estimator)
                return len(kept) == 3
            return False

    model.set_callbacks(Keeper()).fit(*Xy)
    assert [m.classifier_.n_iter_ for m in kept] == [1, 2, 3]
    assert model.classifier_.n_iter_ == 3
    scores = [m.decision_function(Xy[0]) for m in kept]
    assert not np.array_equal(scores[0], scores[1])
    assert_array_equal(scores[2], model.decision_function(Xy[0]))


@pytest.mark.parametrize("resample", [False, True])
def test_a_large_set_is_drawn_in_parts_with_all_classes(
    model, problem, Xy, monkeypatch, small_parts, resample
):
    monkeypatch.setattr(Recorder, "seen", [])
    # 12 x 20 + 4 x 40 latents.
    small_parts(150)
    model.set_params(classifier=Recorder(max_iter=2), resample=resample).fit(*Xy)
    epochs = [Recorder.seen[:3], Recorder.seen[3:]]
    for parts in epochs:
        assert max(len(y) for _, y in parts) <= 150
        assert all(set(y) == set(problem.class_embeddings.index) for _, y in parts)
        labels, counts = np.unique(np.concatenate([y for _, y in parts]), return_counts=True)
        is_unseen = np.isin(labels, problem.unseen_classes)
        assert_array_equal(counts, np.where(is_unseen, 40, 20))
        latents = np.concatenate([latents for latents, _ in parts])
        assert len(np.unique(latents, axis=0)) == len(latents)
    for (first, _), (second, _) in zip(*epochs, strict=True):
        assert np.array_equal(first, second) != resample


def test_half_of_an_unseen_class_are_shots_in_however_many_parts(
    model, problem, Xy, monkeypatch, small_parts
):
    drawn = []
    sample = CADAVAETransformer.sample

    def recorded(self, X=None, *, class_embeddings=None, n_samples=1, random_state=None):
        drawn.append((X is None, np.sum(n_samples)))
        return sample(
            self,
            X,
            class_embeddings=class_embeddings,
            n_samples=n_samples,
            random_state=random_state,
        )

    small_parts(12)
    monkeypatch.setattr(CADAVAETransformer, "sample", recorded)
    monkeypatch.setattr(Recorder, "seen", [])
    shots = problem.test_unseen[:40]
    X = np.concatenate([Xy[0], problem.data[shots]])
    y = np.concatenate([Xy[1], problem.target[shots]])
    n_classes = len(np.unique(problem.target[shots]))
    assert n_classes == len(problem.unseen_classes)
    model.set_params(
        classifier=Recorder(max_iter=1),
        samples_per_class=(3, 3),
        unseen_classes=problem.unseen_classes,
        resample=False,
    ).fit(X, y)
    assert len(Recorder.seen) == 3
    assert all(set(labels) == set(problem.class_embeddings.index) for _, labels in Recorder.seen)
    part_draws = drawn[: 2 * 3]  # each of rows and of embeddings
    n_from_embeddings = sum(n for is_embedding, n in part_draws if is_embedding)
    n_from_rows = sum(n for is_embedding, n in part_draws if not is_embedding)
    # One latent in three from the shots, as where the set is drawn at once.
    assert n_from_embeddings == 2 * n_classes
    assert n_from_rows == n_classes + 3 * 12


def test_a_classifier_without_partial_fit_gets_a_large_set_at_once(model, Xy, small_parts):
    small_parts(150)
    model.set_params(classifier=KNeighborsClassifier(), resample=False).fit(*Xy)
    assert model.classifier_.n_samples_fit_ == 12 * 20 + 4 * 40


class Identity(BaseEstimator):
    """A latent space that is the one of the features."""

    def fit(self, X, y, class_embeddings=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X

    def sample(self, X=None, *, class_embeddings=None, n_samples=1, random_state=None):
        if X is None:
            return np.zeros((sum(n_samples), self.n_features_in_), np.float32)
        return np.repeat(X, n_samples, axis=0)


def test_rows_that_are_encoded_in_chunks_keep_their_labels(
    model, problem, Xy, monkeypatch, small_chunks
):
    monkeypatch.setattr(Recorder, "seen", [])
    small_chunks(50)
    model.set_params(transformer=Identity(), classifier=Recorder(max_iter=1)).fit(*Xy)
    ((latents, labels),) = Recorder.seen
    label_of = {row.tobytes(): label for row, label in zip(*Xy, strict=True)}
    is_seen = np.isin(labels, problem.seen_classes)
    assert is_seen.sum() == 20 * len(problem.seen_classes)
    assert [label_of[row.tobytes()] for row in latents[is_seen]] == labels[is_seen].tolist()
    assert not latents[~is_seen].any()
