"""Settings of the Sphinx site; CONTRIBUTING.rst has the command that builds it."""

import importlib
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "sphinxext"))

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
# their inventories could be fetched.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(joblib|matplotlib|numpy|pandas|scipy|sklearn|torch)(\..+)?"),
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


def public_members(module: str, name: str) -> list[str]:
    """Return the methods and properties that a class has from this package, not from scikit-learn.

    Among those of scikit-learn are generated ones, with references to its own site.
    """
    cls = getattr(importlib.import_module(module), name)
    homes = {member: base for base in reversed(cls.__mro__) for member in vars(base)}
    return sorted(
        member
        for member, home in homes.items()
        if home.__module__.startswith("skcada")
        and not re.match(r"_|set_\w+_request$", member)
        and (callable(getattr(cls, member)) or isinstance(vars(home)[member], property))
    )


autosummary_context = {"public_members": public_members}
# A function among the settings keeps them from being cached, which costs nothing here.
suppress_warnings = ["config.cache"]

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
