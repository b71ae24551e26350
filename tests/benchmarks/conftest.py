"""The commands as modules, and data sets of seconds."""

import importlib
from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from sklearn.base import clone

from skcada.datasets import make_gzsl_classification

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def module(monkeypatch):
    """Return a function that imports a module of the folder, by its name there."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


def shorten(make):
    """Give a system settings, so that it has nothing to choose, and small networks."""
    if isinstance(make, partial):
        (transformer,) = make.args
        names = transformer.get_params()
        sizes = {name: 16 for name in names if name.endswith("_layers") or name == "critic_size"}
        return partial(
            make.func, clone(transformer).set_params(max_iter=2, **sizes), **make.keywords
        )
    settings = {"max_iter": 2, "feature_regularization": 1.0, "embedding_regularization": 1.0}
    settings |= {"regularization": 1.0, "similarity_scale": 1.0}
    parameters = signature(make).parameters
    if "tol" in parameters:
        del settings["max_iter"]  # it is to converge
    return partial(make, **{key: settings[key] for key in settings if key in parameters})


@pytest.fixture
def cheap(module, monkeypatch):
    """Let recipes take a fraction of a second per VAE, with two systems, which choose nothing."""
    kinds = ("feature_encoder", "feature_decoder", "embedding_encoder", "embedding_decoder")
    vae = {"max_iter": 2} | {f"{kind}_layers": 16 for kind in kinds}
    grids = {"latent_sizes": (4, 64), "per_seen": (4, 200), "ratios": (0.5, 2)}
    recipes = module("_paper.runs").RECIPES
    systems = {
        name: system._replace(make=shorten(system.make))
        for name, system in module("_systems").SYSTEMS.items()
    }
    monkeypatch.setattr(module("_speed.parts"), "SYSTEMS", systems)
    two = {name: systems[name] for name in ("SJE", "ESZSL")}
    for name, recipe in recipes.items():
        parts = {"vae": recipe.vae | vae, "softmax": recipe.softmax | {"max_iter": 1}}
        parts["systems"] = two
        monkeypatch.setitem(recipes, name, replace(recipe, n_seeds=1, **parts, **grids))
    monkeypatch.setattr(module("_paper.runs"), "IMAGENET_VAE", {"batch_size": 64})
    module("_paper.data").load.cache_clear()


@pytest.fixture
def every_system(cheap, module, monkeypatch):
    """Let recipes have all systems, as short as the two."""
    recipes = module("_paper.runs").RECIPES
    for name, recipe in recipes.items():
        systems = module("_speed.parts").SYSTEMS
        monkeypatch.setitem(recipes, name, replace(recipe, systems=systems))


@pytest.fixture(scope="session")
def problem():
    sizes = {"n_features": 8, "n_seen_classes": 8, "n_unseen_classes": 3, "n_attributes": 5}
    return make_gzsl_classification(n_samples=260, **sizes, random_state=0)


@pytest.fixture
def save(tmp_path):
    """Return a function that writes a generated problem in the xlsa17 format."""

    def write(problem, name="TINY"):
        folder = tmp_path / "data" / name
        folder.mkdir(parents=True, exist_ok=True)
        places = ("trainval", "test_seen", "test_unseen")
        common = {f"{key}_loc": problem[key][:, None] + 1 for key in places}
        common["allclasses_names"] = np.array([[f"class {i:02d}"] for i in range(11)], dtype=object)
        labels, attributes = problem["target"][:, None] + 1, problem["class_embeddings"].to_numpy()
        savemat(folder / "res101.mat", {"features": problem["data"].T, "labels": labels})
        savemat(folder / "att_splits.mat", common | {"att": attributes.T})
        savemat(folder / "sent_splits.mat", common | {"att": attributes.T[::-1] ** 2})
        return folder

    return write
