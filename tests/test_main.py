"""The main job on the command line."""

import re

import numpy as np
import pytest
from scipy.io import savemat

from skcada.__main__ import main
from skcada.datasets import make_gzsl_classification


def scores_in(text):
    return {k: float(v) for k, v in re.findall(r"^(\w+) += ([\d.]+)", text, re.MULTILINE)}


def test_it_prints_the_scores_of_the_built_in_data_with_a_progress_bar(capsys):
    assert main([]) == 0
    shown = capsys.readouterr().out
    scores = scores_in(shown)
    assert list(scores) == ["S", "U", "H", "T1", "AUSUC"]
    assert scores["H"] == pytest.approx(
        2 * scores["S"] * scores["U"] / (scores["S"] + scores["U"]), abs=2e-3
    )
    assert "8 seen and 2 unseen classes" in shown
    assert "CADAVAETransformer" in shown


@pytest.fixture
def folder(tmp_path):
    problem = make_gzsl_classification(
        n_samples=300, n_features=8, n_seen_classes=6, n_unseen_classes=2, random_state=0
    )
    rows = {key: problem[key][:, None] + 1 for key in ("trainval", "test_seen", "test_unseen")}
    savemat(
        tmp_path / "res101.mat",
        {"features": problem.data.T, "labels": problem.target[:, None] + 1},
    )
    names = np.array([[f"class {i}"] for i in range(8)], dtype=object)
    # The first generation of validation splits, of which the loader warns.
    everything_seen = np.concatenate([rows["trainval"], rows["test_seen"]])
    is_val = np.isin(problem.target[everything_seen - 1], problem.seen_classes[-2:])
    savemat(
        tmp_path / "att_splits.mat",
        {
            "att": problem.class_embeddings.to_numpy().T,
            "allclasses_names": names,
            "train_loc": everything_seen[~is_val],
            "val_loc": everything_seen[is_val],
            **{f"{key}_loc": value for key, value in rows.items()},
        },
    )
    return tmp_path


def test_it_runs_on_any_folder_in_the_xlsa17_format(folder, capsys):
    assert main([str(folder), "--random-state", "1"]) == 0
    shown = capsys.readouterr()
    assert "6 seen and 2 unseen classes" in shown.out
    assert list(scores_in(shown.out)) == ["S", "U", "H", "T1", "AUSUC"]
    assert shown.err.startswith("note: train_loc and val_loc")


def test_a_missing_folder_is_said_in_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "absent")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("python -m skcada: There is no folder")
    assert error.count("\n") == 1


def test_without_rich_it_runs_silently(folder, capsys, monkeypatch):
    monkeypatch.setattr("sklearn.callback.ProgressBar.__init__", raise_import_error)
    assert main([str(folder)]) == 0
    assert "install rich" in capsys.readouterr().err


def raise_import_error(*_, **__):
    raise ImportError("rich")
