"""Monitoring through scikit-learn's callbacks."""

import numpy as np
import pytest
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcada import GZSLClassifier, SoftmaxClassifier


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
    of_epochs = log.loc[log["task_name"] == "epoch", "accuracy"]
    assert len(of_epochs) == 4
    assert of_epochs.iloc[-1] == softmax.score(*Xy)


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
