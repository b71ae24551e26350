"""Figures of the gallery that do not explain themselves fail the build."""

import importlib

import matplotlib as mpl
import numpy as np
import pytest
from sphinx.errors import ExtensionError

mpl.use("agg")

from matplotlib import pyplot as plt


@pytest.fixture
def module(docs):
    """Return the extension, and close what a test draws."""
    yield importlib.import_module("labelled_figures")
    plt.close("all")


@pytest.fixture
def scrape(module, monkeypatch, tmp_path):
    """Return a function that scrapes the last block of an example, as text."""
    monkeypatch.setattr(module, "matplotlib_scraper", lambda *_: "the images")

    def scrape(text):
        path = tmp_path / "plot_example.py"
        path.write_text(text)
        block = module.split_code_and_text_blocks(str(path))[1][-1]
        return module.scrape(block, {"src_file": str(path)}, {})

    return scrape


def labelled():
    fig, ax = plt.subplots()
    ax.set(xlabel="x", ylabel="y", title="A curve")
    return fig, ax


@pytest.mark.parametrize(
    ("missing", "fault"),
    [
        ("xlabel", "axes 0 has no x-label"),
        ("ylabel", "axes 0 has no y-label"),
        ("title", "no title"),
    ],
)
def test_what_is_missing_is_named(module, missing, fault):
    fig, ax = labelled()
    ax.set(**{missing: ""})
    assert module.find_faults(fig) == [fault]


def test_a_labelled_figure_has_no_faults(module):
    fig, _ = labelled()
    assert module.find_faults(fig) == []


def test_colour_bars_and_axes_without_axis_need_no_labels(module):
    fig, ax = labelled()
    fig.colorbar(ax.imshow(np.eye(2)))
    legend = fig.add_subplot(2, 2, 4)
    legend.set_axis_off()
    assert module.find_faults(fig) == []


def test_a_label_counts_for_all_axes_that_share_it(module):
    fig, axes = plt.subplots(2, 2, sharex="col", sharey="row")
    for ax in axes[-1]:
        ax.set_xlabel("x")
    for ax in axes[:, 0]:
        ax.set_ylabel("y")
    fig.suptitle("Four")
    assert module.find_faults(fig) == []
    axes[1, 0].set_ylabel("")
    assert module.find_faults(fig) == ["axes 2 has no y-label", "axes 3 has no y-label"]


def test_labels_of_the_whole_figure_count_for_all_axes(module):
    fig, _ = plt.subplots(1, 2)
    fig.suptitle("Two")
    fig.supxlabel("x")
    fig.supylabel("y")
    assert module.find_faults(fig) == []


CAPTIONED = '"""\nTitle\n=====\n"""\n\n# %%\n# The curve rises.\n\nx = 1\n'
UNCAPTIONED = '"""\nTitle\n=====\n"""\n\n# %%\n# The data.\n\nx = 1\n\n# %%\n\ny = 2\n'


def test_a_labelled_figure_after_a_text_is_saved(scrape):
    labelled()
    assert scrape(CAPTIONED) == "the images"


def test_a_figure_without_a_text_before_its_code_is_refused(scrape):
    labelled()
    with pytest.raises(ExtensionError, match="no text block right before the code"):
        scrape(UNCAPTIONED)


def test_the_error_names_the_example_and_the_line(scrape):
    _, ax = labelled()
    ax.set_xlabel("")
    with pytest.raises(ExtensionError, match=r"plot_example\.py.*line 8.*no x-label"):
        scrape(CAPTIONED)


def test_code_without_a_figure_needs_no_text(scrape):
    assert scrape(UNCAPTIONED) == "the images"
