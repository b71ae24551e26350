"""The HTML representation that notebooks show."""

import re

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils import estimator_html_repr

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.model_selection import TunedSeenPenaltyClassifierCV

SITE = "https://skcada.readthedocs.io/en/stable/api/generated/"
PAGES = {
    CADAVAETransformer: "skcada.CADAVAETransformer.html",
    GZSLClassifier: "skcada.GZSLClassifier.html",
    SoftmaxClassifier: "skcada.SoftmaxClassifier.html",
    TunedSeenPenaltyClassifierCV: "skcada.model_selection.TunedSeenPenaltyClassifierCV.html",
}


def documentation_links(estimator):
    """Return the pages that the representation links to, without fragments."""
    html = estimator_html_repr(estimator)
    return {link.split("#")[0] for link in re.findall(r'href="(http[^"]*)"', html)}


@pytest.mark.parametrize("cls", PAGES, ids=lambda cls: cls.__name__)
def test_the_link_leads_to_the_api_reference(cls):
    estimator = cls(GZSLClassifier()) if cls is TunedSeenPenaltyClassifierCV else cls()
    assert SITE + PAGES[cls] in documentation_links(estimator)


def test_steps_of_a_pipeline_link_to_their_own_projects():
    links = documentation_links(make_pipeline(MinMaxScaler(), GZSLClassifier()))
    assert SITE + PAGES[GZSLClassifier] in links
    assert any(
        link.startswith("https://scikit-learn.org/") and "MinMaxScaler" in link for link in links
    )


def test_a_users_subclass_has_no_link_to_a_page_that_does_not_exist():
    class Mine(GZSLClassifier):
        pass

    assert documentation_links(Mine()) == set()
