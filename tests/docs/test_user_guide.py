"""The prose of the documentation: its code runs, and the names that it mentions exist."""

import doctest
import importlib
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = sorted((DOCS / "user_guide").glob("*.rst"))
PAGES = [
    *GUIDE,
    *(
        DOCS / f"{name}.rst"
        for name in ("coming_from_scripts", "glossary", "mathematics", "paper_code_skcada")
    ),
]
WITH_CODE = [page for page in PAGES if ">>> " in page.read_text(encoding="utf-8")]
ROLE = re.compile(r":(?:class|func|meth|mod):`~?(skcada[\w.]*)`")
PRIVATE = re.compile(r"``(skcada/\w[\w/]*\.py)``")


def stem(page):
    return page.stem


@pytest.mark.parametrize("page", WITH_CODE, ids=stem)
def test_the_code_of_a_page_does_what_the_page_says(page, tmp_path, monkeypatch):
    if "sklearn.callback import" in page.read_text(encoding="utf-8"):
        pytest.importorskip("sklearn.callback")
    monkeypatch.chdir(tmp_path)
    n_failed, n_tried = doctest.testfile(
        str(page),
        module_relative=False,
        encoding="utf-8",
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
    )
    assert n_tried
    assert not n_failed
    assert not list(tmp_path.iterdir()), "the page leaves files behind"


@pytest.mark.parametrize("page", [page for page in GUIDE if page.stem != "index"], ids=stem)
def test_every_page_of_the_guide_has_code_to_type(page):
    assert page in WITH_CODE


@pytest.mark.parametrize("page", PAGES, ids=stem)
def test_names_that_a_page_links_exist(page):
    for path in ROLE.findall(page.read_text(encoding="utf-8")):
        parts = path.split(".")
        depth = next(n for n in range(len(parts), 0, -1) if _is_module(".".join(parts[:n])))
        found = importlib.import_module(".".join(parts[:depth]))
        for name in parts[depth:]:
            assert hasattr(found, name), f"{path} is not there"
            found = getattr(found, name)


@pytest.mark.parametrize("page", PAGES, ids=stem)
def test_files_that_a_page_names_exist(page):
    for path in PRIVATE.findall(page.read_text(encoding="utf-8")):
        assert (DOCS.parent / path).is_file(), path


@pytest.fixture
def cub(problem, tmp_path, monkeypatch):
    """Go to a folder in which data/CUB is a data set in the xlsa17 format."""
    folder = tmp_path / "data" / "CUB"
    folder.mkdir(parents=True)
    classes = problem.class_embeddings.index.to_numpy()
    labels = np.searchsorted(classes, problem.target) + 1
    savemat(folder / "res101.mat", {"features": problem.data.T, "labels": labels})
    rows = {f"{name}_loc": problem[name] + 1 for name in ("trainval", "test_seen", "test_unseen")}
    names = classes.astype(object)[:, np.newaxis]
    attributes = problem.class_embeddings.to_numpy().T
    savemat(folder / "att_splits.mat", {"att": attributes, "allclasses_names": names, **rows})
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("cub")
def test_the_code_for_users_of_the_scripts_runs(capsys):
    page = (DOCS / "coming_from_scripts.rst").read_text(encoding="utf-8")
    blocks = re.findall(r"code-block:: python\n\n((?: {4}.*\n|\n)+)", page)
    names = {}
    for block in blocks:
        # What is trained for long is trained alike in two epochs.
        exec(re.sub(r"max_iter=\d+", "max_iter=2", textwrap.dedent(block)), names)
    assert len(blocks) == 3
    assert "'H':" in capsys.readouterr().out
    # The last block is zero-shot learning proper, after the shots of the second one.
    np.testing.assert_array_equal(names["model"].classes_, names["cub"].unseen_classes)


def _is_module(path):
    try:
        importlib.import_module(path)
    except ModuleNotFoundError:
        return False
    return True
