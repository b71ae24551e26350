"""The rerun of the paper's experiments, on small generated data sets."""

import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.datasets import make_gzsl_classification
from skcada.metrics import gzsl_scorer, hit_at_k_score

pytestmark = pytest.mark.usefixtures("cheap")


@pytest.fixture
def run(module, tmp_path):
    """Run the command, quick, and return its exit status; results are in `tmp_path / "out"`."""

    def run_command(data, *options):
        output = str(tmp_path / "out")
        return module("paper").main(["--data", str(data), "--output", output, "--quick", *options])

    return run_command


@pytest.fixture
def fits(monkeypatch):
    """Return a list of the models that were fitted from now on."""
    fitted = []

    def count(estimator):
        fit = estimator.fit

        def counted(self, *args, **options):
            fitted.append(self)
            return fit(self, *args, **options)

        monkeypatch.setattr(estimator, "fit", counted)

    count(CADAVAETransformer)
    count(GZSLClassifier)
    return fitted


def read_runs(folder):
    """Return the runs as text, without what differs between two executions."""
    frame = pd.read_csv(folder / "runs.csv", dtype=str)
    scores = frame.drop(columns=["vae_seconds", "seconds"])
    return scores.sort_values(list(frame.columns[:14]), ignore_index=True)


def test_all_experiments_give_a_csv_and_those_of_figures_a_picture(
    run, save, problem, tmp_path, capsys
):
    assert run(save(problem)) == 0
    out = tmp_path / "out" / "TINY"
    names = ["table_1", "table_2", "figure_3", "figure_4", "figure_5", "figure_6"]
    assert {path.name for path in out.glob("*.csv")} == {f"{n}.csv" for n in [*names, "runs"]}
    assert {path.name for path in out.glob("*.png")} == {f"{name}.png" for name in names[2:]}
    shown = capsys.readouterr()
    assert shown.err.startswith("note: figure_7 left out: it needs the files of ImageNet\n")
    assert "Table 1" in shown.out
    assert "Table 2" in shown.out

    frames = {name: pd.read_csv(out / f"{name}.csv") for name in names}
    assert list(frames["table_1"].model) == ["CA-VAE", "DA-VAE", "CADA-VAE"]
    kinds, shares = (frames["figure_3"].query(f"panel == '{p}'") for p in ("kinds", "shares"))
    assert list(kinds.side) == ["attributes", "sentences", "attributes+sentences"]
    assert list(shares.share) == [0, 50, 100]
    assert shares.H.iloc[[0, 2]].tolist() == kinds.H.iloc[[0, 2]].tolist()
    assert frames["figure_4"].H.iloc[1] == frames["table_2"].H.iloc[0]
    numbers = frames["figure_5"][["per_seen", "per_unseen", "set"]].to_numpy().tolist()
    static = [[4, 2, "static"], [200, 100, "static"], [4, 8, "static"], [200, 400, "static"]]
    assert numbers == [*static, [4, 8, "dynamic"], [200, 400, "dynamic"]]
    assert len(frames["figure_6"]) == 2 * 3 * 5  # sides, models, shots
    assert frames["figure_6"][["H", "T1"]].notna().all(axis=None)
    assert (frames["figure_6"].n_seeds == 1).all()


def test_scores_are_those_of_skcada_on_scaled_features(run, save, problem, tmp_path, module):
    assert run(save(problem), "--experiments", "table_2") == 0
    X = problem.data
    low, high = X[problem.trainval].min(axis=0), X[problem.trainval].max(axis=0)
    X = (X - low) / (high - low)
    recipe = module("_paper.runs").RECIPES["quick"]
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


def test_runs_share_what_they_can_and_a_second_start_executes_nothing(
    run, save, problem, fits, capsys
):
    options = ("--experiments", "table_1", "table_2", "figure_4")
    assert run(save(problem), *options) == 0
    printed = capsys.readouterr().out
    vaes = [model for model in fits if isinstance(model, CADAVAETransformer)]
    # Three models and another latent size; the same four tests, and one on unseen classes only.
    assert len(vaes) == 4
    assert len(fits) - len(vaes) == 5
    assert {(vae.gamma > 0, vae.delta > 0) for vae in vaes} == {(1, 0), (0, 1), (1, 1)}
    fits.clear()
    assert run(save(problem), *options) == 0
    assert not fits
    assert capsys.readouterr().out == printed


