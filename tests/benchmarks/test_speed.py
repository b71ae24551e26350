"""The speed benchmark in tiny sizes, and that what it compares computes the same."""

import pandas as pd
import pytest
import torch

from skcada._nn import RECONSTRUCTION_ERRORS, LossWeights, loss_terms


@pytest.fixture
def transformer(module):
    sizes = module("_speed.parts").SIZES["quick"]
    return sizes.one_epoch().fit(*sizes.data())


def test_the_plain_loop_has_the_loss_and_gradients_of_skcada(module, transformer):
    X, y, attributes = module("_speed.parts").SIZES["quick"].data()
    network = transformer.network_
    weights = {"beta": 0.25, "gamma": 2.37, "delta": 8.13}
    rng = torch.Generator().manual_seed(0)
    # Away from initialisation, where log-variances are near 0 and one could stand for another.
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=rng))
    plain = module("_speed.baselines").PlainVAE(network)
    x, a = torch.from_numpy(X[:50]), torch.from_numpy(attributes[y[:50]])
    noise = [torch.randn(50, 1, generator=rng) for _ in range(2)]
    loss = plain.loss(x, a, noise, **weights)
    options = {"reconstruction_error": RECONSTRUCTION_ERRORS["l1"], "noise_kind": "official"}
    weights = LossWeights(**weights)
    inputs, draws = {0: x, 1: a}, dict(enumerate(noise))
    expected = loss_terms(network, inputs, draws, weights, **options).total(weights)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)
    loss.backward()
    expected.backward()
    mine, its = ([p.grad.abs().sum().item() for p in n.parameters()] for n in (plain, network))
    assert sorted(mine) == pytest.approx(sorted(its), rel=1e-4)


def test_the_floor_has_every_product_of_a_step(module, transformer):
    floor = module("_speed.baselines").StepFloor(transformer.network_, 50, torch.float32)
    linear = [m for m in transformer.network_.modules() if isinstance(m, torch.nn.Linear)]
    # Forward, and the gradients of weights and inputs, but not of the data.
    assert len(floor.products) == 3 * len(linear) - 2
    assert {layer.weight.shape for layer in linear} <= {made.shape for *_, made in floor.products}


def test_ratios_are_of_the_minima(module):
    measures = module("_speed.measures")
    numbers = {"plain": [8.0, 9.0], "skcada": [5.0, 4.0], "floor": [1.0, 3.0]}
    options = {"plain": "plain", "floors": {"skcada": "floor"}, "bound": 16.0, "sizes": [1, 2, 4]}
    frame = measures.tabulate("s", numbers, **options).set_index("case")
    assert frame["minimum"].tolist() == [8, 4, 1]
    assert frame["median"].tolist() == [8.5, 4.5, 2]
    assert frame["plain/this"].tolist() == [1, 2, 8]
    assert frame["floor/this"].dropna().to_dict() == {"skcada": 0.25}
    assert frame["this/bound"].tolist() == [0.5, 0.25, 0.0625]
    assert frame["this/linear"].tolist() == [1, 0.25, 0.03125]
    assert frame.loc["floor", "numbers"] == "1 3"


@pytest.mark.usefixtures("cheap")
def test_all_parts_report_their_ratios(module, save, problem, tmp_path, capsys):
    output = tmp_path / "speed.csv"
    options = ["--quick", "--rounds", "1", "--n-seeds", "2", "--data", str(save(problem))]
    assert module("speed").main([*options, "--output", str(output)]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    frame = pd.read_csv(output)
    parts = dict(list(frame.groupby("part", sort=False)))
    assert list(parts) == list(module("speed").PARTS)
    ratios = {"step": "plain/this", "large-step": "floor/this", "fit": "plain/this"}
    ratios |= {"predict": "floor/this", "search": "floor/this", "memory": "this/bound"}
    ratios |= {"ranking": "floor/this"}
    for part, ratio in (ratios | {"growth": "this/linear"}).items():
        assert parts[part][ratio].notna().any()
        assert ratio in shown.out
    assert list(parts["systems"]["case"]) == list(module("_systems").SYSTEMS)
    numbers = parts["accuracy"]["numbers"].str.split()
    assert numbers.map(len).tolist() == [2] * 2 * 5  # seeds, recipes; time, S, U, H and T1


def test_wrong_arguments_are_said_and_a_part_fails_alone(module, capsys, monkeypatch, tmp_path):
    def fail(settings):
        raise RuntimeError("no memory left")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(module("speed").PARTS, "memory", fail)
    for part, said in (("nothing", "invalid choice: 'nothing'"), ("accuracy", "needs --data")):
        with pytest.raises(SystemExit, match="2"):
            module("speed").main(["--parts", part])
        assert said in capsys.readouterr().err
    options = ["--quick", "--rounds", "1", "--progress", "--parts", "memory", "large-step"]
    assert module("speed").main(options) == 1
    error = capsys.readouterr().err
    assert "speed.py: memory: RuntimeError: no memory left" in error
    assert "floor, bfloat16, round 1" in error
    assert set(pd.read_csv("speed.csv")["part"]) == {"large-step"}


@pytest.mark.parametrize("name", ["VAEFit", "SoftmaxFit", "Inference", "SearchWithMemory"])
def test_benchmarks_of_the_suite_run(module, name):
    benchmark = getattr(module("asv_suite.suite"), name)()
    first = [values[0] for values in benchmark.params]
    benchmark.setup(*first)
    for method in [key for key in vars(type(benchmark)) if key.startswith(("time_", "peakmem_"))]:
        getattr(benchmark, method)(*first)
