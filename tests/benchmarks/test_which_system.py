"""The comparison of classifiers, on a small generated problem and with a small network."""

import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

from skcada import CADAVAETransformer
from skcada.compatibility import ESZSLClassifier, SJEClassifier
from skcada.datasets import make_gzsl_classification
from skcada.metrics import gzsl_scorer
from skcada.model_selection import TunedSeenPenaltyClassifierCV, few_shot_split

SIZES = {"n_samples": 150, "n_features": 8, "n_seen_classes": 8, "n_unseen_classes": 3}


@pytest.fixture
def command(module, monkeypatch):
    """Return the command, with one small setting and small networks."""
    command = module("which_system")
    kinds = ("feature_encoder", "feature_decoder", "embedding_encoder", "embedding_decoder")
    layers = {f"{kind}_layers": 16 for kind in kinds}
    small = partial(CADAVAETransformer, max_iter=30, learning_rate=3e-3, **layers)
    monkeypatch.setattr(command, "CADAVAETransformer", small)

    def make(seed):
        return make_gzsl_classification(**SIZES, n_attributes=5, random_state=seed)

    monkeypatch.setattr(command, "SETTINGS", {"2 shots": command.Setting(make, n_shots=2)})
    return command


def test_the_table_has_means_of_scores_on_test_rows(command, tmp_path, capsys):
    output = tmp_path / "runs.csv"
    assert command.main(["--output", str(output)]) == 0
    runs = pd.read_csv(output)
    models = ["ESZSL", "CADA-VAE", "both"]
    assert runs["model"].tolist() == 2 * models
    assert runs["seed"].tolist() == [0] * 3 + [1] * 3

    rule, header, _, *rows, _ = capsys.readouterr().out.splitlines()
    columns = [slice(*found.span()) for found in re.finditer("=+", rule)]
    cells = [[row[column].strip() for column in columns] for row in rows]
    assert [cell[0] for cell in cells] == ["2 shots", "\\", "\\"]
    assert [cell[1] for cell in cells] == models
    shown = [header[column].strip() for column in columns].index("AUSUC")
    means = runs.groupby(["setting", "model"], sort=False)["AUSUC"].mean()
    assert [cell[shown] for cell in cells] == [f"{mean:.2f}" for mean in means]

    problem = command.SETTINGS["2 shots"].make(0)
    X, y, unseen = problem.data, problem.target, problem.unseen_classes
    shots, rest = few_shot_split(y, unseen_classes=unseen, n_shots=2, random_state=0)
    train = np.concatenate([problem.trainval, shots])
    test = np.concatenate([problem.test_seen, rest])
    model = ESZSLClassifier(problem.class_embeddings, unseen_classes=unseen, random_state=0)
    tuned = TunedSeenPenaltyClassifierCV(model, random_state=0).fit(X[train], y[train])
    plain, balanced = (
        gzsl_scorer(each, X[test], y[test]) for each in (model.fit(X[train], y[train]), tuned)
    )
    row = runs.iloc[0]
    assert row[list(plain)].to_dict() == pytest.approx(plain)
    assert row["H tuned"] == pytest.approx(balanced["H"])


def test_any_systems_can_be_compared(command, tmp_path, monkeypatch):
    made = []

    def make(**known):
        made.append(SJEClassifier(max_iter=2, **known))
        return made[-1]

    system = command.SYSTEMS["SJE"]._replace(make=make)
    monkeypatch.setitem(command.SYSTEMS, "SJE", system)
    output = tmp_path / "runs.csv"
    options = ["--models", "SJE", "both", "--n-seeds", "1", "--output", str(output)]
    assert command.main(options) == 0
    runs = pd.read_csv(output).set_index("model")
    assert list(runs.index) == ["SJE", "both"]
    # The vote is of ESZSL and CADA-VAE, which were timed for it.
    assert runs.seconds["both"] > 0
    problem = command.SETTINGS["2 shots"].make(0)
    X, y = problem.data, problem.target
    shots, rest = few_shot_split(
        y, unseen_classes=problem.unseen_classes, n_shots=2, random_state=0
    )
    train = np.concatenate([problem.trainval, shots])
    test = np.concatenate([problem.test_seen, rest])
    expected = gzsl_scorer(made[0].fit(X[train], y[train]), X[test], y[test])
    assert runs.loc["SJE", list(expected)].to_dict() == pytest.approx(expected)


def test_wrong_arguments_are_said_before_any_run(command, tmp_path, capsys):
    for options, message in [
        (["--settings", "medium"], "invalid choice: 'medium'"),
        (["--models", "GZSL"], "invalid choice: 'GZSL'"),
        (["--output", str(tmp_path / "absent" / "runs.csv")], "does not exist"),
    ]:
        with pytest.raises(SystemExit, match="2"):
            command.main(options)
        assert message in capsys.readouterr().err
