"""Execution of runs, and their results in a CSV file that survives interruptions."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _systems import PUBLISHED_FEATURES
from joblib import Parallel, delayed
from sklearn.frozen import FrozenEstimator

from _paper.curves import Curve, average
from _paper.data import HITS, ImageNet, Scores
from _paper.runs import Recipe, Row, Run
from skcada import GZSLClassifier
from skcada.model_selection import TunedSeenPenaltyClassifierCV

KEYS = [field.name for field in fields(Run)]
METRICS = ["S", "U", "H", "T1", *(f"Hit@{k}" for k in HITS)]
# What Table 2 has besides: seconds are of the fit alone, with those of the VAE.
DETAILS = ["AUSUC", "fit_seconds"]
# Seconds of the VAE, which several runs share, and of the run besides it.
NUMBERS = [*METRICS, *DETAILS, "vae_seconds", "seconds"]
FINGERPRINT = "data"
FAILURES = (ValueError, RuntimeError, OSError, MemoryError)
Results = dict[tuple[str, ...], dict[Any, float]]
Curves = dict[tuple[str, ...], Curve]


class Outcome(NamedTuple):
    """A run with its scores, or with why it failed."""

    run: Run
    scores: Scores
    failure: str = ""
    curve: Curve | None = None


class RunFile:
    """A CSV file with one line per run, which need not exist; that of other data is refused."""

    def __init__(self, path: Path, fingerprint: str, columns: Sequence[str]) -> None:
        self.path, self.fingerprint = path, fingerprint
        self.columns = [*KEYS, *columns, FINGERPRINT]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        # A line without an end was interrupted: its last number may lack digits.
        whole = text[: text.rfind("\n") + 1] or ",".join(self.columns) + "\n"
        if whole != text:
            path.write_text(whole, "utf-8")
        # As text: a data set may be called "NA", and numbers are to keep all digits.
        self.frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        is_readable = list(self.frame.columns) == self.columns
        if not is_readable or not self.frame[FINGERPRINT].isin([fingerprint]).all():
            what = "results of other data than these" if is_readable else "no results"
            raise ValueError(f"'{path}' holds {what}. Move it away, or pass another --output.")
        self.keys: list[Any] = list(self.frame[KEYS].itertuples(index=False, name=None))

    def append(self, run: Run, values: Mapping[str, Any]) -> pd.DataFrame:
        """Append the line of a run, and return it."""
        keys = dict(zip(KEYS, run.key, strict=True))
        line = {**keys, **values, FINGERPRINT: self.fingerprint}
        frame = pd.DataFrame([line], columns=self.columns)
        frame.to_csv(self.path, mode="a", header=False, index=False)
        return frame


class Store:
    """The results of one data set, and beside their file that of the curves of Table 2."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path = path
        self._runs = RunFile(path, fingerprint, NUMBERS)
        # A curve is two lists of numbers in one line: a line is written as a whole or not at all.
        self._curves = RunFile(path.with_name("curves.csv"), fingerprint, Curve._fields)
        numbers = self._runs.frame[NUMBERS].map(lambda text: float(text or "nan"))
        records = numbers.to_dict("records")
        self.results: Results = dict(zip(self._runs.keys, records, strict=True))
        lists = self._curves.frame[list(Curve._fields)].map(
            lambda text: np.array(text.split(), float)
        )
        curves = (Curve(*row) for row in lists.itertuples(index=False))
        # An interrupted run may have left its curve alone.
        pairs = zip(self._curves.keys, curves, strict=True)
        self.curves: Curves = {key: curve for key, curve in pairs if key in self.results}

    def add(self, run: Run, scores: Scores, curve: Curve | None = None) -> None:
        """Append the result of a run."""
        if curve:
            # First, so that a run that counts as finished has its curve.
            lists = {
                name: " ".join(map("{:.4f}".format, each)) for name, each in curve._asdict().items()
            }
            self._curves.append(run, lists)
            self.curves[run.key] = curve
        frame = self._runs.append(run, scores)
        self.results[run.key] = frame[NUMBERS].astype(float).iloc[0].to_dict()


