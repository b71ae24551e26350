"""The table of systems in the README, between two comments that stay."""

from pathlib import Path
from textwrap import fill

import pandas as pd
from _command_line import format_rst_table
from _systems import COMPARISON, PUBLISHED_FEATURES

BEGIN, END = ".. table of systems: begin", ".. table of systems: end"
HEADER = ["system", "class", "family", "CUB, published", "letters", "letters, tuned"]
NOTES = (
    "The numbers are H, the harmonic mean of the accuracies on seen and on unseen classes, in "
    "percent. What was published for CUB is from Table 2 of the CADA-VAE paper (of SAE, which "
    f"is not in it, from Xian et al., 2018). It is for {PUBLISHED_FEATURES} features, and other "
    "features cannot be expected to reach it. The "
    'letters are those of ``load_accented_letters``{seeds}. "Tuned" is with the penalty on seen '
    "classes that ``TunedSeenPenaltyClassifierCV`` chose on training rows.{absent} On other data "
    "the order of the systems may be another one. A transformer makes a system of "
    '``GZSLClassifier``, ReViSE with ``classifier="similarity"``. This '
    "measures the numbers and writes the table::"
)
WIDTH = 105
PENALTIES = "none", "tuned"


def split(path: Path) -> tuple[str, str]:
    """Return the text before and after the table; refuse a file without the two comments."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    places = [[i for i, line in enumerate(lines) if line.strip() == mark] for mark in (BEGIN, END)]
    if list(map(len, places)) != [1, 1] or places[0] > places[1]:
        raise ValueError(
            f"'{path}' has no place for the table. It needs the line '{BEGIN}' and below it the "
            f"line '{END}', each once."
        )
    return "".join(lines[: places[0][0]]), "".join(lines[places[1][0] + 1 :])


def write(path: Path, frame: pd.DataFrame, recipe: str) -> None:
    """Replace the table by that of the results of Table 2 on the letters; refuse a part of them.

    Tuned penalties, which take most of the time, may be missing.
    """
    before, after = split(path)
    if missing := [model for model in COMPARISON if not _cell(frame, model, "none")]:
        raise ValueError(f"'{path}' is left as it is: table_2 lacks {', '.join(missing)}.")
    table = format_systems(frame, recipe)
    path.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}\n{after}", "utf-8")


def format_systems(frame: pd.DataFrame, recipe: str) -> str:
    """Return the table and what is to be known of it, in reStructuredText."""
    lines = [HEADER]
    for model, system in COMPARISON.items():
        cells = [f"{system.published['CUB']['H']:.1f}"]
        cells += [_cell(frame, model, penalty) or "--" for penalty in PENALTIES]
        lines.append([model, f"``{system.class_name}``", system.family, *cells])
    option = " --quick" if recipe == "quick" else ""
    command = f"    python benchmarks/paper.py{option} --experiments table_2 --readme README.rst"
    absent = " ``--`` is not measured." * any("--" in line for line in lines)
    notes = NOTES.format(seeds=_seeds(frame), absent=absent)
    notes = fill(notes, WIDTH, break_on_hyphens=False)
    return "\n".join([format_rst_table(lines), "", notes, "", command])


def _seeds(frame: pd.DataFrame) -> str:
    if frame.empty:
        return " (not measured yet)"
    n = sorted(set(frame["n_seeds"]))
    if n == [1]:
        return " (one seed)"
    return f" (mean ± one standard deviation of {' to '.join(map(str, n))} seeds)"


def _cell(frame: pd.DataFrame, model: str, penalty: str) -> str:
    """Return H with its deviation as text, or nothing if there is none."""
    if frame.empty:
        return ""
    rows = frame[(frame["model"] == model) & (frame["penalty"] == penalty)].dropna(subset="H")
    if rows.empty:
        return ""
    mean, deviation = rows[["H", "H_std"]].iloc[0]
    return f"{mean:.1f}" if pd.isna(deviation) else f"{mean:.1f} ± {deviation:.1f}"
