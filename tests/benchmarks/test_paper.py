"""The rerun of the paper's experiments, on small generated data sets."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import rich
from tiny_campaign import (
    BENCHMARKS,
    N_SEEN,
    N_UNSEEN,
    count_fits,
    interrupt_after,
    module,
    read_runs,
    save,
)

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.datasets import make_gzsl_classification
from skcada.metrics import gzsl_scorer

pytestmark = pytest.mark.usefixtures("paper")


def test_all_experiments_give_a_csv_and_those_of_figures_a_picture(run, folder, tmp_path, capsys):
    assert run(folder) == 0
    out = tmp_path / "out" / "TINY"
    names = ["table_1", "table_2", "figure_3", "figure_4", "figure_5", "figure_6"]
    assert {path.name for path in out.glob("*.csv")} == {f"{n}.csv" for n in [*names, "runs"]}
    assert {path.name for path in out.glob("*.png")} == {f"{name}.png" for name in names[2:]}
    shown = capsys.readouterr()
    first, *others = shown.err.splitlines()
    assert first == "note: figure_7 left out: it needs the files of ImageNet"
    # Silent but for what it left out, and what it wrote.
    assert [line.split(": wrote ")[0] for line in others] == [str(out)]
    assert "Table 1" in shown.out
    assert "Table 2" in shown.out

    frames = {name: pd.read_csv(out / f"{name}.csv") for name in names}
    assert list(frames["table_1"].model) == ["CA-VAE", "DA-VAE", "CADA-VAE"]
    kinds = frames["figure_3"].query("panel == 'kinds'")
    assert list(kinds.side) == ["attributes", "sentences", "attributes+sentences"]
    shares = frames["figure_3"].query("panel == 'shares'")
    assert list(shares.share) == [0, 50, 100]
    assert shares.H.iloc[0] == kinds.H.iloc[0]
    assert shares.H.iloc[2] == kinds.H.iloc[2]
    assert list(frames["figure_4"].latent_size) == [4, 64]
    assert frames["figure_4"].H.iloc[1] == frames["table_2"].H.iloc[0]
    fives = frames["figure_5"]
    assert list(zip(fives.per_seen, fives.per_unseen, fives.set, strict=True)) == [
        (4, 2, "static"),
        (200, 100, "static"),
        (4, 8, "static"),
        (200, 400, "static"),
        (4, 8, "dynamic"),
        (200, 400, "dynamic"),
    ]
    sixes = frames["figure_6"]
    assert len(sixes) == 2 * 3 * 5  # sides, models, shots
    assert sixes[["H", "T1"]].notna().all(axis=None)
    assert (sixes.n_seeds == 1).all()


def test_scores_are_those_of_skcada_on_scaled_features(run, folder, problem, tmp_path, paper):
    assert run(folder, "--experiments", "table_2") == 0
    X = problem.data
    low, high = X[problem.trainval].min(axis=0), X[problem.trainval].max(axis=0)
    X = (X - low) / (high - low)
    recipe = module("_recipes").RECIPES["quick"]
    model = GZSLClassifier(
        CADAVAETransformer(random_state=0, **recipe.vae),
        classifier=SoftmaxClassifier(max_iter=1),
        class_embeddings=problem.class_embeddings,
        random_state=0,
    ).fit(X[problem.trainval], problem.target[problem.trainval])
    test = np.concatenate([problem.test_seen, problem.test_unseen])
    expected = gzsl_scorer(model, X[test], problem.target[test])
    table = pd.read_csv(tmp_path / "out" / "TINY" / "table_2.csv").iloc[0]
    for metric in ("S", "U", "H"):
        assert table[metric] == pytest.approx(100 * expected[metric], abs=0.01)


def test_a_run_that_two_experiments_need_is_executed_once(run, folder, tmp_path, monkeypatch):
    vaes = count_fits(monkeypatch, CADAVAETransformer)
    classifiers = count_fits(monkeypatch, GZSLClassifier)
    assert run(folder, "--experiments", "table_1", "table_2", "figure_4") == 0
    # Three models and another latent size; the same four tests, and one on unseen classes only.
    assert len(vaes) == 4
    assert len(classifiers) == 5
    assert len(read_runs(tmp_path / "out" / "TINY" / "runs.csv")) == 5


def test_classifiers_get_the_latents_and_shots_of_their_run(run, folder, monkeypatch):
    models = count_fits(monkeypatch, GZSLClassifier)
    assert run(folder, "--experiments", "figure_5", "figure_6") == 0
    dynamic = [model.samples_per_class for model in models if model.resample]
    assert dynamic == [(4, 8), (200, 400)]
    proper = [model for model in models if model.label_space == "unseen"]
    assert len(proper) == 2 * 3 * 5  # sides, models, shots
    assert [model.samples_per_class[1] for model in proper[:5]] == [200, 400, 400, 400, 400]
    assert all(len(model.unseen_classes_) == N_UNSEEN for model in models)
    weights = {(m.transformer_.estimator.gamma, m.transformer_.estimator.delta) for m in proper}
    default = CADAVAETransformer()
    gamma, delta = default.gamma, default.delta
    assert weights == {(gamma, delta), (0, delta), (gamma, 0)}


def test_a_second_start_executes_nothing_and_writes_the_same_report(
    run, folder, tmp_path, monkeypatch, capsys
):
    assert run(folder, "--experiments", "table_1") == 0
    table = tmp_path / "out" / "TINY" / "table_1.csv"
    first = table.read_bytes()
    printed = capsys.readouterr().out
    table.unlink()
    fits = count_fits(monkeypatch, CADAVAETransformer)
    assert run(folder, "--experiments", "table_1") == 0
    assert not fits
    assert table.read_bytes() == first
    assert capsys.readouterr().out == printed


def test_an_interrupted_campaign_goes_on_to_the_numbers_of_a_whole_one(
    run, folder, paper, tmp_path, monkeypatch, capsys
):
    options = ("--experiments", "table_1", "table_2", "figure_6", "--n-seeds", "2")
    assert run(folder, *options) == 0
    path = tmp_path / "out" / "TINY" / "runs.csv"
    whole = read_runs(path)
    path.unlink()
    capsys.readouterr()
    with monkeypatch.context() as patched:
        interrupt_after(patched, 15)
        assert run(folder, *options) == 130
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"interrupted after 15 of {len(whole)} runs" in said
    assert f"--data {folder}" in said
    # A line that was being written when the power went off, of which the header is not repeated.
    with path.open("a") as file:
        file.write("TINY,quick,1,CADA-VAE,attributes,100,64,200,400,False,0,0,all,,0.1")
    assert len(read_runs(path)) == 16
    assert run(folder, *options) == 0
    assert read_runs(path) == whole


def test_two_processes_give_the_numbers_of_one(run, folder, tmp_path, monkeypatch):
    # Processes do not know of the cheap recipe.
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    options = ("--experiments", "table_2", "--n-seeds", "2")
    assert run(folder, *options) == 0
    path = tmp_path / "out" / "TINY" / "runs.csv"
    one = read_runs(path)
    path.unlink()
    assert run(folder, *options, "--n-jobs", "2") == 0
    assert read_runs(path) == one


@pytest.mark.parametrize("n_jobs", ["1", "2"])
def test_bars_show_the_epochs_of_every_vae(run, folder, monkeypatch, capsys, n_jobs):
    # Processes do not know of the cheap recipe.
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr(rich.get_console(), "width", 200)
    options = ("--experiments", "table_2", "--n-seeds", "2", "--n-jobs", n_jobs)
    assert run(folder, *options, "--progress") == 0
    bars = [line for line in capsys.readouterr().out.splitlines() if "100%" in line]
    assert [sum(name in bar for bar in bars) for name in ("Campaign - run", "TINY")] == [1, 1]
    assert sum("train-vae | CADAVAETransformer - fit" in bar for bar in bars) == 2
    assert len(bars) == 4


def test_progress_without_rich_is_refused_before_anything_runs(run, folder, monkeypatch, capsys):
    def fail(*_, **__):
        raise ImportError("rich")

    monkeypatch.setattr("sklearn.callback.ProgressBar.__init__", fail)
    fits = count_fits(monkeypatch, CADAVAETransformer)
    assert run(folder, "--progress") == 2
    assert not fits
    error = capsys.readouterr().err
    assert error == 'paper.py: argument --progress: needs rich: pip install "skcada[progress]"\n'


def test_results_of_other_data_are_refused(run, folder, problem, capsys):
    assert run(folder, "--experiments", "table_2") == 0
    save(folder, dict(problem) | {"data": problem.data + 1e-3})
    module("_sources").load.cache_clear()
    capsys.readouterr()
    assert run(folder, "--experiments", "table_2") == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "holds results of other data" in error


def test_a_run_that_fails_is_said_and_tried_again(run, folder, tmp_path, monkeypatch, capsys):
    def fail(self, model, run):
        raise ValueError("a weight became\nnon-finite")

    with monkeypatch.context() as patched:
        patched.setattr(module("_xlsa17").Xlsa17, "score", fail)
        assert run(folder, "--experiments", "table_2") == 1
    error = capsys.readouterr().err
    assert "failed, ValueError: a weight became non-finite" in error
    assert "2 runs failed" in error
    assert run(folder, "--experiments", "table_2") == 0
    assert len(read_runs(tmp_path / "out" / "TINY" / "runs.csv")) == 2


def test_published_values_and_differences_stand_beside_the_measured_ones(
    run, tmp_path, problem, capsys
):
    for name in ("CUB", "OTHER"):
        save(tmp_path / "data" / name, problem)
    options = ("--experiments", "table_1", "table_2", "--n-seeds", "2")
    assert run(tmp_path / "data", *options) == 0
    tables = {
        name: pd.read_csv(tmp_path / "out" / "CUB" / f"{name}.csv")
        for name in ("table_1", "table_2")
    }
    for table in tables.values():
        row = table.iloc[-1]
        published = {metric: row[f"{metric}_published"] for metric in "USH"}
        assert published == {"U": 51.6, "S": 53.5, "H": 52.4}
        for metric, value in published.items():
            assert row[f"{metric}_difference"] == pytest.approx(row[metric] - value, abs=2e-3)
    assert tables["table_1"].H_published.notna().tolist() == [False, False, True]
    other = pd.read_csv(tmp_path / "out" / "OTHER" / "table_2.csv")
    assert other[["S_published", "S_difference"]].isna().all(axis=None)
    printed = capsys.readouterr().out
    assert "52.4" in printed
    assert "nan" not in printed


def test_mean_and_standard_deviation_are_over_the_seeds(run, folder, tmp_path):
    assert run(folder, "--experiments", "figure_4", "--n-seeds", "3") == 0
    out = tmp_path / "out" / "TINY"
    runs = pd.read_csv(out / "runs.csv")
    figure = pd.read_csv(out / "figure_4.csv").set_index("latent_size")
    values = 100 * runs[runs.latent_size == 4].S
    assert len(values) == 3
    assert figure.S[4] == pytest.approx(values.mean(), abs=1e-3)
    assert figure.S_std[4] == pytest.approx(values.std(), abs=1e-3)
    assert figure.n_seeds[4] == 3


def test_fewer_shots_are_tested_on_the_rows_that_most_shots_leave(folder, problem):
    data = module("_xlsa17").Xlsa17.load("TINY", folder)
    base = module("_runs").Run("TINY", "quick", seed=3)
    X, y = data.training_rows()
    kept, added = [], []
    for n_shots in (0, 2, 10):
        run = replace(base, n_shots=n_shots, held_out_shots=10)
        kept.append(data._split_unseen(run.held_out_shots, run.seed)[1])
        more_X, more_y = data.add_shots(run, X, y)
        assert len(more_y) == len(y) + n_shots * N_UNSEEN
        added.append({row.tobytes() for row in more_X[len(X) :]})
    assert all(np.array_equal(rows, kept[0]) for rows in kept)
    assert added[0] < added[1] < added[2]
    assert not added[2] & {row.tobytes() for row in data.X[kept[0]]}


def test_shots_that_leave_no_row_are_dropped_and_said(run, tmp_path, capsys):
    few = make_gzsl_classification(
        n_samples=6 * (N_SEEN + N_UNSEEN),
        n_features=8,
        n_seen_classes=N_SEEN,
        n_unseen_classes=N_UNSEEN,
        n_attributes=5,
        random_state=0,
    )
    folder = save(tmp_path / "FEW", few, sentences=False)
    assert run(folder, "--experiments", "figure_6", "figure_3") == 0
    error = capsys.readouterr().err
    assert "FEW: part of figure_6 left out: 10 shots, an unseen class has 6 row(s)" in error
    assert "FEW: figure_3 left out: there is no side information besides" in error
    assert error.count("left out") == 2
    frame = pd.read_csv(tmp_path / "out" / "FEW" / "figure_6.csv")
    assert sorted(set(frame.n_shots)) == [0, 1, 2, 5]
    assert set(frame.side) == {"attributes"}


@pytest.mark.parametrize("seed", range(3))
def test_a_larger_share_of_classes_contains_a_smaller_one(paper, seed):
    described_classes = module("_runs").described_classes
    classes = np.array(list("abcdefgh"))
    drawn = [set(described_classes(classes, share, seed)) for share in (0, 25, 50, 100)]
    assert [len(part) for part in drawn] == [0, 2, 4, 8]
    assert all(small < large for small, large in pairwise(drawn))


def test_arrays_with_a_row_a_class_are_kinds_of_side_information(folder, paper):
    n_classes = N_SEEN + N_UNSEEN
    tables = {
        "sentences": np.ones((n_classes, 2)),  # the name of those in sent_splits.mat
        "names_only": np.arange(n_classes * 3.0).reshape(n_classes, 3),
        "other": np.ones((n_classes + 1, 2)),
        "flat": np.ones(n_classes),
        "texts": np.full((n_classes, 2), "a"),
    }
    np.savez(folder / "more.npz", **tables)
    data = module("_xlsa17").Xlsa17.load("TINY", folder)
    assert list(data.sides) == ["attributes", "sentences", "more_sentences", "names_only"]
    assert data.sides["names_only"].loc["class 02"].tolist() == [6, 7, 8]
    assert data.facts.sentences == "sentences"


def test_arrays_in_another_order_of_classes_are_refused(run, folder, capsys):
    n_classes = N_SEEN + N_UNSEEN
    names = np.array([f"class {i:02d}" for i in reversed(range(n_classes))])
    np.savez(folder / "more.npz", sentences=np.ones((n_classes, 2)), labels=names)
    assert run(folder) == 2
    assert "in another order than att_splits.mat" in capsys.readouterr().err


def test_figures_name_the_data_and_the_units_of_their_axes(run, folder, tmp_path, paper):
    assert run(folder) == 0
    figures, tables = module("_figures"), module("_tables")
    store = module("_store").Store(tmp_path / "out" / "TINY" / "runs.csv")
    summary = tables.Summary("TINY", module("_recipes").RECIPES["quick"], store.results)
    drawn = [name for name in figures.FIGURES if name != "figure_7"]
    for name in drawn:
        figure = figures.draw(name, tables.TABLES[name](summary), "TINY", "quick")
        assert figure.get_suptitle().startswith("TINY: ")
        for ax in figure.axes:
            assert ax.get_ylabel().endswith("(percent)")
            assert ax.get_xlabel()
            assert ax.get_legend_handles_labels()[1]


def test_published_curves_are_drawn_for_awa2(run, problem, tmp_path, paper):
    assert run(save(tmp_path / "AWA2", problem), "--experiments", "figure_6") == 0
    frame = pd.read_csv(tmp_path / "out" / "AWA2" / "figure_6.csv")
    known = frame[(frame.side == "attributes") & (frame.model == "CADA-VAE")]
    assert known.H_published.tolist()[1:] == [69.6, 73.7, 78.1, 80.2]
    assert frame[frame.side == "sentences"].H_published.isna().all()
    figure = module("_figures").draw("figure_6", frame, "AWA2", "quick")
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert "CADA-VAE, published" in labels


@pytest.mark.parametrize(
    ("dataset", "label_space", "n_shots", "epochs"),
    [
        ("SUN", "all", 0, 21),
        ("SUN", "unseen", 1, 96),
        ("AWA1", "all", 10, 100),
        ("AWA2", "unseen", 5, 100),
        ("CUB", "all", 0, 23),
        ("OTHER", "unseen", 2, 31),
    ],
)
def test_the_full_recipe_trains_as_long_as_the_authors(
    paper, dataset, label_space, n_shots, epochs
):
    recipe = module("_recipes").RECIPES["full"]
    softmax = recipe.make_classifier(dataset, label_space, n_shots)
    assert softmax.get_params() == {
        **SoftmaxClassifier().get_params(),
        "max_iter": epochs,
        "batch_size": 32,
        "learning_rate": 1e-3,
    }
    vae = recipe.make_transformer("CA-VAE", 64, 5, is_imagenet=False)
    assert vae.get_params() == {
        **CADAVAETransformer().get_params(),
        "delta": 0,
        "max_iter": 100,
        "batch_size": 50,
        "learning_rate": 1.5e-4,
        "feature_weight": 1.0,
        "precision": "float32",
        "random_state": 5,
    }
    assert recipe.make_transformer("DA-VAE", 64, 5, is_imagenet=False).gamma == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "absent"], "There is no folder 'absent'"),
        (["--data", "."], "holds no data set"),
        ([], "required: --data"),
        (["--data", "TINY", "--experiments", "figure_8"], "invalid choice: 'figure_8'"),
        (["--data", "TINY", "--n-seeds", "0"], "0 is less than 1"),
        (["--data", "TINY", "--n-jobs", "0"], "0 processes"),
        (["--data", "TINY", "--output", "a_file"], "Not a directory|File exists"),
    ],
)
def test_wrong_input_is_said_in_one_line_before_anything_runs(
    paper, tmp_path, problem, arguments, message, monkeypatch, capsys
):
    (tmp_path / "empty").mkdir()
    save(tmp_path / "here" / "TINY", problem)
    (tmp_path / "here" / "a_file").touch()
    where = "empty" if arguments[1:] == ["."] else "here"
    monkeypatch.chdir(tmp_path / where)
    fits = count_fits(monkeypatch, CADAVAETransformer)
    assert paper.main([*arguments, "--quick"]) == 2
    error = capsys.readouterr().err.splitlines()
    assert len([line for line in error if not line.startswith("note: ")]) == 1
    assert pd.Series(error[-1:]).str.contains(message).all()
    assert not fits


def test_the_command_works_from_any_directory(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)}
    command = [sys.executable, str(BENCHMARKS / "paper.py"), "--data", str(tmp_path / "absent")]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"paper.py: There is no folder '{tmp_path / 'absent'}'. Pass one with data sets as "
        "--data.\n"
    )