def summarize(rows: Iterable[Row], results: Results, details: Sequence[str] = ()) -> pd.DataFrame:
    """Average the results of runs over the seeds, in percent, beside the published values.

    `details` are further columns of results.
    """
    names, records = [*METRICS, *details], []
    for run, identity, published in rows:
        if run.key in results:
            record = {**identity, "seed": run.seed}
            record |= {f"{name}_published": value for name, value in published.items()}
            if published:
                record["published_with"] = f"{PUBLISHED_FEATURES} features"
            for name in names:
                # T1 of CADA-VAE is that of a softmax of unseen classes, which gives nothing else.
                if not run.has_vae or (name == "T1") == (run.label_space == "unseen"):
                    factor = 1 if name == "fit_seconds" else 100
                    record[name] = factor * results[run.key][name]
            records.append(record)
    if not records:
        return pd.DataFrame()
    frame = pd.DataFrame(records)
    groups = frame.groupby(list(identity), sort=False)
    columns: dict[str, pd.Series] = {}
    for name in names:
        if name in frame and frame[name].notna().any():
            columns |= {name: groups[name].mean(), f"{name}_std": groups[name].std()}
            if f"{name}_published" in frame:
                columns[f"{name}_published"] = groups[f"{name}_published"].first()
                columns[f"{name}_difference"] = columns[name] - columns[f"{name}_published"]
    if "published_with" in frame:
        columns["published_with"] = groups["published_with"].first()
    return pd.DataFrame(columns | {"n_seeds": groups["seed"].nunique()}).reset_index()


def average_curves(rows: Iterable[Row], curves: Curves) -> dict[str, Curve]:
    """Average the curves of runs over the seeds, by model."""
    by_model: dict[str, list[Curve]] = {}
    for run in dict.fromkeys(row.run for row in rows):
        if run.key in curves:
            by_model.setdefault(run.model, []).append(curves[run.key])
    return {model: average(each) for model, each in by_model.items()}


def execute(
    data: Any, runs: Iterable[Run], recipe: Recipe, n_jobs: int = 1, bars: Sequence[Any] = ()
) -> Iterator[Outcome]:
    """Execute runs; one process yields each outcome at once, several those of a VAE together."""
    n_vae_fields = KEYS.index("latent_size") + 1
    groups: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(run.key[:n_vae_fields], []).append(run)
    if n_jobs == 1:
        for group in groups.values():
            yield from _execute_group(data, group, recipe, bars)
        return
    tasks = (delayed(_list_outcomes)(data, group, recipe) for group in groups.values())
    for outcomes in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks):
        yield from outcomes


def _list_outcomes(*arguments: Any) -> list[Outcome]:
    return list(_execute_group(*arguments))


def _execute_group(
    data: Any, group: Sequence[Run], recipe: Recipe, bars: Sequence[Any] = ()
) -> Iterator[Outcome]:
    """Execute runs of one model, which share a VAE unless folds have to train more of them."""
    first, vae_seconds = replace(group[0], split=""), 0.0
    is_shared = first.has_vae and not first.is_tuned
    transformer: Any = None
    if first.has_vae:
        transformer = recipe.make_transformer(first, is_imagenet=isinstance(data, ImageNet))
    try:
        X, y = data.training_rows(first)
        if is_shared:
            started = time.perf_counter()
            transformer.set_callbacks(*bars).fit(X, y, data.class_embeddings(first))
            transformer = FrozenEstimator(transformer)
            vae_seconds = time.perf_counter() - started
    except FAILURES as error:
        yield from (Outcome(run, {}, repr(error)) for run in group)
        return
    for run in group:
        started = time.perf_counter()
        model = _make_model(data, run, recipe, transformer)
        if not is_shared:
            model.set_callbacks(*bars)
        try:
            rows = data.add_shots(run, X, y) if run.n_shots else (X, y)
            model.fit(*rows)
            fit_seconds = vae_seconds + time.perf_counter() - started
            scores = data.score(model, run)
            curve = data.curve(model, run) if run.has_curve else None
        except FAILURES as error:
            # One run that fails is no reason to give up a campaign of days.
            yield Outcome(run, {}, repr(error))
        else:
            seconds = {"seconds": time.perf_counter() - started, "fit_seconds": fit_seconds}
            scores = {**scores, "vae_seconds": vae_seconds, **seconds}
            yield Outcome(run, scores, curve=curve)


def _make_model(data: Any, run: Run, recipe: Recipe, transformer: Any) -> Any:
    """Return the classifier of a run; `transformer` is its VAE, if it has one."""
    options: dict[str, Any] = {
        "class_embeddings": data.class_embeddings(run),
        "unseen_classes": data.unseen_classes,
        "label_space": run.label_space,
        "random_state": run.seed,
    }
    if run.has_vae:
        model = GZSLClassifier(
            transformer,
            classifier=recipe.make_softmax(run),
            samples_per_class=(run.per_seen, run.per_unseen),
            resample=run.dynamic,
            **options,
        )
    else:
        model = recipe.systems[run.model].make(**options)
    return TunedSeenPenaltyClassifierCV(model, random_state=run.seed) if run.is_tuned else model
