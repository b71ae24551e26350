"""The display of the trade-off between seen and unseen classes."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils._param_validation import InvalidParameterError

from skcada import GZSLClassifier
from skcada.inspection import SeenUnseenCurveDisplay
from skcada.metrics import gzsl_scores, seen_unseen_auc_score, seen_unseen_curve
from skcada.model_selection import GZSLKFold, TunedSeenPenaltyClassifierCV

CLASSES = ["bat", "cat", "owl"]
LABELS = {"classes": CLASSES, "seen_classes": ["bat", "cat"]}
Y = np.array(["bat", "cat", "owl", "owl"])
# Of the two owls, one is found without a penalty, the other with one above 1.
SCORES = np.array([[9.0, 2, 1], [3, 6, 1], [5, 1, 4], [1, 1, 8]])


@pytest.fixture
def model(given_scores):
    return given_scores(CLASSES).fit(SCORES[:2], Y[:2])


@pytest.fixture
def four_classes():
    """Return scores of four classes and their labels, of which owls are never trained on."""
    y = np.repeat(["ape", "bat", "cat", "owl"], 10)
    noise = np.random.default_rng(0).normal(size=(40, 4))
    return noise + 1.5 * np.eye(4).repeat(10, axis=0), y


@pytest.fixture
def folds(four_classes):
    X, y = four_classes
    return list(GZSLKFold(3, random_state=0, shuffle=True).split(X[:30], y[:30]))


@pytest.fixture
def tuned(four_classes, folds, given_scores):
    X, y = four_classes
    model = given_scores(["ape", "bat", "cat", "owl"])
    return TunedSeenPenaltyClassifierCV(model, cv=folds).fit(X[:30], y[:30])


def legend_of(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_line_is_the_seen_unseen_curve_with_its_area_in_the_legend():
    display = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS, name="mine")
    s, u, _ = seen_unseen_curve(Y, SCORES, **LABELS)
    drawn = np.unique(display.line_.get_xydata(), axis=0)
    assert_array_equal(drawn, np.unique(np.column_stack([u, s]), axis=0))
    area = seen_unseen_auc_score(Y, SCORES, **LABELS)
    assert np.trapezoid(display.line_.get_ydata(), display.line_.get_xdata()) == area
    assert legend_of(display)[0] == f"mine (AUSUC = {area:.2f})"


def test_operating_point_is_that_of_the_scores_as_they_are():
    display = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS)
    scores = gzsl_scores(Y, SCORES, **LABELS)
    assert_array_equal(display.operating_point_.get_xydata(), [[scores["U"], scores["S"]]])
    assert "operating point, H = 0.67" in legend_of(display)


def test_best_point_tells_a_penalty_that_gives_its_harmonic_mean(given_scores):
    display = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS)
    assert_array_equal(display.best_point_.get_xydata(), [[1.0, 1.0]])
    # Between the thresholds 1 and 5.
    assert "best H = 1.00, at penalty +3" in legend_of(display)
    penalised = given_scores(CLASSES, seen_penalty=3.0).fit(SCORES[:2], Y[:2])
    again = SeenUnseenCurveDisplay.from_estimator(penalised, SCORES, Y)
    assert again.operating_point == (1.0, 1.0, 1.0)
    assert "best H = 1.00, at penalty +0" in legend_of(again)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: model,
        lambda model: make_pipeline(FunctionTransformer(), model),
        lambda model: FrozenEstimator(make_pipeline(model)),
        lambda model: GridSearchCV(model, {}, cv=[([0, 1], [0, 1])]).fit(SCORES[:2], Y[:2]),
    ],
)
def test_estimators_are_looked_through(wrap, model):
    display = SeenUnseenCurveDisplay.from_estimator(wrap(model), SCORES, Y)
    expected = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS)
    assert_array_equal(display.line_.get_xydata(), expected.line_.get_xydata())
    assert display.name == "GivenScores"


def test_a_tuned_classifier_is_shown_with_the_penalty_it_found(tuned, four_classes):
    X, y = four_classes
    display = SeenUnseenCurveDisplay.from_estimator(tuned, X, y)
    scores = gzsl_scores(
        y, tuned.decision_function(X), classes=tuned.classes_, seen_classes=tuned.seen_classes_
    )
    assert display.operating_point == (scores["S"], scores["U"], scores["H"])
    assert display.name == "TunedSeenPenaltyClassifierCV"


@pytest.mark.parametrize("as_frame", [False, True])
def test_cross_validated_curves_are_those_of_the_folds(as_frame, tuned, four_classes, folds):
    X, y = four_classes
    results = pd.DataFrame(tuned.cv_results_) if as_frame else tuned.cv_results_
    display = SeenUnseenCurveDisplay.from_cv_results(results, seen_penalty=tuned.best_seen_penalty_)
    assert_array_equal(display.line_.get_ydata(), tuned.cv_results_["mean_S"])
    assert_array_equal(display.line_.get_xdata(), tuned.cv_results_["mean_U"])
    areas = [
        seen_unseen_auc_score(
            y[test], X[test], classes=tuned.classes_, seen_classes=np.unique(y[train])
        )
        for train, test in folds
    ]
    assert_allclose(display.ausuc, areas)
    mean, deviation = np.mean(areas), np.std(areas)
    assert legend_of(display)[0] == f"mean of 3 folds (AUSUC = {mean:.2f} +/- {deviation:.2f})"
    for split, line in enumerate(display.fold_lines_):
        assert_array_equal(line.get_ydata(), tuned.cv_results_[f"split{split}_S"])
        assert_array_equal(line.get_xdata(), tuned.cv_results_[f"split{split}_U"])
    assert display.operating_point[2] == tuned.best_score_
    assert f"best H = {tuned.best_score_:.2f}" in display.best_point_.get_label()


def test_a_penalty_that_no_fold_was_scored_at_is_refused(tuned):
    with pytest.raises(ValueError, match=r"seen_penalty=99.0 .* Pass best_seen_penalty_"):
        SeenUnseenCurveDisplay.from_cv_results(tuned.cv_results_, seen_penalty=99.0)


@pytest.mark.parametrize("results", [None, {"mean_test_score": [1.0]}])
def test_results_of_another_search_are_refused(results):
    with pytest.raises(ValueError, match=r"cv_results .* TunedSeenPenaltyClassifierCV"):
        SeenUnseenCurveDisplay.from_cv_results(results)


def test_harmonic_mean_is_constant_along_the_isolines():
    display = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS)
    for h, line in zip(np.arange(1, 10) / 10, display.isolines_, strict=True):
        u, s = line.get_xydata().T
        assert_allclose(2 * s * u / (s + u), h)
        assert s[0] == pytest.approx(1)
        assert u[-1] == 1


def given_curve(u, s, **kwargs):
    """Plot a curve through some points."""
    u, s = np.array(u), np.array(s)
    mean = 2 * u * s / np.maximum(u + s, 1e-9)
    display = SeenUnseenCurveDisplay(
        seen_accuracy=s, unseen_accuracy=u, seen_penalty=np.arange(len(u)), harmonic_mean=mean
    )
    return display.plot(**kwargs)


GOOD = ([0.0, 0.85, 0.93, 0.95, 0.96, 0.96], [0.95, 0.94, 0.92, 0.88, 0.8, 0.0])


def isoline_labels(display):
    return [text for text in display.ax_.texts if text.get_text().startswith("H = ")]


def test_values_stand_on_their_isolines():
    texts = isoline_labels(given_curve(*GOOD))
    assert [text.get_text() for text in texts] == [f"H = 0.{i}" for i in range(1, 10)]
    for text in texts:
        u, s = text.get_position()
        assert 2 * u * s / (u + s) == pytest.approx(float(text.get_text()[4:]), abs=1e-3)


def test_curves_without_isolines_have_no_values():
    assert isoline_labels(given_curve(*GOOD, plot_isolines=False)) == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda **kwargs: SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS, **kwargs),
        lambda **kwargs: SeenUnseenCurveDisplay.from_cv_results({}, **kwargs),
    ],
)
@pytest.mark.parametrize("wrong", [{"curve_kwargs": "red"}, {"plot_isolines": "yes"}])
def test_wrong_styles_are_refused_by_every_way_to_make_a_display(draw, wrong):
    with pytest.raises(InvalidParameterError, match=rf"'{next(iter(wrong))}' parameter of Seen"):
        draw(**wrong)


def test_curves_on_the_same_axes_differ_in_color_and_share_the_isolines():
    first = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS)
    second = SeenUnseenCurveDisplay.from_predictions(Y, SCORES**2, **LABELS, ax=first.ax_)
    assert second.ax_ is first.ax_
    assert second.isolines_ == []
    assert len(isoline_labels(second)) == 9
    assert len(legend_of(second)) == 6
    assert not same_color(first.line_.get_color(), second.line_.get_color())
    for display in (first, second):
        points = (display.operating_point_, display.best_point_)
        assert all(same_color(p.get_color(), display.line_.get_color()) for p in points)


def test_both_accuracies_have_the_same_scale_and_a_label():
    display = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS)
    assert display.ax_.get_aspect() == 1
    assert display.ax_.get_xlim() == display.ax_.get_ylim() == (0, 1)
    assert display.ax_.get_xlabel() == "U, per-class accuracy on unseen classes"
    assert display.ax_.get_ylabel() == "S, per-class accuracy on seen classes"


def test_style_and_name_can_be_chosen_anew():
    display = SeenUnseenCurveDisplay.from_predictions(Y, SCORES, **LABELS, name="old")
    display.plot(name="new", curve_kwargs={"c": "black", "ls": ":"}, plot_isolines=False)
    assert legend_of(display)[0].startswith("new (")
    assert display.line_.get_color() == display.best_point_.get_color() == "black"
    assert display.line_.get_linestyle() == ":"
    assert display.isolines_ == []


def test_an_unfitted_estimator_is_named():
    with pytest.raises(NotFittedError, match="This GZSLClassifier instance is not fitted"):
        SeenUnseenCurveDisplay.from_estimator(GZSLClassifier(), SCORES, Y)


def test_a_classifier_that_knows_no_unseen_classes_is_a_type_error():
    model = make_pipeline(LogisticRegression()).fit(SCORES, Y)
    message = r"from_estimator needs a fitted GZSLClassifier.* LogisticRegression has no seen_cl"
    with pytest.raises(TypeError, match=message):
        SeenUnseenCurveDisplay.from_estimator(model, SCORES, Y)


def test_a_classifier_that_tells_unseen_classes_apart_only_has_no_curve(given_scores):
    model = given_scores(CLASSES[2:]).fit(SCORES[:2], Y[:2])
    message = r"unseen classes apart only .*, which SeenUnseenCurveDisplay.from_estimator needs"
    with pytest.raises(ValueError, match=message):
        SeenUnseenCurveDisplay.from_estimator(model, SCORES[2:, 2:], Y[2:])


def test_rows_of_seen_classes_alone_are_an_error(model):
    with pytest.raises(ValueError, match="no row of an unseen class"):
        SeenUnseenCurveDisplay.from_estimator(model, SCORES[:2], Y[:2])
