"""The rerun of the paper's experiments, on small generated data sets."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor
from scipy.io import savemat
from sklearn.metrics import auc
from sklearn.preprocessing import MinMaxScaler

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.metrics import gzsl_scorer, hit_at_k_score, seen_unseen_curve
from skcada.model_selection import TunedSeenPenaltyClassifierCV

pytestmark = pytest.mark.usefixtures("cheap")
TABLES = ("--experiments", "table_1", "table_2")
NAMES = ["CMT", "SJE", "ALE", "LatEm", "ESZSL", "SynC", "DeViSE"]
NAMES += ["f-CLSWGAN", "CVAE", "SE", "ReViSE", "SAE", "CADA-VAE"]


@pytest.fixture
def run(module, tmp_path, problem, monkeypatch):
    """Run the command, and return its exit status; results are in `tmp_path / "out"`.

    Without data it runs on the letters, in place of which there is a small problem.
    """

    def run_command(data, *options, recipe="quick"):
        arguments = ["--output", str(tmp_path / "out"), *options]
        if data is None:
            monkeypatch.setattr(module("_paper.data"), "load_accented_letters", lambda: problem)
        else:
            arguments += ["--data", str(data)]
        return module("paper").main([*arguments, "--quick"] if recipe == "quick" else arguments)

    return run_command


@pytest.fixture
def fits(monkeypatch):
    """Return a list of the models that are fitted from now on."""
    fitted = []
    for estimator in (CADAVAETransformer, GZSLClassifier):

        def counted(self, *args, fit=estimator.fit, **options):
            fitted.append(self)
            return fit(self, *args, **options)

        monkeypatch.setattr(estimator, "fit", counted)
    return fitted


def read_runs(path):
    """Return the runs without what differs between two executions."""
    scores = pd.read_csv(path, dtype=str)
    scores = scores.loc[:, ~scores.columns.str.endswith("seconds")]
    return scores.sort_values(list(scores.columns[:15]), ignore_index=True)


def test_all_experiments_give_a_csv_or_a_picture_as_well(run, save, problem, tmp_path, capsys):
    assert run(save(problem)) == 0
    out = tmp_path / "out" / "TINY"
    assert len(list(out.glob("*.csv"))) == 8
    pictures = {"table_2", *(f"figure_{i}" for i in range(3, 7))}
    assert {path.stem for path in out.glob("*.png")} == pictures
    shown = capsys.readouterr()
    assert shown.err.startswith("note: TINY: figure_7 left out: it is about ImageNet\n")
    assert "Table 1" in shown.out
    frames = {path.stem: pd.read_csv(path) for path in out.glob("*.csv")}
    assert list(frames["table_1"].model) == ["CA-VAE", "DA-VAE", "CADA-VAE"]
    kinds, shares = (frames["figure_3"].query(f"panel == '{p}'") for p in ("kinds", "shares"))
    assert list(kinds.side) == ["attributes", "sentences", "attributes+sentences"]
    assert list(shares.share) == [0, 50, 100]
    assert shares.H.iloc[[0, 2]].tolist() == kinds.H.iloc[[0, 2]].tolist()
    plain = frames["table_2"].query("model == 'CADA-VAE' and penalty == 'none'")
    assert frames["figure_4"].H.iloc[1] == plain.H.item()
    static = [[4, 2, "static"], [200, 100, "static"], [4, 8, "static"], [200, 400, "static"]]
    fives = frames["figure_5"][["per_seen", "per_unseen", "set"]].to_numpy().tolist()
    assert fives == [*static, [4, 8, "dynamic"], [200, 400, "dynamic"]]
    assert len(frames["figure_6"]) == 2 * 3 * 5  # sides, models, shots
    assert frames["figure_6"][["H", "T1"]].notna().all(axis=None)


@pytest.mark.filterwarnings("ignore:The recipe does not suit the scale")  # of a fold
@pytest.mark.parametrize("recipe", ["quick", "full"])
def test_scores_are_those_of_skcada(run, save, problem, module, tmp_path, recipe):
    # The other recipe has the same data and the same file of results.
    folder, other = save(problem), {"quick": "full", "full": "quick"}[recipe]
    for name in (other, recipe):
        assert run(folder, "--experiments", "table_2", recipe=name) == 0
    train, X, y = problem.trainval, problem.data, problem.target
    runs = module("_paper.runs")
    settings = runs.RECIPES[recipe].vae
    assert settings.get("feature_scaling", "auto") == ("raw" if recipe == "full" else "auto")
    if recipe == "full":
        X = (X - X[train].min(axis=0)) / np.ptp(X[train], axis=0)
    vae = CADAVAETransformer(random_state=0, **settings)
    softmax = runs.RECIPES[recipe].make_softmax(runs.Run("TINY", recipe, 0))
    model = GZSLClassifier(vae, classifier=softmax, random_state=0)
    model.set_params(class_embeddings=problem.class_embeddings).fit(X[train], y[train])
    test = np.concatenate([problem.test_seen, problem.test_unseen])
    expected = gzsl_scorer(model, X[test], y[test])
    table = pd.read_csv(tmp_path / "out" / "TINY" / "table_2.csv").set_index(["model", "penalty"])
    for metric in ("S", "U", "H", "AUSUC"):
        measured = table.loc[("CADA-VAE", "none"), metric]
        assert measured == pytest.approx(100 * expected[metric], abs=0.01)
    # Systems get features as they are, whatever the VAE gets.
    make, X = runs.RECIPES[recipe].systems["ESZSL"].make, problem.data
    model = make(class_embeddings=problem.class_embeddings, random_state=0)
    tuned = TunedSeenPenaltyClassifierCV(model, random_state=0)
    for penalty, system in {"none": model, "tuned": tuned}.items():
        expected = gzsl_scorer(system.fit(X[train], y[train]), X[test], y[test])
        measured = table.loc[("ESZSL", penalty), list(expected)].to_dict()
        expected = {metric: 100 * score for metric, score in expected.items()}
        assert measured == pytest.approx(expected, abs=0.01)
    assert (table["fit_seconds"] > 0).all()


def test_runs_share_vaes_and_a_second_start_executes_nothing(
    run, save, problem, tmp_path, fits, capsys
):
    assert run(save(problem), *TABLES, "figure_4") == 0
    printed = capsys.readouterr().out
    vaes = [model for model in fits if isinstance(model, CADAVAETransformer)]
    # Three models and another latent size; the same four tests, and one on unseen classes only.
    # For the penalty three folds and a fit to all rows.
    assert (len(vaes), len(fits)) == (4 + 4, 4 + 5 + 2 * 4)
    assert {(vae.gamma > 0, vae.delta > 0) for vae in vaes} == {(1, 0), (0, 1), (1, 1)}
    fits.clear()
    picture = tmp_path / "out" / "TINY" / "table_2.png"
    picture.unlink()
    assert run(save(problem), *TABLES, "figure_4") == 0
    assert not fits
    shown = capsys.readouterr()
    assert shown.out == printed
    assert "no curve to draw" not in shown.err
    assert picture.exists()
    # Curves are no reason to run anything again.
    picture.with_name("curves.csv").unlink()
    assert run(save(problem), "--experiments", "table_2") == 0
    assert not fits
    assert "note: TINY: 3 runs in" in capsys.readouterr().err


def test_a_campaign_goes_on_to_the_numbers_of_a_whole_one_also_in_parallel(
    run, save, problem, module, tmp_path, monkeypatch, capsys
):
    folder, options = save(problem), (*TABLES, "--n-seeds", "2")
    get_reusable_executor().shutdown()  # its workers do not know the folder of the benchmarks
    assert run(folder, *options, "--n-jobs", "2") == 0
    path = tmp_path / "out" / "TINY" / "runs.csv"
    whole = read_runs(path)
    path.unlink()
    xlsa17 = module("_paper.data").Xlsa17
    score = xlsa17.score
    errors = iter([ValueError("a weight became\nnon-finite"), *[None] * 3, KeyboardInterrupt])

    def interrupted(*args):
        if error := next(errors):
            raise error
        return score(*args)

    with monkeypatch.context() as patched:
        patched.setattr(xlsa17, "score", interrupted)
        assert run(folder, *options) == 130
    error = capsys.readouterr().err
    assert r"failed, ValueError('a weight became\nnon-finite')" in error
    assert f"interrupted after 4 of {len(whole)} runs" in error
    # A line that was being written when the power went off.
    with path.open("a") as file:
        file.write("TINY,quick,1,CADA-VAE,False,attributes,100,64,200,400,False,0,0,all,,0.1")
    assert run(folder, *options) == 0
    pd.testing.assert_frame_equal(read_runs(path), whole)


def test_means_over_the_seeds_stand_beside_published_values(run, save, problem, tmp_path, capsys):
    save(problem, "CUB")
    assert run(save(problem, "OTHER").parent, *TABLES, "--n-seeds", "2") == 0
    out = tmp_path / "out" / "CUB"
    runs = pd.read_csv(out / "runs.csv").query("label_space == 'all' and not is_tuned")
    scores = runs.query("model == 'CADA-VAE'")
    tables = {name: pd.read_csv(out / f"{name}.csv") for name in ("table_1", "table_2")}
    for table in tables.values():
        row = table.query("model == 'CADA-VAE'").iloc[0]
        for metric, value in {"U": 51.6, "S": 53.5, "H": 52.4}.items():
            assert row[metric] == pytest.approx(100 * scores[metric].mean(), abs=1e-3)
            assert row[f"{metric}_std"] == pytest.approx(100 * scores[metric].std(), abs=1e-3)
            assert row[f"{metric}_published"] == value
            assert row[f"{metric}_difference"] == pytest.approx(row[metric] - value, abs=2e-3)
    table = tables["table_2"]
    assert list(table.model) == ["SJE", "SJE", "ESZSL", "ESZSL", "CADA-VAE", "CADA-VAE"]
    assert list(table.penalty) == ["none", "tuned"] * 3
    assert table.H_published[[0, 2, 4]].tolist() == [33.6, 21.0, 52.4]
    assert table.H_published[[1, 3, 5]].isna().all()  # what was published had no penalty
    assert table.published_with[[0, 2, 4]].tolist() == ["ResNet-101 features"] * 3
    assert table.published_with[[1, 3, 5]].isna().all()
    shown = capsys.readouterr()
    assert all(text in shown.out for text in ("52.4", "OTHER"))
    assert "nan" not in shown.out.lower()
    assert "Published values are for ResNet-101 features" in shown.out
    note = "note: CUB: published values are for the 2048 features of ResNet-101; these have 8"
    assert note in shown.err
    assert "note: OTHER: published" not in shown.err


def test_published_harmonic_means_are_those_of_s_and_u(module):
    for system in module("_systems").SYSTEMS.values():
        for scores in system.published.values():
            if "S" in scores:
                mean = 2 * scores["S"] * scores["U"] / (scores["S"] + scores["U"])
                assert scores["H"] == pytest.approx(mean, abs=0.1)


def test_table_2_has_every_system_with_and_without_a_penalty(module):
    runs, systems = module("_paper.runs"), module("_systems").SYSTEMS
    recipe = replace(runs.RECIPES["quick"], systems=systems)
    facts = runs.Facts("CUB", "", ("attributes",))
    rows = list(runs.list_rows("table_2", runs.Run("CUB", "quick", 0), facts, recipe))
    for is_tuned in (False, True):
        models = dict.fromkeys(row.run.model for row in rows if row.run.is_tuned == is_tuned)
        assert list(models) == NAMES
    known = {row.identity["model"]: row.published["H"] for row in rows if row.published}
    assert list(known) == NAMES
    assert list(module("_systems").COMPARISON) == NAMES
    others = [name for name in NAMES if not module("_systems").COMPARISON[name].is_in_table_2]
    assert others == ["SAE"]


def test_every_system_runs_on_the_letters_and_is_drawn(
    run, module, tmp_path, every_system, monkeypatch
):
    drawn = []
    draw = module("paper").draw_systems
    monkeypatch.setattr(module("paper"), "draw_systems", lambda *args: drawn.append(draw(*args)))
    assert run(None, "--experiments", "table_2") == 0
    table = pd.read_csv(tmp_path / "out" / "letters" / "table_2.csv")
    assert list(table["model"]) == list(np.repeat(NAMES, 2))
    assert list(table["penalty"]) == ["none", "tuned"] * len(NAMES)
    plain = table[table["penalty"] == "none"]
    assert plain[["S", "U", "H", "T1", "AUSUC"]].notna().all(axis=None)
    bars, lines = drawn[0].axes
    assert [label.get_text() for label in bars.get_yticklabels()] == NAMES
    labels = {line.get_label().split(" (")[0]: line for line in lines.get_lines()}
    assert sorted(labels) == sorted(NAMES)
    # Told apart in grey.
    assert len({line.get_marker() for line in labels.values()}) == len(NAMES)
    widths = [bar.get_width() for bar in bars.patches]
    h = table.set_index(["penalty", "model"])["H"]
    assert widths == pytest.approx([*h["none"], *h["tuned"]], abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_system_is_of_the_class_that_is_named_and_takes_the_seed(module, name):
    system = module("_systems").COMPARISON[name]
    package, _, class_name = system.class_name.rpartition(".")
    model = system.make(random_state=7)
    if isinstance(model, GZSLClassifier):
        model_class = type(model.transformer or CADAVAETransformer())
    else:
        model_class = type(model)
    assert model_class is getattr(module(package), class_name)
    # A part without a seed of its own has one from the classifier.
    seeds = {k: v for k, v in model.get_params().items() if k.endswith("random_state")}
    assert seeds.pop("random_state") == 7
    assert set(seeds.values()) <= {None}


def test_a_curve_is_kept_as_few_points_that_lie_on_it(save, problem, module, tmp_path):
    data = module("_paper.data").Xlsa17("TINY", save(problem), MinMaxScaler())
    run = module("_paper.runs").Run("TINY", "quick", 0, model="ESZSL")
    known = {"class_embeddings": data.class_embeddings(run), "random_state": 0}
    model = module("_systems").SYSTEMS["ESZSL"].make(**known).fit(*data.training_rows(run))
    store = module("_paper.campaign").Store(tmp_path / "runs.csv", "data")
    store.add(run, {}, data.curve(model, run))
    # As the next start reads it.
    kept = module("_paper.campaign").Store(tmp_path / "runs.csv", "data").curves[run.key]
    test = np.concatenate([problem.test_seen, problem.test_unseen])
    X, y = data.X[test], data.y[test]
    labels = {"classes": model.classes_, "seen_classes": model.seen_classes_}
    seen, unseen, _ = seen_unseen_curve(y, model.decision_function(X), **labels)
    assert len(kept.seen) == len(kept.unseen) == 181
    ends = [kept.seen[0], kept.unseen[0], kept.seen[-1], kept.unseen[-1]]
    assert ends == pytest.approx([seen[0], unseen[0], seen[-1], unseen[-1]], abs=1e-4)
    assert auc(kept.unseen, kept.seen) == pytest.approx(auc(unseen, seen), abs=5e-3)
    for s, u in zip(kept.seen, kept.unseen, strict=True):
        # On the line between two points of the curve.
        after = np.flatnonzero((unseen >= u - 1e-4) & (seen <= s + 1e-4))[0]
        corner = slice(max(after - 1, 0), after + 1)
        assert seen[corner].min() - 1e-4 <= s <= seen[corner].max() + 1e-4
        assert unseen[corner].min() - 1e-4 <= u <= unseen[corner].max() + 1e-4


def test_curves_are_averaged_along_rays(module):
    curves = module("_paper.curves")
    # Steps, and a model that finds nothing at all.
    big = curves.thin(np.array([0.8, 0.8, 0.0, 0.0]), np.array([0.0, 0.4, 0.4, 0.4]))
    none = curves.thin(np.zeros(3), np.zeros(3))
    mean = curves.average([big, none])
    assert np.nanmax(none) == 0
    assert (mean.seen.max(), mean.unseen.max()) == pytest.approx((0.4, 0.2))
    at = np.searchsorted(curves.ANGLES, np.radians(45))
    assert (big.seen[at], big.unseen[at]) == pytest.approx((0.4, 0.4))


def test_the_table_of_the_readme_is_that_of_the_letters(
    run, module, problem, tmp_path, monkeypatch, capsys, fits
):
    docutils = pytest.importorskip("docutils.core")
    readme, path = module("_paper.readme"), tmp_path / "README.rst"
    text = f"Title\n=====\n\n{readme.BEGIN}\n\nolder\n\n{readme.END}\n\nThe end.\n"
    path.write_text(text, "utf-8")
    options = ("--experiments", "table_2", "--n-seeds", "2", "--readme", str(path))
    # The recipe of this test has three systems only.
    assert run(None, *options) == 1
    assert "is left as it is: table_2 lacks CMT, ALE, " in capsys.readouterr().err
    assert path.read_text("utf-8") == text
    three = {name: readme.COMPARISON[name] for name in ("SJE", "ESZSL", "CADA-VAE")}
    monkeypatch.setattr(readme, "COMPARISON", three)
    fits.clear()
    assert run(None, *options) == 0
    assert not fits
    written = path.read_text("utf-8")
    assert run(None, *options) == 0
    assert path.read_text("utf-8") == written
    assert written.startswith(text[: text.index("older")])
    assert written.endswith(text[text.index(readme.END) :])
    assert "older" not in written
    assert "2 seeds" in written
    frame = pd.read_csv(tmp_path / "out" / "letters" / "table_2.csv")
    for model, system in three.items():
        line = next(each for each in written.splitlines() if each.startswith(f"{model} "))
        h = frame[frame["model"] == model].set_index("penalty")[["H", "H_std"]]
        cells = [f"{h.H[key]:.1f} ± {h.H_std[key]:.1f}" for key in ("none", "tuned")]
        expected = [f"``{system.class_name}``", system.family]
        expected += [str(system.published["CUB"]["H"]), *cells]
        assert [line.find(cell) for cell in expected] == sorted(line.find(c) for c in expected)
        assert all(cell in line for cell in expected)
    html = docutils.publish_string(written, writer="html", settings_overrides={"halt_level": 2})
    assert html.count(b"<tr") == 4


@pytest.mark.parametrize("text", ["", "{end}\n{begin}\n", "{begin}\n{begin}\n{end}\n"])
def test_a_readme_without_a_place_for_the_table_is_refused(
    run, module, tmp_path, text, capsys, fits
):
    readme, path = module("_paper.readme"), tmp_path / "README.rst"
    path.write_text(text.format(begin=readme.BEGIN, end=readme.END))
    before = path.read_text()
    with pytest.raises(SystemExit, match="2"):
        run(None, "--experiments", "table_2", "--readme", str(path))
    error = capsys.readouterr().err
    assert "has no place for the table" in error
    assert readme.BEGIN in error
    assert path.read_text() == before
    assert not fits


def test_fewer_shots_are_tested_on_the_rows_that_most_shots_leave(save, problem, module):
    runs = module("_paper.runs")
    data, run = module("_paper.data").Xlsa17("TINY", save(problem), MinMaxScaler()), runs.Run
    X, y = data.training_rows(run("TINY", "quick", 3))
    shots, tested = [], []

    class Model:
        def score(self, X, y):
            tested.append({row.tobytes() for row in X})

    for n in (0, 2, 10):
        few = run("TINY", "quick", 3, n_shots=n, held_out_shots=10, label_space="unseen")
        shots.append({row.tobytes() for row in data.add_shots(few, X, y)[0][len(X) :]})
        data.score(Model(), few)
    assert [len(each) for each in shots] == [0, 6, 30]
    assert shots[1] < shots[2]
    assert tested[0] == tested[1] == tested[2]
    assert not tested[0] & shots[2]


def test_what_the_data_do_not_allow_is_said(module):
    runs = module("_paper.runs")
    experiments, notes = runs.select(runs.EXPERIMENTS, runs.Facts("TINY", "", ("attributes",), 6))
    assert experiments == ["table_1", "table_2", "figure_4", "figure_5", "figure_6"]
    assert notes[0] == "figure_3 left out: there is no side information besides the attributes"
    assert notes[2] == "part of figure_6 left out: 10 shots, an unseen class has 6 row(s)"


def test_the_softmax_is_trained_as_long_as_by_the_authors(module):
    runs = module("_paper.runs")
    epochs = {("SUN", "all", 0): 21, ("AWA1", "all", 10): 100, ("OTHER", "unseen", 2): 31}
    for (dataset, label_space, n), expected in epochs.items():
        few = runs.Run(dataset, "full", 0, n_shots=n, label_space=label_space)
        assert runs.RECIPES["full"].make_softmax(few).max_iter == expected


def test_wrong_input_is_said_before_any_run(run, save, problem, tmp_path, module, capsys, fits):
    (tmp_path / "empty").mkdir()
    folder, other = save(problem), save(problem, "OTHER")
    stores = [tmp_path / "out" / name / "runs.csv" for name in ("TINY", "OTHER")]
    run_of_others = module("_paper.runs").Run("", "", 0)
    for store in stores:
        module("_paper.campaign").Store(store, "others").add(run_of_others, {})
    stores[0].write_text("other,columns\n")
    for data, options, message in [
        (tmp_path / "absent", (), "There is no folder"),
        (tmp_path / "empty", (), "holds no data set"),
        (folder, ("--experiments", "figure_8"), "invalid choice: 'figure_8'"),
        (folder, ("--n-seeds", "0"), "0 is less than 1"),
        (folder, ("--n-jobs", "0"), "n_jobs == 0"),
        (folder, (), "holds no results"),
        (other, (), "holds results of other data"),
        (folder, ("--readme", "README.rst"), "leave --data out"),
        (None, ("--experiments", "table_1", "--readme", "README.rst"), "needs table_2"),
    ]:
        with pytest.raises(SystemExit, match="2"):
            run(data, *options)
        assert message in capsys.readouterr().err
    assert not fits


@pytest.fixture
def imagenet(tmp_path):
    """Write files in the layout of ImageNet: classes 1 to 5 are seen, of 12."""
    h5py = pytest.importorskip("h5py")
    folder, rng = tmp_path / "data", np.random.RandomState(0)
    folder.mkdir()
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


def test_imagenet_beside_other_data_is_tested_on_each_split_in_parts(
    run, imagenet, save, problem, tmp_path, module, monkeypatch, fits, capsys
):
    save(problem)
    monkeypatch.setattr(module("_paper.data"), "CHUNK", 7)
    assert run(imagenet, "--experiments", "figure_7") == 0
    error = capsys.readouterr().err
    assert "all: 1 seen classes and 1 without a vector taken out of 8" in error
    assert "mp500 left out: it has no rows to test on" in error
    frame = pd.read_csv(tmp_path / "out" / "ImageNet" / "figure_7.csv").set_index("split")
    assert list(frame.index) == ["hops2", "all"]
    assert np.isnan(frame["Hit@10"]["hops2"])  # of 7 classes
    model = fits[-1]
    assert model.classes_.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]
    scaler = module("_paper.runs").RECIPES["quick"].scaler
    data = module("_paper.data").load(*module("_paper.data").find_datasets(imagenet)[-1], scaler)
    X = np.concatenate([part.data[:] for part in data.parts])
    y = np.concatenate([part.target for part in data.parts])
    mask = np.isin(y, [6, 7, 8, 10, 11])
    scores = model.decision_function(X[mask])
    for k in (1, 2, 5):
        expected = hit_at_k_score(y[mask], scores, classes=model.classes_, k=k)
        assert frame[f"Hit@{k}"]["all"] == pytest.approx(100 * expected, abs=1e-3)
