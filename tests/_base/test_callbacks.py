"""Monitoring through scikit-learn's callbacks."""

import numpy as np
import pytest
import rich
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcada import GZSLClassifier, SoftmaxClassifier
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV

ProgressBar, ScoringMonitor = (
    getattr(pytest.importorskip("sklearn.callback"), name)
    for name in ("ProgressBar", "ScoringMonitor")
)


class Recorder:
    """Note the tasks that begin and end; stop after some epochs."""

    max_propagation_depth = None

    def __init__(self, stop_after=None):
        self.events = []
        self.stop_after = stop_after

    def setup(self, estimator, context):
        self.events.append("setup")

    def teardown(self, estimator, context):
        self.events.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.events.append(("begin", context.estimator_name, context.task_name))

    def on_fit_task_end(self, estimator, context):
        self.events.append(("end", context.estimator_name, context.task_name))
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after

    def count(self, *event):
        return self.events.count(event)


@pytest.fixture
def model(small_transformer, problem):
    return GZSLClassifier(
        small_transformer, class_embeddings=problem.class_embeddings, random_state=0
    )


def test_every_epoch_is_reported_through_the_meta_estimator(model, Xy):
    recorder = Recorder()
    model.set_callbacks(recorder).fit(*Xy)
    for moment in ("begin", "end"):
        assert recorder.count(moment, "CADAVAETransformer", "epoch") == 5
        assert recorder.count(moment, "SoftmaxClassifier", "epoch") == 5
        assert recorder.count(moment, "GZSLClassifier", "fit") == 1
    assert (recorder.events[0], recorder.events[-1]) == ("setup", "teardown")
    # Nothing of it stays behind on the fitted parts.
    assert not hasattr(model.transformer_, "_skl_callbacks")


def test_a_callback_can_stop_the_training(model, small_transformer, Xy):
    small_transformer.set_callbacks(Recorder(stop_after=2)).fit(*Xy)
    assert small_transformer.n_iter_ == len(small_transformer.loss_curve_) == 2
    softmax = SoftmaxClassifier(max_iter=9, random_state=0).set_callbacks(Recorder(stop_after=3))
    assert softmax.fit(*Xy).n_iter_ == 3


def test_callbacks_do_not_change_the_result(model, Xy):
    expected = model.fit(*Xy).decision_function(Xy[0])
    model.set_callbacks(Recorder()).fit(*Xy)
    np.testing.assert_array_equal(model.decision_function(Xy[0]), expected)


def test_callbacks_are_torn_down_when_a_fit_fails(model, Xy):
    recorder = Recorder()
    model.set_params(classifier=SoftmaxClassifier(learning_rate=1e38)).set_callbacks(recorder)
    with pytest.raises(ValueError, match="non-finite"):
        model.fit(*Xy)
    assert recorder.events[-1] == "teardown"


def test_a_progress_bar_shows_the_epochs(model, Xy, capsys):
    pipeline = make_pipeline(StandardScaler(), model)
    pipeline.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*Xy)
    shown = capsys.readouterr().out
    assert "CADAVAETransformer" in shown
    assert "SoftmaxClassifier" in shown
    assert "100%" in shown


def test_scores_can_be_monitored_at_every_epoch(Xy):
    monitor = ScoringMonitor(scoring="accuracy")
    softmax = SoftmaxClassifier(max_iter=4, random_state=0).set_callbacks(monitor).fit(*Xy)
    log = monitor.get_logs().data_as_pandas
    epoch_scores = log.loc[log["task_name"] == "epoch", "accuracy"]
    assert len(epoch_scores) == 4
    assert epoch_scores.iloc[-1] == softmax.score(*Xy)


def test_what_a_callback_keeps_of_an_epoch_is_not_trained_further(small_transformer, Xy):
    kept = []

    class Keeper(Recorder):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            if context.task_name == "epoch":
                kept.append(fitted_estimator)

    small_transformer.set_callbacks(Keeper()).fit(*Xy)
    latents = [estimator.transform(Xy[0]) for estimator in kept]
    assert [estimator.n_iter_ for estimator in kept] == [1, 2, 3, 4, 5]
    assert not np.array_equal(latents[0], latents[-1])
    np.testing.assert_array_equal(latents[-1], small_transformer.transform(Xy[0]))


@pytest.fixture
def tuned(model):
    return TunedSeenPenaltyClassifierCV(model, cv=GZSLShuffleSplit(2, random_state=0))


def test_every_fold_of_a_tuned_penalty_is_reported_and_the_final_fit(tuned, Xy):
    recorder = Recorder()
    tuned.set_callbacks(recorder).fit(*Xy)
    for moment in ("begin", "end"):
        for estimator in ("CADAVAETransformer", "SoftmaxClassifier"):
            assert recorder.count(moment, estimator, "epoch") == 3 * 5
        # Of both folds and of all rows; each is one task with that of the meta-estimator.
        assert recorder.count(moment, "GZSLClassifier", "fit") == 3
        assert recorder.count(moment, "TunedSeenPenaltyClassifierCV", "tune-seen-penalty") == 1
        assert recorder.count(moment, "TunedSeenPenaltyClassifierCV", "fit") == 1
    assert (recorder.events[0], recorder.events[-1]) == ("setup", "teardown")
    assert not hasattr(tuned.estimator_, "_skl_callbacks")


