"""Settings of the Sphinx site; CONTRIBUTING.rst has the command that builds it."""

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "sphinxext"))

from sphinx.application import Sphinx

import skcada

project = "skcada"
author = "The skcada developers"
copyright = author
release = version = skcada.__version__

extensions = [
    "numpydoc",
    "optional_inventories",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "_templates", "sphinxext"]
templates_path = ["_templates"]
default_role = "literal"

# Every reference must have a target, but for those of other projects, which have one only where
# their inventories could be fetched, and what scikit-learn generates, which is listed only.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(joblib|matplotlib|numpy|pandas|scipy|sklearn|torch)(\..+)?"),
    ("py:obj", r"skcada\..+\.set_\w+_request"),
]

intersphinx_mapping = {
    "joblib": ("https://joblib.readthedocs.io/en/stable", None),
    "matplotlib": ("https://matplotlib.org/stable", None),
    "numpy": ("https://numpy.org/doc/stable", None),
    "pandas": ("https://pandas.pydata.org/docs", None),
    "python": ("https://docs.python.org/3", None),
    "scipy": ("https://docs.scipy.org/doc/scipy", None),
    "sklearn": ("https://scikit-learn.org/stable", None),
    "torch": ("https://docs.pytorch.org/docs/stable", None),
}
intersphinx_timeout = 10

# The docstrings tell the types, with shapes.
autodoc_typehints = "none"
autosummary_generate = True
numpydoc_class_members_toctree = False
numpydoc_show_inherited_class_members = False

copybutton_exclude = ".linenos, .gp, .go"

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": "gallery_order.ReadingOrder",
    "abort_on_example_error": True,
    "image_scrapers": ("labelled_figures.scrape",),
    "reset_modules": ("matplotlib",),
    "doc_module": ("skcada",),
    "backreferences_dir": "auto_examples/backreferences",
    "parallel": False,
    "min_reported_time": 10,
    "write_computation_times": False,
    "show_memory": False,
    "show_signature": False,
    "remove_config_comments": True,
    "download_all_examples": False,
    "plot_gallery": "True",
}

html_theme = "pydata_sphinx_theme"
html_title = "skcada"
html_baseurl = "https://skcada.readthedocs.io/en/stable/"
html_static_path = ["_static"]
html_css_files = ["skcada.css"]
html_show_sourcelink = False
html_domain_indices = False
toc_object_entries_show_parents = "hide"
# Only sections of several pages have something to show there.
html_sidebars = {
    page: []
    for page in (
        "index",
        "install",
        "benchmarks",
        "coming_from_scripts",
        "contributing",
        "genindex",
        "glossary",
        "mathematics",
        "paper_code_skcada",
        "search",
    )
}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "skcada"},
    "header_links_before_dropdown": 4,
    "navigation_depth": 3,
    "show_toc_level": 2,
    "footer_end": [],
    "search_bar_text": "Search",
}


def setup(app: Sphinx) -> None:
    """Leave out docstrings that scikit-learn generates, with references to its own site."""
    app.connect("autodoc-skip-member", skip_generated_member)


def skip_generated_member(
    app: Sphinx, obj_type: str, name: str, obj: Any, skip: bool, options: Any
) -> bool | None:
    """Skip methods such as `set_fit_request`; None leaves the decision to Sphinx."""
    return True if re.fullmatch(r"set_\w+_request", name) else None