def test_an_interrupted_campaign_goes_on_to_the_numbers_of_a_whole_one(
    run, save, problem, module, tmp_path, monkeypatch, capsys
):
    folder, out = save(problem), tmp_path / "out" / "TINY"
    options = ("--experiments", "table_1", "table_2", "--n-seeds", "2")
    assert run(folder, *options) == 0
    whole = read_runs(out)
    (out / "runs.csv").unlink()
    xlsa17, left = module("_paper.xlsa17").Xlsa17, iter(range(3))
    score = xlsa17.score

    def interrupted(*args):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return score(*args)

    with monkeypatch.context() as patched:
        patched.setattr(xlsa17, "score", interrupted)
        assert run(folder, *options) == 130
    assert f"interrupted after 3 of {len(whole)} runs" in capsys.readouterr().err
    # A line that was being written when the power went off.
    with (out / "runs.csv").open("a") as file:
        file.write("TINY,quick,1,CADA-VAE,attributes,100,64,200,400,False,0,0,all,,0.1")
    assert run(folder, *options) == 0
    pd.testing.assert_frame_equal(read_runs(out), whole, check_names=False)


def test_two_processes_give_the_numbers_of_one(run, save, problem, tmp_path):
    results = []
    for n_jobs in ("1", "2"):
        assert run(save(problem), "--experiments", "table_1", "--n-jobs", n_jobs) == 0
        results.append(read_runs(tmp_path / "out" / "TINY"))
        (tmp_path / "out" / "TINY" / "runs.csv").unlink()
    pd.testing.assert_frame_equal(*results)


def test_results_of_other_data_are_refused(run, save, problem, module, capsys):
    assert run(save(problem), "--experiments", "table_2") == 0
    module("_paper.sources").load.cache_clear()
    capsys.readouterr()
    other = save(dict(problem) | {"data": problem.data + 1e-3})
    assert run(other, "--experiments", "table_2") == 2
    assert "holds results of other data" in capsys.readouterr().err


def test_a_run_that_fails_is_said_and_tried_again(
    run, save, problem, module, tmp_path, monkeypatch, capsys
):
    def fail(self, model, run):
        raise ValueError("a weight became\nnon-finite")

    with monkeypatch.context() as patched:
        patched.setattr(module("_paper.xlsa17").Xlsa17, "score", fail)
        assert run(save(problem), "--experiments", "table_2") == 1
    error = capsys.readouterr().err
    assert "failed, ValueError: a weight became non-finite" in error
    assert "2 runs failed" in error
    assert run(save(problem), "--experiments", "table_2") == 0
    assert len(read_runs(tmp_path / "out" / "TINY")) == 2


def test_means_over_the_seeds_stand_beside_published_values(run, save, problem, tmp_path, capsys):
    parent = save(problem, "CUB").parent
    save(problem, "OTHER")
    assert run(parent, "--experiments", "table_1", "table_2", "--n-seeds", "2") == 0
    out = tmp_path / "out" / "CUB"
    runs = pd.read_csv(out / "runs.csv").query("model == 'CADA-VAE' and label_space == 'all'")
    for name in ("table_1", "table_2"):
        row = pd.read_csv(out / f"{name}.csv").iloc[-1]
        for metric, value in {"U": 51.6, "S": 53.5, "H": 52.4}.items():
            assert row[metric] == pytest.approx(100 * runs[metric].mean(), abs=1e-3)
            assert row[f"{metric}_std"] == pytest.approx(100 * runs[metric].std(), abs=1e-3)
            assert row[f"{metric}_published"] == value
            assert row[f"{metric}_difference"] == pytest.approx(row[metric] - value, abs=2e-3)
    printed = capsys.readouterr().out
    assert "52.4" in printed
    assert "OTHER" in printed
    assert "nan" not in printed


