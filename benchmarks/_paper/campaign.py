"""Execution of runs, and their results in a CSV file that survives interruptions."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed
from sklearn.frozen import FrozenEstimator

from _paper.data import HITS, ImageNet, Scores
from _paper.runs import Recipe, Row, Run
from skcada import GZSLClassifier

KEYS = [field.name for field in fields(Run)]
METRICS = ["S", "U", "H", "T1", *(f"Hit@{k}" for k in HITS)]
# Seconds of the VAE, which several runs share, and of the run besides it.
NUMBERS = [*METRICS, "AUSUC", "vae_seconds", "seconds"]
FINGERPRINT = "data"
COLUMNS = [*KEYS, *NUMBERS, FINGERPRINT]
FAILURES = (ValueError, RuntimeError, OSError, MemoryError)
Results = dict[tuple[str, ...], dict[Any, float]]
# A run with its scores, or with why it failed.
Outcome = tuple[Run, Scores, str]


class Store:
    """The file of results of one data set, which need not exist; those of others are refused."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path, self.fingerprint = path, fingerprint
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        # A line without an end was interrupted: its last number may lack digits.
        whole = text[: text.rfind("\n") + 1] or ",".join(COLUMNS) + "\n"
        if whole != text:
            path.write_text(whole, "utf-8")
        # As text at first: a data set may be called "NA", and numbers are to keep all digits.
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        is_readable = list(frame.columns) == COLUMNS
        if not is_readable or not frame[FINGERPRINT].isin([fingerprint]).all():
            what = "results of other data than these" if is_readable else "no results"
            raise ValueError(f"'{path}' holds {what}. Move it away, or pass another --output.")
        numbers = frame[NUMBERS].map(lambda text: float(text or "nan"))
        keys: Iterable[Any] = frame[KEYS].itertuples(index=False, name=None)
        self.results: Results = dict(zip(keys, numbers.to_dict("records"), strict=True))

    def add(self, run: Run, scores: Scores) -> None:
        """Append the result of a run."""
        line = dict(zip(KEYS, run.key, strict=True)) | scores | {FINGERPRINT: self.fingerprint}
        frame = pd.DataFrame([line], columns=COLUMNS)
        frame.to_csv(self.path, mode="a", header=False, index=False)
        self.results[run.key] = frame[NUMBERS].astype(float).iloc[0].to_dict()


def summarize(rows: Iterable[Row], results: Results) -> pd.DataFrame:
    """Average the results of runs over the seeds, in percent, beside the published values."""
    records = []
    for run, identity, published in rows:
        if run.key in results:
            # T1 counts only where the classifier knows unseen classes only.
            names = [name for name in METRICS if name != "T1" or run.label_space == "unseen"]
            record = {**identity, "seed": run.seed}
            record |= {f"{name}_published": value for name, value in published.items()}
            records.append(record | {name: 100 * results[run.key][name] for name in names})
    if not records:
        return pd.DataFrame()
    frame = pd.DataFrame(records)
    groups = frame.groupby(list(identity), sort=False)
    columns: dict[str, pd.Series] = {}
    for name in METRICS:
        if name in frame and frame[name].notna().any():
            columns |= {name: groups[name].mean(), f"{name}_std": groups[name].std()}
            if f"{name}_published" in frame:
                columns[f"{name}_published"] = groups[f"{name}_published"].first()
                columns[f"{name}_difference"] = columns[name] - columns[f"{name}_published"]
    return pd.DataFrame(columns | {"n_seeds": groups["seed"].nunique()}).reset_index()


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
    """Execute runs that share a VAE."""
    first = replace(group[0], split="")
    started = time.perf_counter()
    transformer = recipe.make_transformer(first, is_imagenet=isinstance(data, ImageNet))
    transformer.set_callbacks(*bars)
    try:
        X, y = data.training_rows()
        vae = FrozenEstimator(transformer.fit(X, y, data.class_embeddings(first)))
    except FAILURES as error:
        yield from ((run, {}, repr(error)) for run in group)
        return
    vae_seconds = time.perf_counter() - started
    for run in group:
        started = time.perf_counter()
        model = GZSLClassifier(
            vae,
            classifier=recipe.make_softmax(run),
            class_embeddings=data.class_embeddings(run),
            samples_per_class=(run.per_seen, run.per_unseen),
            resample=run.dynamic,
            label_space=run.label_space,
            random_state=run.seed,
            unseen_classes=data.unseen_classes,
        )
        try:
            rows = data.add_shots(run, X, y) if run.n_shots else (X, y)
            scores = data.score(model.fit(*rows), run)
        except FAILURES as error:
            # One run that fails is no reason to give up a campaign of days.
            yield run, {}, repr(error)
        else:
            seconds = time.perf_counter() - started
            yield run, {**scores, "vae_seconds": vae_seconds, "seconds": seconds}, ""
