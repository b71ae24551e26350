"""The page of unseen letters."""

import numpy as np
import pytest
from matplotlib.colors import same_color
from numpy.testing import assert_array_equal

from skcada._letter_page import choose_rows, draw_page


@pytest.mark.parametrize(("n_classes", "n_chosen"), [(7, 7), (100, 60)])
def test_one_row_of_each_class_is_drawn_by_lot(n_classes, n_chosen):
    target = np.tile(np.arange(200), 5)
    rows = np.flatnonzero(target < n_classes)
    chosen = choose_rows(target, rows, 0)
    assert set(chosen) <= set(rows)
    assert len(chosen) == len(np.unique(target[chosen])) == n_chosen
    assert_array_equal(np.sort(target[chosen]), target[chosen])
    assert_array_equal(choose_rows(target, rows, 0), chosen)
    assert set(choose_rows(target, rows, 1)) != set(chosen)


def test_each_panel_tells_the_letter_and_what_it_was_taken_for(tmp_path):
    letters = np.array(list("êéôầ") * 4)[:13]
    predicted = letters.copy()
    predicted[2] = "ö"
    images = np.arange(13, dtype=np.uint8)[:, None, None] * np.ones((48, 40), dtype=np.uint8)
    figure = draw_page(images, letters, predicted, h=0.8125)
    panels = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in panels] == letters.tolist()
    assert [axes.images[0].get_array()[0, 0] for axes in panels] == list(range(13))
    below = [axes.texts[0] for axes in panels]
    assert [text.get_text() for text in below[:3]] == ["✓ ê", "✓ é", "✗ ö"]
    assert not same_color(below[1].get_color(), below[2].get_color())
    assert "12 of 13 right; H = 0.812" in figure.get_suptitle()
    assert not any(axes.axison for axes in figure.axes)
    figure.savefig(tmp_path / "page.pdf")  # a glyph that is missing would warn
    assert (tmp_path / "page.pdf").stat().st_size