def test_fewer_shots_are_tested_on_the_rows_that_most_shots_leave(save, problem, module):
    data, runs = module("_paper.xlsa17").Xlsa17("TINY", save(problem)), module("_paper.runs")
    X, y = data.training_rows()
    shots = []
    for n in (0, 2, 10):
        more, _ = data.add_shots(runs.Run("TINY", "quick", 3, n_shots=n, held_out_shots=10), X, y)
        assert len(more) == len(X) + n * 3
        shots.append({row.tobytes() for row in more[len(X) :]})
    assert shots[0] < shots[1] < shots[2]
    tested = []

    class Model:
        def score(self, X, y):
            tested.append({row.tobytes() for row in X})

    for n in (0, 10):
        few = {"n_shots": n, "held_out_shots": 10, "label_space": "unseen"}
        data.score(Model(), runs.Run("TINY", "quick", 3, **few))
    assert tested[0] == tested[1]
    assert not tested[0] & shots[2]


def test_what_the_data_do_not_allow_is_left_out_and_said(run, save, tmp_path, capsys):
    few = make_gzsl_classification(
        n_samples=66,
        n_features=8,
        n_seen_classes=8,
        n_unseen_classes=3,
        n_attributes=5,
        random_state=0,
    )
    assert run(save(few, sentences=False), "--experiments", "figure_6", "figure_3") == 0
    error = capsys.readouterr().err
    assert "TINY: part of figure_6 left out: 10 shots, an unseen class has 6 row(s)" in error
    assert "TINY: figure_3 left out: there is no side information besides" in error
    frame = pd.read_csv(tmp_path / "out" / "TINY" / "figure_6.csv")
    assert sorted(set(frame.n_shots)) == [0, 1, 2, 5]


def test_named_arrays_are_kinds_of_side_information_in_any_order(save, problem, module):
    folder = save(problem)
    names = np.array([f"class {i:02d}" for i in reversed(range(11))])
    vectors = np.arange(33.0).reshape(11, 3)
    np.savez(folder / "more.npz", allclasses_names=names, words=vectors, flat=np.ones(11))
    sides = module("_paper.xlsa17").Xlsa17("TINY", folder).sides
    assert list(sides) == ["attributes", "sentences", "words"]
    assert sides["words"].loc["class 10"].tolist() == [0, 1, 2]


def test_figures_name_the_data_and_published_curves(module):
    runs, campaign = module("_paper.runs"), module("_paper.campaign")
    facts = runs.Facts("AWA2", "", ("attributes", "sentences"), 20, ())
    for name in runs.EXPERIMENTS[2:]:
        facts = facts._replace(splits=("hops2", "all") if name == "figure_7" else ())
        seeds = [runs.Run("AWA2", "quick", seed) for seed in range(2)]
        recipe = runs.RECIPES["quick"]
        rows = [row for seed in seeds for row in runs.list_rows(name, seed, facts, recipe)]
        results = {row.run.key: dict.fromkeys(campaign.METRICS, 0.5) for row in rows}
        frame = campaign.summarize(rows, results)
        figure = module("_paper.figures").draw(name, frame, "AWA2", "quick")
        assert figure.get_suptitle().startswith("AWA2: ")
        for ax in figure.axes:
            assert ax.get_ylabel().endswith("(percent)")
            assert ax.get_xlabel()
        labels = figure.axes[0].get_legend_handles_labels()[1]
        assert ("CADA-VAE, published" in labels) == (name == "figure_6")


