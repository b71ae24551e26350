"""The numbers of each table and figure, from the results of runs alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from _paper import _published
from _paper._recipes import Recipe
from _paper._runs import DYNAMIC_RATIO, MODELS, SHOTS, Run, latents_per_unseen, zero_shot
from _paper._store import HITS, Scores

ACCURACIES = ("S", "U", "H")


class Summary:
    """Means and standard deviations over the seeds of one recipe.

    Parameters
    ----------
    dataset : str
        The data set.
    recipe : Recipe
        The recipe; results of others are left out.
    results : mapping of Run to dict
        The results.
    """

    def __init__(self, dataset: str, recipe: Recipe, results: Mapping[Run, Scores]) -> None:
        self.recipe = recipe
        self.base = Run(dataset, recipe.name, seed=0)
        self._by_run: dict[Run, list[Scores]] = {}
        # In the order of the seeds: the mean of the same numbers must not depend on when they came.
        for run in sorted(results, key=lambda run: run.seed):
            if run.recipe == recipe.name:
                self._by_run.setdefault(replace(run, seed=0), []).append(results[run])

    @property
    def runs(self) -> list[Run]:
        """Runs that have results, with the seed 0."""
        return list(self._by_run)

    def of(self, run: Run, metrics: Sequence[str]) -> dict[str, float]:
        """Return mean and standard deviation of each metric in percent; {} without results."""
        results = self._by_run.get(replace(run, seed=0))
        if results is None:
            return {}
        columns: dict[str, float] = {}
        for metric in metrics:
            values = 100 * np.array([scores.get(metric, np.nan) for scores in results])
            columns[metric] = values.mean()
            columns[f"{metric}_std"] = values.std(ddof=1) if len(values) > 1 else np.nan
        return columns | {"n_seeds": len(results)}


def _frame(rows: Sequence[tuple[dict[str, Any], dict[str, float]]]) -> pd.DataFrame:
    """Join what identifies a row with its numbers, and leave out rows without any."""
    return pd.DataFrame([identity | numbers for identity, numbers in rows if numbers])


def _compare(numbers: dict[str, float], published: Mapping[str, float]) -> dict[str, float]:
    """Put the published value and the difference beside each metric."""
    compared: dict[str, float] = {}
    for column, value in numbers.items():
        compared[column] = value
        if column.endswith("_std"):
            metric = column.removesuffix("_std")
            compared[f"{metric}_published"] = published.get(metric, np.nan)
            compared[f"{metric}_difference"] = numbers[metric] - published.get(metric, np.nan)
    return compared


def _table_1(summary: Summary) -> pd.DataFrame:
    dataset = summary.base.dataset
    return _frame(
        [
            (
                {"dataset": dataset, "model": model},
                _compare(
                    summary.of(replace(summary.base, model=model), ACCURACIES),
                    _published.TABLE_1.get((dataset, model), {}),
                ),
            )
            for model in MODELS
        ]
    )


def _table_2(summary: Summary) -> pd.DataFrame:
    dataset, base = summary.base.dataset, summary.base
    numbers = summary.of(base, ACCURACIES)
    proper = summary.of(zero_shot(base), ["T1"])
    n_seeds = min((part["n_seeds"] for part in (numbers, proper) if part), default=0)
    if numbers or proper:
        numbers = numbers | proper | {"n_seeds": n_seeds}
    compared = _compare(numbers, _published.TABLE_2.get(dataset, {}))
    return _frame([({"dataset": dataset}, compared)])


def _figure_3(summary: Summary) -> pd.DataFrame:
    """List the kinds first, then the shares, whose ends are two of the kinds."""
    sides = dict.fromkeys(run.side for run in summary.runs if run.share == 100 and not run.split)
    rows = [
        ({"panel": "kinds", "side": side, "share": 100}, replace(summary.base, side=side))
        for side in sorted(sides, key=lambda side: side.count("+"))
    ]
    partial = {run.side for run in summary.runs if run.share != 100}
    for side in sorted(partial):
        for share in summary.recipe.shares:
            run = replace(summary.base, side=side, share=share) if share else summary.base
            rows.append(({"panel": "shares", "side": side, "share": share}, run))
    if len(sides) < 2:
        return _frame([])
    return _frame([(identity, summary.of(run, ACCURACIES)) for identity, run in rows])


def _figure_4(summary: Summary) -> pd.DataFrame:
    return _frame(
        [
            ({"latent_size": size}, summary.of(replace(summary.base, latent_size=size), ACCURACIES))
            for size in summary.recipe.latent_sizes
        ]
    )


def _figure_5(summary: Summary) -> pd.DataFrame:
    rows = []
    for ratio in summary.recipe.ratios:
        for dynamic in [False] + [True] * (ratio == DYNAMIC_RATIO):
            for per_seen in summary.recipe.per_seen:
                per_unseen = latents_per_unseen(per_seen, ratio)
                identity = {
                    "ratio": ratio,
                    "set": "dynamic" if dynamic else "static",
                    "per_seen": per_seen,
                    "per_unseen": per_unseen,
                }
                run = replace(
                    summary.base, per_seen=per_seen, per_unseen=per_unseen, dynamic=dynamic
                )
                rows.append((identity, summary.of(run, ACCURACIES)))
    return _frame(rows)


def _figure_6(summary: Summary) -> pd.DataFrame:
    held_out = max((run.held_out_shots for run in summary.runs), default=0)
    sides = dict.fromkeys(run.side for run in summary.runs if run.held_out_shots)
    published = _published.FIGURE_6.get(summary.base.dataset, {})
    rows = []
    for side in sides:
        for model in MODELS:
            for n_shots in SHOTS:
                run = replace(
                    summary.base,
                    model=model,
                    side=side,
                    n_shots=n_shots,
                    held_out_shots=held_out,
                )
                numbers = summary.of(run, ACCURACIES)
                value = published.get(model, {}).get(n_shots, np.nan)
                known = {"H": value} if side == "attributes" else {}
                proper = summary.of(zero_shot(run), ["T1"])
                compared = _compare(numbers, known) | proper
                rows.append(({"side": side, "model": model, "n_shots": n_shots}, compared))
    return _frame(rows)


def _figure_7(summary: Summary) -> pd.DataFrame:
    metrics = [f"Hit@{k}" for k in HITS]
    runs = [run for run in summary.runs if run.split]
    return _frame([({"split": run.split}, summary.of(run, metrics)) for run in runs])


TABLES: dict[str, Callable[[Summary], pd.DataFrame]] = {
    "table_1": _table_1,
    "table_2": _table_2,
    "figure_3": _figure_3,
    "figure_4": _figure_4,
    "figure_5": _figure_5,
    "figure_6": _figure_6,
    "figure_7": _figure_7,
}