def test_tasks_of_folds_are_reported_to_callbacks_that_go_no_deeper(tuned, Xy):
    recorder = Recorder()
    recorder.max_propagation_depth = 0
    tuned.set_callbacks(recorder).fit(*Xy)
    tasks = [event[2] for event in recorder.events if event[0] == "begin"]
    assert tasks == ["fit", "tune-seen-penalty", "fold", "fold", "fit-with-best-penalty"]
    assert len(recorder.events) == 2 * len(tasks) + 2


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_progress_bar_shows_every_fold_wherever_it_is_fitted(
    tuned, Xy, n_jobs, capsys, monkeypatch
):
    monkeypatch.setattr(rich.get_console(), "width", 200)  # for nothing to be cut off
    expected = tuned.fit(*Xy).decision_function(Xy[0])
    tuned.set_params(n_jobs=n_jobs)
    tuned.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*Xy)
    lines = capsys.readouterr().out.splitlines()
    folds = [line for line in lines if "- fold | GZSLClassifier - fit" in line]
    assert len(folds) == 2
    assert sum("CADAVAETransformer - fit" in line for line in lines) == 3
    assert [line for line in lines if line and "100%" not in line] == []
    np.testing.assert_array_equal(tuned.decision_function(Xy[0]), expected)


def test_without_folds_to_fit_only_the_final_fit_is_reported(tuned, Xy):
    recorder = Recorder()
    tuned.estimator.set_params(class_embeddings=None)
    tuned.set_callbacks(recorder).fit(*Xy)
    assert recorder.count("begin", "GZSLClassifier", "fit") == 1
    assert recorder.count("begin", "TunedSeenPenaltyClassifierCV", "tune-seen-penalty") == 0


def test_a_search_over_a_tuned_penalty_shows_its_folds(tuned, Xy):
    recorder = Recorder()
    search = GridSearchCV(
        tuned,
        {"estimator__transformer__gamma": [0.0, 1.0]},
        cv=GZSLShuffleSplit(1, random_state=0),
        error_score="raise",
    )
    search.set_callbacks(recorder).fit(*Xy)
    # Two candidates and the final fit, each with two folds and a fit of its own.
    assert recorder.count("begin", "GZSLClassifier", "fit") == 3 * 3


def test_a_frozen_transformer_has_no_epochs_to_report(small_transformer, model, problem, Xy):
    # A callback of its own, which belongs to the fit that it has had.
    small_transformer.set_callbacks(Recorder())
    small_transformer.fit(*Xy, class_embeddings=problem.class_embeddings)
    (own_callback,) = small_transformer._skl_callbacks
    n_events = len(own_callback.events)
    recorder = Recorder()
    model.set_params(transformer=FrozenEstimator(small_transformer)).set_callbacks(recorder)
    model.fit(*Xy)
    assert recorder.count("begin", "GZSLClassifier", "fit-transformer") == 1
    assert recorder.count("end", "GZSLClassifier", "fit-transformer") == 1
    assert recorder.count("begin", "SoftmaxClassifier", "epoch") == 5
    assert len(own_callback.events) == n_events


def test_a_transformer_from_the_cache_is_reported_as_done(model, Xy, tmp_path):
    model.set_params(memory=str(tmp_path))
    expected = clone(model).fit(*Xy).decision_function(Xy[0])
    recorder = Recorder()
    model.set_callbacks(recorder).fit(*Xy)
    assert recorder.count("begin", "GZSLClassifier", "fit-transformer") == 1
    assert recorder.count("end", "GZSLClassifier", "fit-transformer") == 1
    assert recorder.count("begin", "CADAVAETransformer", "epoch") == 0
    np.testing.assert_array_equal(model.decision_function(Xy[0]), expected)


def test_a_cache_keeps_no_callbacks(model, Xy, tmp_path):
    model.set_params(memory=str(tmp_path))
    clone(model).set_callbacks(Recorder()).fit(*Xy)
    loaded = model.fit(*Xy).transformer_
    assert not hasattr(loaded, "_skl_callbacks")
    assert not hasattr(loaded, "_parent_callback_ctx")


def test_a_training_that_a_callback_stopped_is_not_kept_in_a_cache(model, Xy, tmp_path):
    model.set_params(memory=str(tmp_path))
    stopped = clone(model).set_callbacks(Recorder(stop_after=2)).fit(*Xy)
    assert stopped.transformer_.n_iter_ == 2
    assert model.fit(*Xy).transformer_.n_iter_ == 5
