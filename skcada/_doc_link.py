"""The link to the API reference in the HTML representation of an estimator."""

from __future__ import annotations

DOCUMENTATION_URL = "https://skcada.readthedocs.io/en/stable/"


class DocLinkMixin:
    """Mixin that links an estimator's HTML representation to its page of the API reference.

    It must come before :class:`~sklearn.base.BaseEstimator`, whose own links lead to scikit-learn.
    A subclass outside of skcada has no page there, and no link.
    """

    _doc_link_module = "skcada"
    # scikit-learn fills in the first public package that the class is in, and its name.
    _doc_link_template = (
        DOCUMENTATION_URL + "api/generated/{estimator_module}.{estimator_name}.html"
    )
