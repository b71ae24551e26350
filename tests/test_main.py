"""The main job on the command line."""

import re
from functools import partial
from importlib.util import find_spec

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.io import savemat

import skcada.__main__ as main_module
from skcada import CADAVAETransformer, GZSLClassifier
from skcada.__main__ import N_FOLDS, main, make_systems
from skcada.datasets import load_xlsa17, make_gzsl_classification
from skcada.metrics import gzsl_scorer

SYSTEMS = ["ESZSL", "CADA-VAE", "vote of both"]
SCORES = ["S", "U", "H", "T1", "AUSUC"]


def scores_in(text):
    """Read the only table, whose lines are the only ones that end in a number of seconds."""
    header, *lines = re.findall(r"^.* (?:seconds|\d+\.\d)$", text, re.MULTILINE)
    assert header.split() == [*SCORES, "seconds"]
    values = [line.rsplit(maxsplit=len(SCORES) + 1) for line in lines]
    return {name: [float(score) for score in scores] for name, *scores, _ in values}


@pytest.fixture
def trainings(monkeypatch):
    """Make trainings short and in this process, and note the numbers of rows of each."""
    numbers = []
    fit = CADAVAETransformer.fit

    def noted_fit(self, X, y, class_embeddings=None):
        numbers.append(len(X))
        return fit(self, X, y, class_embeddings)

    monkeypatch.setattr(CADAVAETransformer, "fit", noted_fit)
    short = partial(GZSLClassifier, CADAVAETransformer(max_iter=3), samples_per_class=(20, 20))
    monkeypatch.setattr(main_module, "GZSLClassifier", short)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 1)
    return numbers


@pytest.fixture
def small():
    return make_gzsl_classification(
        n_samples=300, n_features=8, n_seen_classes=6, n_unseen_classes=2, random_state=0
    )


@pytest.fixture
def folder(small, tmp_path):
    rows = {key: small[key][:, None] + 1 for key in ("trainval", "test_seen", "test_unseen")}
    savemat(
        tmp_path / "res101.mat",
        {"features": small.data.T, "labels": small.target[:, None] + 1},
    )
    names = np.array([[f"class {i}"] for i in range(8)], dtype=object)
    # The first generation of validation splits, of which the loader warns.
    everything_seen = np.concatenate([rows["trainval"], rows["test_seen"]])
    is_val = np.isin(small.target[everything_seen - 1], small.seen_classes[-2:])
    savemat(
        tmp_path / "att_splits.mat",
        {
            "att": small.class_embeddings.to_numpy().T,
            "allclasses_names": names,
            "train_loc": everything_seen[~is_val],
            "val_loc": everything_seen[is_val],
            **{f"{key}_loc": value for key, value in rows.items()},
        },
    )
    return tmp_path


@pytest.mark.filterwarnings("ignore:train_loc and val_loc")
def test_the_table_has_the_scores_of_three_tuned_systems(folder, trainings, capsys, tmp_path):
    assert main([str(folder), "--random-state", "1"]) == 0
    shown = capsys.readouterr()
    assert "6 seen and 2 unseen classes" in shown.out
    # In the progress bar, which older versions of scikit-learn lack.
    assert ("CADAVAETransformer" in shown.out) == (find_spec("sklearn.callback") is not None)
    assert shown.err.startswith("note: train_loc and val_loc")

    data = load_xlsa17(folder)
    test = np.concatenate([data.test_seen, data.test_unseen])
    systems = make_systems(data.class_embeddings, memory=str(tmp_path / "cache"), random_state=1)
    table = scores_in(shown.out)
    assert list(table) == list(systems) == SYSTEMS
    for name, system in systems.items():
        system.fit(data.data[data.trainval], data.target[data.trainval])
        scores = gzsl_scorer(system, data.data[test], data.target[test])
        assert_allclose(table[name], [scores[key] for key in SCORES], atol=6e-4, err_msg=name)


def test_the_vote_trains_no_networks_of_its_own(small, folder, trainings):
    main([str(folder)])
    assert len(trainings) == N_FOLDS + 1
    assert max(trainings) == trainings[-1] == len(small.trainval)


def test_two_cores_give_the_scores_of_one(folder, trainings, capsys, monkeypatch):
    main([str(folder)])
    alone = scores_in(capsys.readouterr().out)
    trainings.clear()
    monkeypatch.setattr(joblib, "cpu_count", lambda: 2)
    main([str(folder)])
    assert scores_in(capsys.readouterr().out) == alone
    assert len(trainings) == 1  # those of folds are in other processes


def test_a_missing_folder_is_said_in_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "absent")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("python -m skcada: There is no folder")
    assert error.count("\n") == 1


@pytest.mark.usefixtures("callbacks")
def test_without_rich_it_runs_silently(folder, trainings, capsys, monkeypatch):
    monkeypatch.setattr("sklearn.callback.ProgressBar.__init__", raise_import_error)
    assert main([str(folder)]) == 0
    assert capsys.readouterr().err.count("install rich") == 1


def raise_import_error(*_, **__):
    raise ImportError("rich")


@pytest.fixture
def letters(small, monkeypatch):
    """Put a small data set in the place of the accented letters."""
    small.target = np.array(list("abcdeêéô"))[small.target]
    small.class_embeddings.index = list("abcdeêéô")
    small.images = np.zeros((len(small.target), 48, 40), dtype=np.uint8)
    monkeypatch.setattr(main_module, "load_accented_letters", lambda: small)


def test_letters_are_the_default_and_can_be_drawn(letters, trainings, capsys, tmp_path):
    assert main(["--plot", str(tmp_path / "page.PNG")]) == 0
    assert capsys.readouterr().out.startswith("accented letters: 180 training rows")
    assert (tmp_path / "page.PNG").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plot", "page.png", "some folder"], "'some folder' holds features only"),
        (["--plot", "page.xyz"], "matplotlib knows no format by the ending of 'page.xyz'"),
        (["--plot", "absent/page.png"], "There is no folder 'absent'"),
        (["--plot", "there.png"], "'there.png' is a folder"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_first(
    arguments, message, trainings, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.png").mkdir()
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
    assert not trainings


def test_a_picture_without_matplotlib_is_refused_first(trainings, capsys, monkeypatch):
    monkeypatch.setattr("skcada._letter_page.find_spec", lambda _: None)
    assert main(["--plot", "page.png"]) == 2
    assert 'pip install "skcada[plots]"' in capsys.readouterr().err
    assert not trainings
