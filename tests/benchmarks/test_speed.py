"""The speed benchmark in tiny sizes, and that what it compares computes the same."""

import importlib
import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.io import savemat

from skcada._nn import RECONSTRUCTION_ERRORS, LossWeights, loss_terms
from skcada.datasets import make_gzsl_classification

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SUITE = ("training", "softmax", "inference", "search")


def module(name):
    return importlib.import_module(f"_speed.{name}")


@pytest.fixture(autouse=True)
def speed(monkeypatch):
    """Return the script as a module."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("speed")


@pytest.fixture
def measured(speed, tmp_path):
    """Return a function that runs some parts and returns the file of results, by case."""

    def run(*parts, arguments=()):
        output = tmp_path / "speed.csv"
        status = speed.main(
            ["--quick", "--rounds", "2", "--output", str(output), "--parts", *parts, *arguments]
        )
        assert status == 0
        return pd.read_csv(output, index_col="case")

    return run


@pytest.fixture
def problem():
    """Return the data of a quick run."""
    return module("_sizes").generate_sized(module("_sizes").QUICK)


@pytest.fixture
def trainer(problem):
    """Return the training loop of the official recipe with a small network."""
    sizes = module("_sizes")
    official = importlib.import_module("_official").OFFICIAL_VAE
    return problem.trainer(sizes.QUICK.transformer(**official))


WEIGHTS = LossWeights(beta=0.25, gamma=2.37, delta=8.13)


@pytest.mark.parametrize(
    "weights", [WEIGHTS, replace(WEIGHTS, gamma=0.0), replace(WEIGHTS, gamma=0.0, delta=0.0)]
)
def test_the_plain_loop_has_the_loss_and_gradients_of_skcada(trainer, weights):
    plain = module("_plain").PlainVAE(trainer.network)
    rng = torch.Generator().manual_seed(0)
    # Away from initialisation, where log-variances are near 0 and one could stand for another.
    with torch.no_grad():
        for mine, its in zip(plain.parameters(), trainer.network.parameters(), strict=True):
            its.add_(0.2 * torch.randn(its.shape, generator=rng))
            mine.copy_(its)
    x = trainer.features[:50]
    a = trainer.embeddings[0][trainer.class_index[:50]]
    noise = tuple(torch.randn(50, 1, generator=rng) for _ in range(2))

    loss = plain.loss(x, a, noise, weights)
    expected = loss_terms(
        trainer.network,
        {0: x, 1: a},
        dict(enumerate(noise)),
        weights,
        reconstruction_error=RECONSTRUCTION_ERRORS["l1"],
        noise_kind="official",
    ).total(weights)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)

    loss.backward()
    expected.backward()
    for mine, its in zip(plain.parameters(), trainer.network.parameters(), strict=True):
        scale = its.grad.abs().max().item()
        torch.testing.assert_close(mine.grad, its.grad, rtol=1e-4, atol=1e-4 * scale)


def test_the_plain_loop_steps_by_the_optimiser_of_skcada(problem, trainer):
    plain = module("_steps").plain_trainer(problem, trainer)
    (mine,), (its,) = plain.optimizer.param_groups, trainer.optimizer.param_groups
    for setting in ("lr", "betas", "eps", "weight_decay", "amsgrad"):
        assert mine[setting] == its[setting]
    # But as research code has it, parameter by parameter.
    assert not mine["fused"]
    assert not mine["foreach"]


def test_the_plain_loop_learns(problem, trainer):
    losses = module("_steps").plain_trainer(problem, trainer).run(60, WEIGHTS)
    assert np.mean(losses[-10:]) < 0.95 * np.mean(losses[:10])


def test_the_plain_softmax_learns():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=300)
    X = (np.eye(3)[y] + 0.1 * rng.standard_normal((300, 3))).astype(np.float32)
    losses = module("_plain").PlainSoftmax(X, y, 32).run(300)
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])


def test_the_floor_has_every_product_of_a_step(trainer):
    floor = module("_floor").StepFloor(trainer.network, 50, torch.float32)
    of_floor = sorted((len(layer.x), *layer.weight.shape) for layer in floor.layers)
    products = []
    for layer in trainer.network.modules():
        if isinstance(layer, torch.nn.Linear):
            layer.register_forward_hook(
                lambda layer, inputs, _: products.append((len(inputs[0]), *layer.weight.shape))
            )
    trainer.features = trainer.features[:50]
    trainer.pattern_of_row = trainer.pattern_of_row[:50]
    trainer.run_epoch(trainer.max_iter - 1)
    assert of_floor == sorted(products)
    # Only the first layers of both encoders need no gradient of their input.
    assert sum(layer.dx is None for layer in floor.layers) == 2


def test_steps_are_compared_with_the_plain_loop_and_the_floor(measured):
    results = measured("step", "large-step")
    assert (results["minimum"] > 0).all()
    assert (results["minimum"] <= results["median"]).all()
    numbers = results["numbers"].str.split().map(lambda texts: [float(text) for text in texts])
    assert numbers.map(min).to_numpy() == pytest.approx(results["minimum"], rel=1e-4)
    assert (numbers.map(len) == 2).all()
    step = results[results["part"] == "step"]
    for precision in ("float32", "bfloat16"):
        skcada = step.loc[f"skcada, {precision}"]
        plain, floor = step.loc["plain loop, float32"], step.loc[f"floor, {precision}"]
        assert skcada["plain/this"] == pytest.approx(plain["minimum"] / skcada["minimum"])
        assert skcada["floor/this"] == pytest.approx(floor["minimum"] / skcada["minimum"])
    assert results[results["part"] == "large-step"]["floor/this"].notna().sum() == 2


def test_whole_fits_are_compared_with_the_plain_loop(measured):
    results = measured("fit")
    assert (results["minimum"] > 0).all()
    assert results.loc["plain loop", "plain/this"] == 1
    assert "extrapolated" in results.loc["plain loop", "note"]
    # 100 epochs of 8 steps and 23 of the softmax cost more than the default recipe's few.
    default = results.index[results.index.str.startswith("skcada, default")]
    assert results.loc[default[0], "plain/this"] > 1


def test_the_extrapolation_counts_the_epochs_without_cross_alignment(trainer):
    # The authors' ramp of gamma starts after epoch 21.
    assert module("_fit")._phases(trainer) == {21: 22, 99: 78}
    assert trainer.weights_at(21).gamma == 0 < trainer.weights_at(22).gamma


def test_prediction_search_and_growth_have_their_ratios(measured):
    results = measured("predict", "search", "growth")
    of_part = dict(list(results.groupby("part")))
    # At least the latents, of 8 float32 numbers, and the scores of 16 classes.
    memory = of_part["predict"].loc["memory above the input, 20000 rows", "minimum"]
    assert 20_000 * (8 + 16) * 4 <= 1e6 * memory < 200e6
    assert of_part["predict"].loc["skcada, 500 rows", "floor/this"] > 0
    assert (of_part["search"]["floor/this"] > 0).all()
    growth = of_part["growth"]
    assert growth.loc["200 rows", "this/linear"] == 1
    assert growth.loc["400 rows", "this/linear"] == pytest.approx(
        growth.loc["400 rows", "minimum"] / growth.loc["200 rows", "minimum"] / 2
    )
    assert np.isfinite(growth.loc["slope over rows", "minimum"])


def test_memory_is_that_of_its_own_process_and_compared_with_a_bound(measured):
    # 480 MB, with which a child process would start its peak by getrusage on Linux.
    ballast = np.ones(60_000_000)
    results = measured("memory")
    above = results.loc["above the features, 400 rows"]
    features = 400 * 64 * 4
    assert above["minimum"] > 0
    assert above["this/bound"] == pytest.approx(
        (features + 1e6 * above["minimum"]) / (1.3 * features + 500e6)
    )
    assert len(ballast)


def test_both_recipes_are_scored_on_a_data_set(measured, tmp_path):
    problem = make_gzsl_classification(
        n_samples=120, n_features=8, n_seen_classes=6, n_unseen_classes=3, random_state=0
    )
    locations = {
        f"{k}_loc": problem[k][:, None] + 1 for k in ("trainval", "test_seen", "test_unseen")
    }
    savemat(
        tmp_path / "res101.mat",
        {"features": problem.data.T, "labels": problem.target[:, None] + 1},
    )
    savemat(
        tmp_path / "att_splits.mat",
        locations | {"att": problem.class_embeddings.to_numpy().T},
    )
    results = measured("accuracy", arguments=["--data", str(tmp_path), "--n-seeds", "2"])
    assert (results["numbers"].str.split().map(len) == 2).all()
    for recipe in ("official", "default"):
        of_recipe = results.filter(like=f"{recipe} recipe", axis="index")
        assert [case.split(", ")[1] for case in of_recipe.index] == ["fit", "S", "U", "H", "T1"]
        assert of_recipe["minimum"].iloc[1:].between(0, 100).all()
        assert of_recipe["minimum"].iloc[0] > 0


def test_the_number_of_threads_is_what_it_was_afterwards():
    before = torch.get_num_threads()
    with module("_timing").threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rounds", "0"], "0 is less than 1"),
        (["--parts", "nothing"], "invalid choice: 'nothing'"),
        (["--parts", "accuracy"], "needs --data"),
        (["--data", "no/such/folder"], "no/such/folder"),
        (["--output", "no/such/folder/speed.csv"], "no/such/folder"),
    ],
)
def test_wrong_arguments_are_said_in_one_line(speed, capsys, arguments, said):
    assert speed.main(["--quick", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert len(output.err.splitlines()) == 1
    assert said in output.err


def test_other_parts_go_on_where_one_fails(speed, capsys, monkeypatch, tmp_path):
    def fail(settings, task):
        raise module("_memory").MeasurementError("no memory left")

    monkeypatch.setitem(speed.PARTS, "memory", fail)
    output = tmp_path / "speed.csv"
    arguments = ["--quick", "--rounds", "1", "--parts", "memory", "large-step"]
    assert speed.main([*arguments, "--output", str(output)]) == 1
    assert "speed.py: memory: no memory left" in capsys.readouterr().err
    assert set(pd.read_csv(output)["part"]) == {"large-step"}


def test_it_is_silent_unless_it_is_asked_for_bars(measured, capsys):
    measured("large-step")
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "SpeedTest" not in shown.out
    measured("large-step", "memory", arguments=["--progress"])
    shown = capsys.readouterr()
    bars = [line for line in shown.out.splitlines() if "SpeedTest" in line]
    assert len(bars) == 4  # the run, two parts, and a comparison in one of them
    assert all("100%" in bar for bar in bars)
    assert "floor, float32" in shown.out


def test_the_script_runs_from_anywhere(tmp_path):
    root = BENCHMARKS.parent
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "speed.py", "--quick", "--rounds", "1", "--parts", "growth"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "slope over rows" in done.stdout
    assert (tmp_path / "speed.csv").exists()


def suite_classes():
    """List the benchmark classes of the suite, by module and name, from its source."""
    for path in sorted((BENCHMARKS / "asv_suite").glob("[a-z]*.py")):
        for line in path.read_text().splitlines():
            if line.startswith("class "):
                yield path.stem, line.removeprefix("class ").split(":")[0]


def test_the_suite_has_all_its_modules():
    assert sorted({name for name, _ in suite_classes()}) == sorted(SUITE)


@pytest.mark.parametrize(("module_name", "class_name"), list(suite_classes()))
def test_benchmarks_of_the_suite_run(module_name, class_name):
    benchmark = getattr(importlib.import_module(f"asv_suite.{module_name}"), class_name)
    assert len(benchmark.params) == len(benchmark.param_names)
    first = next(itertools.product(*benchmark.params))
    methods = [name for name in vars(benchmark) if name.startswith(("time_", "peakmem_"))]
    assert methods
    instance = benchmark()
    instance.setup(*first)
    for method in methods:
        getattr(instance, method)(*first)
