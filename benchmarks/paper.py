"""Rerun every experiment of the CADA-VAE paper (Schönfeld et al., CVPR 2019).

``python benchmarks/paper.py --data FOLDER``; see ``benchmarks/README.rst``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from _command_line import positive, say
from _paper.campaign import DETAILS, Store, execute, summarize
from _paper.data import find_datasets, load
from _paper.figures import draw
from _paper.runs import EXPERIMENTS, RECIPES, Row, Run, list_rows, select
from joblib import effective_n_jobs
from sklearn.callback import ProgressBar

TABLES = {
    "table_1": "Table 1: models with attributes, percent",
    "table_2": "Table 2: all systems with attributes, percent (T1: only unseen classes compete)",
}
# The work on a data set: where it is, its results, rows by experiment, runs to execute.
Part = tuple[Any, Store, dict[str, list[Row]], list[Run]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiments; return 1 if a run failed, 130 if interrupted."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    recipe = "quick" if arguments.quick else "full"
    try:
        n_jobs = effective_n_jobs(arguments.n_jobs)
        bars = [ProgressBar()] if arguments.progress else []
        parts = _plan(arguments, recipe)
    except (OSError, ImportError, ValueError, KeyError) as error:
        parser.error(str(error))
    n_done = n_failed = 0
    n_runs = sum(len(missing) for *_, missing in parts)
    try:
        for source, store, _, missing in parts:
            data = load(*source, RECIPES[recipe].scaler) if missing else None
            for run, scores, failure in execute(data, missing, RECIPES[recipe], n_jobs, bars):
                n_done += 1
                if failure:
                    n_failed += 1
                    say(f"{run} failed, {failure}")
                else:
                    store.add(run, scores)
                if arguments.progress:
                    say(f"{n_done} of {n_runs} runs")
        _report(parts, recipe)
    except KeyboardInterrupt:
        say(f"interrupted after {n_done} of {n_runs} runs; the same command goes on from there")
        return 130
    if n_failed:
        say(f"{n_failed} runs failed; the same command tries them again")
    return int(n_failed > 0)


def _parser() -> argparse.ArgumentParser:
    what = "Rerun every experiment of the CADA-VAE paper (CVPR 2019)."
    parser = argparse.ArgumentParser(prog="paper.py", description=what)
    add = parser.add_argument
    what = "a data set in the xlsa17 format, or the parent of data sets and ImageNet's files"
    add("--data", type=Path, required=True, metavar="FOLDER", help=what)
    add("--output", type=Path, default=Path("results"), help="folder (default: %(default)s)")
    what = "default settings of skcada, 3 seeds and coarse grids instead of the authors' recipe"
    add("--quick", action="store_true", help=what)
    add("--n-seeds", type=positive, help="how often each run is repeated")
    add("--n-jobs", type=int, default=1, help="processes, -1: all cores (default: 1)")
    what, names = f"some of {', '.join(EXPERIMENTS)} (default: all)", list(EXPERIMENTS)
    add("--experiments", nargs="+", choices=names, default=names, metavar="NAME", help=what)
    what = "count runs, and show a bar per VAE where one process trains them (needs rich)"
    add("--progress", action="store_true", help=what)
    return parser


def _plan(arguments: argparse.Namespace, name: str) -> list[Part]:
    """Look at all data before anything runs, and list what there is no result of yet."""
    recipe, parts = RECIPES[name], []
    for source in find_datasets(arguments.data):
        data = load(*source, recipe.scaler)
        possible, notes = select(dict.fromkeys(arguments.experiments), data.facts)
        for note in [*data.notes, *notes]:
            say(f"note: {source[0]}: {note}")
        if not possible:
            continue
        store = Store(arguments.output / source[0] / "runs.csv", data.facts.fingerprint)
        rows: dict[str, list[Row]] = {experiment: [] for experiment in possible}
        missing: dict[Run, None] = {}
        # By seed, so that an unfinished campaign has all experiments for some seeds.
        for seed in range(arguments.n_seeds or recipe.n_seeds):
            for experiment in possible:
                run = Run(source[0], name, seed)
                rows[experiment] += (new := list(list_rows(experiment, run, data.facts, recipe)))
                missing |= {row.run: None for row in new if row.run.key not in store.results}
        parts.append((source, store, rows, list(missing)))
    return parts


def _report(parts: Sequence[Part], recipe: str) -> None:
    tables: dict[str, list[pd.DataFrame]] = {}
    for source, store, experiments, _ in parts:
        for name, rows in experiments.items():
            path = store.path.with_name(f"{name}.csv")
            frame = summarize(rows, store.results, DETAILS if name == "table_2" else ())
            if frame.empty:
                continue
            frame.round(3).to_csv(path, index=False)
            if name in TABLES:
                tables.setdefault(name, []).append(frame)
            else:
                draw(name, frame, source[0], recipe).savefig(path.with_suffix(".png"), dpi=130)
            say(f"wrote {path}")
    for name, frames in tables.items():
        table = pd.concat(frames).rename(columns=lambda column: column.replace("_", " "))
        table = table.dropna(axis="columns", how="all")  # deviations of one seed
        text = table.to_string(index=False, float_format="{:.1f}".format, na_rep="")
        print(f"\n{TABLES[name]}\n{text}")


if __name__ == "__main__":
    sys.exit(main())
