"""Rerun every experiment of the CADA-VAE paper (Schönfeld et al., CVPR 2019).

``python benchmarks/paper.py --data FOLDER``, or on the accented letters without a folder; see
``benchmarks/README.rst``.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from _command_line import positive, say
from _paper import readme
from _paper.campaign import DETAILS, Store, average_curves, execute, summarize
from _paper.data import find_datasets, load
from _paper.figures import draw, draw_systems
from _paper.runs import EXPERIMENTS, RECIPES, Row, Run, list_rows, select
from _systems import PUBLISHED_FEATURES
from joblib import effective_n_jobs
from matplotlib.figure import Figure

TABLES = {
    "table_1": "Table 1: models with attributes, percent",
    "table_2": "Table 2: all systems with attributes, percent (T1: only unseen classes compete)",
}
NOTE = (
    f"Published values are for {PUBLISHED_FEATURES} features and settings of the authors; "
    "other features cannot be expected to reach them."
)
# The work on a data set: where it is, its results, rows by experiment, runs to execute.
Part = tuple[Any, Store, dict[str, list[Row]], list[Run]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiments; return 1 if a run failed, 130 if interrupted."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    recipe = "quick" if arguments.quick else "full"
    try:
        n_jobs = effective_n_jobs(arguments.n_jobs)
        bars = [_make_progress_bar()] if arguments.progress else []
        if arguments.readme:
            _check_readme(arguments)
        parts = _plan(arguments, recipe)
    except (OSError, ImportError, ValueError, KeyError) as error:
        parser.error(str(error))
    n_done = n_failed = 0
    n_runs = sum(len(missing) for *_, missing in parts)
    try:
        for source, store, _, missing in parts:
            data = load(*source, RECIPES[recipe].scaler) if missing else None
            for outcome in execute(data, missing, RECIPES[recipe], n_jobs, bars):
                n_done += 1
                if outcome.failure:
                    n_failed += 1
                    say(f"{outcome.run} failed, {outcome.failure}")
                else:
                    store.add(outcome.run, outcome.scores, outcome.curve)
                if arguments.progress:
                    say(f"{n_done} of {n_runs} runs")
        _report(parts, recipe)
        is_written = not arguments.readme or _write_readme(arguments.readme, parts[0], recipe)
    except KeyboardInterrupt:
        say(f"interrupted after {n_done} of {n_runs} runs; the same command goes on from there")
        return 130
    if n_failed:
        say(f"{n_failed} runs failed; the same command tries them again")
    return int(n_failed > 0 or not is_written)


def _make_progress_bar() -> Any:
    from sklearn.callback import ProgressBar  # since version 1.9

    return ProgressBar()


def _parser() -> argparse.ArgumentParser:
    what = "Rerun every experiment of the CADA-VAE paper (CVPR 2019)."
    parser = argparse.ArgumentParser(prog="paper.py", description=what)
    add = parser.add_argument
    what = "a data set in the xlsa17 format, or the parent of data sets and ImageNet's files"
    what = f"{what} (default: the accented letters, which come with skcada)"
    add("--data", type=Path, metavar="FOLDER", help=what)
    add("--output", type=Path, default=Path("results"), help="folder (default: %(default)s)")
    what = "default settings of skcada, 3 seeds and coarse grids instead of the authors' recipe"
    add("--quick", action="store_true", help=what)
    add("--n-seeds", type=positive, help="how often each run is repeated")
    add("--n-jobs", type=int, default=1, help="processes, -1: all cores (default: 1)")
    what, names = f"some of {', '.join(EXPERIMENTS)} (default: all)", list(EXPERIMENTS)
    add("--experiments", nargs="+", choices=names, default=names, metavar="NAME", help=what)
    what = "count runs, and show a bar per VAE where one process trains them (needs rich)"
    add("--progress", action="store_true", help=what)
    what = "write the table of systems into this file, from table_2 on the letters"
    add("--readme", type=Path, metavar="FILE", help=what)
    return parser


def _check_readme(arguments: argparse.Namespace) -> None:
    """Refuse what could not be written in the end."""
    if arguments.data is not None or "table_2" not in arguments.experiments:
        raise ValueError("--readme needs table_2 on the letters: leave --data out.")
    readme.split(arguments.readme)


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
    for _, store, experiments, _ in parts:
        for name, rows in experiments.items():
            path = store.path.with_name(f"{name}.csv")
            frame = summarize(rows, store.results, DETAILS if name == "table_2" else ())
            if frame.empty:
                continue
            frame.round(3).to_csv(path, index=False)
            if name in TABLES:
                tables.setdefault(name, []).append(frame)
            if figure := _draw(name, frame, rows, store, recipe):
                figure.savefig(path.with_suffix(".png"), dpi=130)
            say(f"wrote {path}")
    for name, frames in tables.items():
        table = pd.concat(frames)
        is_compared = "published_with" in table
        # The note below says it of all; and deviations of one seed are empty.
        table = table.drop(columns="published_with", errors="ignore").dropna(axis=1, how="all")
        table = table.rename(columns=lambda column: column.replace("_", " "))
        text = table.to_string(index=False, float_format="{:.1f}".format, na_rep="")
        print(f"\n{TABLES[name]}\n{text}")
        if is_compared:
            print(NOTE)


def _draw(
    name: str, frame: pd.DataFrame, rows: Sequence[Row], store: Store, recipe: str
) -> Figure | None:
    """Draw the figure of an experiment, if it has one."""
    dataset = rows[0].run.dataset
    if name != "table_2":
        return None if name in TABLES else draw(name, frame, dataset, recipe)
    bare = [row.run for row in rows if row.run.has_curve and row.run.key in store.results]
    bare = [run for run in bare if run.key not in store.curves]
    if bare:
        # A file of results from before there were curves.
        say(f"note: {dataset}: {len(bare)} runs in '{store.path}' have no curve to draw")
    return draw_systems(frame, average_curves(rows, store.curves), dataset, recipe)


def _write_readme(path: Path, part: Part, recipe: str) -> bool:
    """Write the table of systems if all its numbers are there; return whether they were."""
    _, store, rows, _ = part
    try:
        readme.write(path, summarize(rows["table_2"], store.results), recipe)
    except ValueError as error:
        say(str(error))
        return False
    say(f"wrote {path}")
    return True


if __name__ == "__main__":
    sys.exit(main())
