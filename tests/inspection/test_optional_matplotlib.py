"""Import of the package, and errors of drawing, without matplotlib."""

import importlib
import sys

import pandas as pd
import pytest

import skcada
from skcada.inspection import (
    LatentSpaceDisplay,
    SeenUnseenCurveDisplay,
    TrainingHistoryDisplay,
)

NUMBERS = {"seen_accuracy": [1.0], "unseen_accuracy": [1.0], "seen_penalty": [0.0]}
FRAME = pd.DataFrame([[0.0, 0.0]], index=["bat"])


@pytest.fixture
def no_matplotlib(monkeypatch, figures):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.mark.usefixtures("no_matplotlib")
def test_the_package_can_be_imported_without_matplotlib(monkeypatch):
    # Put back what the import below replaces.
    monkeypatch.setattr(skcada, "inspection", skcada.inspection)
    for name in [name for name in sys.modules if name.startswith("skcada.inspection")]:
        monkeypatch.delitem(sys.modules, name)
    module = importlib.import_module("skcada.inspection")
    assert module.SeenUnseenCurveDisplay is not SeenUnseenCurveDisplay


@pytest.mark.usefixtures("no_matplotlib")
@pytest.mark.parametrize(
    ("method", "draw"),
    [
        (
            "SeenUnseenCurveDisplay.from_estimator",
            lambda model, rows: SeenUnseenCurveDisplay.from_estimator(model, *rows),
        ),
        (
            "SeenUnseenCurveDisplay.from_predictions",
            lambda model, rows: SeenUnseenCurveDisplay.from_predictions(
                rows[1], rows[0], classes=["bat"], seen_classes=["bat"]
            ),
        ),
        (
            "SeenUnseenCurveDisplay.from_cv_results",
            lambda model, rows: SeenUnseenCurveDisplay.from_cv_results({}),
        ),
        (
            "SeenUnseenCurveDisplay.plot",
            lambda model, rows: SeenUnseenCurveDisplay(**NUMBERS, harmonic_mean=[1.0]).plot(),
        ),
        (
            "LatentSpaceDisplay.from_estimator",
            lambda model, rows: LatentSpaceDisplay.from_estimator(model, *rows),
        ),
        (
            "LatentSpaceDisplay.plot",
            lambda model, rows: LatentSpaceDisplay(
                features=[[0, 0]], labels=["bat"], embeddings=FRAME, seen_classes=["bat"]
            ).plot(),
        ),
        (
            "TrainingHistoryDisplay.from_estimator",
            lambda model, rows: TrainingHistoryDisplay.from_estimator(model),
        ),
        (
            "TrainingHistoryDisplay.plot",
            lambda model, rows: TrainingHistoryDisplay(loss_curve=FRAME, weights=FRAME).plot(),
        ),
    ],
)
def test_drawing_says_that_matplotlib_is_missing(method, draw, model, rows):
    with pytest.raises(ImportError, match=rf"{method} requires matplotlib\. You can install"):
        draw(model, rows)
