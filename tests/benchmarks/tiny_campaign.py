"""Tiny data sets, and what looks into a campaign on them."""

import csv
import importlib
from pathlib import Path

import numpy as np
from scipy.io import savemat

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
N_SEEN, N_UNSEEN = 8, 3


def module(name):
    return importlib.import_module(f"_paper.{name}")


def save(folder, problem, *, sentences=True):
    """Write a generated problem in the xlsa17 format."""
    folder.mkdir(parents=True, exist_ok=True)
    names = np.array([[f"class {i:02d}"] for i in range(N_SEEN + N_UNSEEN)], dtype=object)
    common = {"allclasses_names": names} | {
        f"{key}_loc": problem[key][:, None] + 1 for key in ("trainval", "test_seen", "test_unseen")
    }
    savemat(
        folder / "res101.mat",
        {"features": problem["data"].T, "labels": problem["target"][:, None] + 1},
    )
    attributes = problem["class_embeddings"].to_numpy().T
    savemat(folder / "att_splits.mat", common | {"att": attributes})
    if sentences:
        mixed = np.random.RandomState(0).normal(size=(7, 5)) @ attributes
        savemat(folder / "sent_splits.mat", common | {"att": mixed})
    return folder


def read_runs(path):
    """Return the runs as text, without what differs between two executions."""
    with path.open() as file:
        lines = list(csv.DictReader(file))
    return sorted(
        tuple((key, text) for key, text in line.items() if not key.endswith("seconds"))
        for line in lines
    )


def count_fits(monkeypatch, estimator):
    """Count the fits of a class of estimators from now on."""
    fits, fit = [], estimator.fit

    def counted(self, *args, **options):
        fits.append(self)
        return fit(self, *args, **options)

    monkeypatch.setattr(estimator, "fit", counted)
    return fits


def interrupt_after(monkeypatch, n_runs):
    """Raise what Ctrl-C raises when so many runs were scored."""
    execute_group = module("_execute").execute_group
    left = [n_runs]

    def interrupted(data, group):
        for outcome in execute_group(data, group):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            yield outcome

    monkeypatch.setattr(module("_execute"), "execute_group", interrupted)
