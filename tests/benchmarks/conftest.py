"""A campaign that takes seconds."""

import importlib
from dataclasses import replace

import pytest
from tiny_campaign import BENCHMARKS, N_SEEN, N_UNSEEN, module, save

from skcada.datasets import make_gzsl_classification


@pytest.fixture
def paper(monkeypatch):
    """Return the script as a module, with a recipe that takes a fraction of a second a VAE."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = importlib.import_module("paper")
    cheap = replace(
        module("_recipes").RECIPES["quick"],
        vae={
            "max_iter": 2,
            **{
                f"{kind}_{part}_layers": (16,)
                for kind in ("feature", "embedding")
                for part in ("encoder", "decoder")
            },
        },
        softmax={"max_iter": 1},
        n_seeds=1,
        latent_sizes=(4, 64),
        per_seen=(4, 200),
        ratios=(0.5, 2),
    )
    monkeypatch.setitem(module("_recipes").RECIPES, "quick", cheap)
    monkeypatch.setattr(module("_recipes"), "_IMAGENET", {"batch_size": 64})
    module("_sources").load.cache_clear()
    return script


@pytest.fixture(scope="session")
def problem():
    return make_gzsl_classification(
        n_samples=260,
        n_features=8,
        n_seen_classes=N_SEEN,
        n_unseen_classes=N_UNSEEN,
        n_attributes=5,
        random_state=0,
    )


@pytest.fixture
def folder(tmp_path, problem):
    return save(tmp_path / "TINY", problem)


@pytest.fixture
def run(paper, tmp_path):
    """Run the command, quick, and return its exit status; results are in `tmp_path / "out"`."""

    def run_command(data, *options):
        return paper.main(
            ["--data", str(data), "--output", str(tmp_path / "out"), "--quick", *options]
        )

    return run_command
