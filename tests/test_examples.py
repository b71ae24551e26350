"""Every example runs as a script."""

import runpy
from pathlib import Path

import matplotlib
import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs_and_ends_in_a_labelled_figure(path, monkeypatch):
    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    runpy.run_path(str(path))
    (number,) = plt.get_fignums()
    for ax in plt.figure(number).axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel()
        assert ax.get_title()
    plt.close("all")


def test_there_are_examples():
    assert len(EXAMPLES) >= 2