@pytest.mark.parametrize(
    ("dataset", "label_space", "n_shots", "epochs"),
    [
        ("SUN", "all", 0, 21),
        ("SUN", "unseen", 1, 96),
        ("AWA1", "all", 10, 100),
        ("OTHER", "unseen", 2, 31),
    ],
)
def test_the_softmax_is_trained_as_long_as_by_the_authors(
    module, dataset, label_space, n_shots, epochs
):
    runs = module("_paper.runs")
    run = runs.Run(dataset, "full", 0, label_space=label_space, n_shots=n_shots)
    assert runs.RECIPES["full"].make_softmax(run).max_iter == epochs


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "absent"], "There is no folder 'absent'"),
        (["--data", "empty"], "holds no data set"),
        ([], "required: --data"),
        (["--data", "data", "--experiments", "figure_8"], "invalid choice: 'figure_8'"),
        (["--data", "data", "--n-seeds", "0"], "0 is less than 1"),
        (["--data", "data", "--n-jobs", "0"], "0 processes"),
        (["--data", "data", "--output", "a_file"], "Not a directory|File exists"),
    ],
)
def test_wrong_input_is_said_in_one_line_before_anything_runs(
    module, save, tmp_path, problem, arguments, message, monkeypatch, capsys, fits
):
    save(problem)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a_file").touch()
    monkeypatch.chdir(tmp_path)
    assert module("paper").main([*arguments, "--quick"]) == 2
    (error,) = (line for line in capsys.readouterr().err.splitlines() if "note: " not in line)
    assert pd.Series([error]).str.contains(message).all()
    assert not fits


@pytest.fixture
def imagenet(tmp_path):
    """Write files in the layout of ImageNet: classes 1 to 5 are seen, of 12."""
    h5py = pytest.importorskip("h5py")
    folder = tmp_path / "data" / "ImageNet"
    folder.mkdir(parents=True)
    rng = np.random.RandomState(0)
    vectors = rng.normal(size=(12, 3))
    files = {"ILSVRC2012_res101_feature.mat": range(1, 8), "21K_feature.mat": range(8, 12)}
    for file, classes in files.items():
        labels = np.repeat(list(classes), 6)
        with h5py.File(folder / file, "w") as stored:
            stored["features"] = rng.uniform(size=(len(labels), 4)) + vectors[labels - 1, :1]
            stored["labels"] = labels[:, None] * 1.0
    vectors[8] = 0
    savemat(folder / "ImageNet_w2v.mat", {"w2v": vectors})
    splits = {"train_classes": [1, 2, 3], "val_classes": [4, 5], "hops2": [6, 8], "mp500": [12]}
    savemat(folder / "ImageNet_splits.mat", splits | {"all": [5, 6, 7, 8, 9, 10, 11, 12]})
    return folder


def test_imagenet_is_tested_on_each_split_in_parts(
    run, imagenet, tmp_path, module, monkeypatch, fits, capsys
):
    monkeypatch.setattr(module("_paper.imagenet"), "CHUNK", 7)
    assert run(imagenet) == 0
    error = capsys.readouterr().err
    assert "table_1 left out: it needs a data set in the xlsa17 format" in error
    assert "all: 1 seen classes and 1 without a vector taken out of 8" in error
    assert "mp500 left out: it has no rows to test on" in error
    frame = pd.read_csv(tmp_path / "out" / "ImageNet" / "figure_7.csv").set_index("split")
    assert list(frame.index) == ["hops2", "all"]
    assert np.isnan(frame["Hit@10"]["hops2"])  # of 7 classes
    assert (tmp_path / "out" / "ImageNet" / "figure_7.png").stat().st_size

    model = fits[-1]
    assert model.classes_.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]
    sources = module("_paper.sources")
    data = sources.load(sources.find_datasets(imagenet)[0][0])
    X = np.concatenate([part.data[:] for part in data.parts])
    y = np.concatenate([part.target for part in data.parts])
    mask = np.isin(y, [6, 7, 8, 10, 11])
    scores = model.decision_function(data.scaler.transform(X[mask]))
    for k in (1, 2, 5):
        expected = hit_at_k_score(y[mask], scores, classes=model.classes_, k=k)
        assert frame[f"Hit@{k}"]["all"] == pytest.approx(100 * expected, abs=1e-3)


def test_imagenet_and_other_data_sets_may_share_a_parent(module, imagenet, problem, save):
    save(problem)
    (imagenet.parent / "SPLITS_ONLY").mkdir()
    (imagenet.parent / "SPLITS_ONLY" / "att_splits.mat").touch()
    sources, notes = module("_paper.sources").find_datasets(imagenet.parent)
    assert [(s.name, s.kind.__name__) for s in sources] == [
        ("ImageNet", "ImageNet"),
        ("TINY", "Xlsa17"),
    ]
    assert notes == ["SPLITS_ONLY left out: it has no res101.mat"]
