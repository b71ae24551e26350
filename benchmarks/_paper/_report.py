"""Tables and figures, from the files of results alone."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from _paper._figures import FIGURES, draw
from _paper._recipes import Recipe
from _paper._store import Store
from _paper._tables import TABLES, Summary

RUNS_FILE = "runs.csv"


def write_reports(
    folder: Path, recipe: Recipe, experiments: Sequence[str]
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Write the table or figure of each experiment that has results.

    Parameters
    ----------
    folder : Path
        That of the data set, named after it, with `RUNS_FILE`.
    recipe : Recipe
        The recipe whose results are shown.
    experiments : sequence of str
        Names, such as "figure_4".

    Returns
    -------
    frames : dict of str to DataFrame
        By experiment the numbers, in percent, that were written as CSV.
    notes : list of str
        What could not be written.
    """
    summary = Summary(folder.name, recipe, Store(folder / RUNS_FILE).results)
    frames = {name: TABLES[name](summary) for name in experiments}
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    notes: list[str] = []
    for name, frame in frames.items():
        frame.round(3).to_csv(folder / f"{name}.csv", index=False)
        if name not in FIGURES or notes:
            continue
        try:
            figure = draw(name, frame, folder.name, recipe.name)
        except ModuleNotFoundError:
            notes.append("figures need matplotlib: pip install matplotlib, and start again")
        else:
            figure.savefig(folder / f"{name}.png", dpi=130)
    return frames, notes


def format_table(title: str, parts: Sequence[pd.DataFrame]) -> str:
    """Lay a table out for the terminal.

    Parameters
    ----------
    title : str
        What it shows.
    parts : sequence of DataFrame
        Its rows, by data set.

    Returns
    -------
    str
        For each metric "mean ± standard deviation", the published value and the difference, as far
        as there are.
    """
    table = pd.concat(parts, ignore_index=True)
    metrics = [str(c).removesuffix("_std") for c in table if str(c).endswith("_std")]
    shown = table[[column for column in ("dataset", "model") if column in table]].copy()
    for metric in metrics:
        means = zip(table[metric], table[f"{metric}_std"], strict=True)
        shown[metric] = [_measured(mean, std) for mean, std in means]
        if table[f"{metric}_published"].notna().any():
            shown[f"{metric} paper"] = table[f"{metric}_published"].map(_one_digit)
            shown[f"{metric} diff."] = table[f"{metric}_difference"].map(_signed)
    shown["seeds"] = table["n_seeds"].map("{:.0f}".format)
    return f"{title}\n{shown.to_string(index=False)}"


def _measured(mean: float, std: float) -> str:
    return _one_digit(mean) + (f" ± {std:.1f}" if pd.notna(std) else "")


def _one_digit(value: float) -> str:
    return f"{value:.1f}" if pd.notna(value) else ""


def _signed(value: float) -> str:
    return f"{value:+.1f}" if pd.notna(value) else ""
