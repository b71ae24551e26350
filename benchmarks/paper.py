"""Rerun every experiment of the CADA-VAE paper (Schönfeld et al., CVPR 2019).

``python benchmarks/paper.py --data FOLDER``; see ``benchmarks/README.rst``.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from _command_line import Parser, positive, say
from _paper.campaign import METRICS, Store, execute, summarize
from _paper.figures import draw
from _paper.runs import EXPERIMENTS, RECIPES, Row, Run, is_for, list_rows, select
from _paper.sources import Source, find_datasets, load
from sklearn.callback import ProgressBar

TABLES = {
    "table_1": "Table 1: models with attributes, percent",
    "table_2": "Table 2: CADA-VAE with attributes, percent (T1: only unseen classes compete)",
}


class Part(NamedTuple):
    """What is to be done on one data set."""

    source: Source
    store: Store
    rows: dict[str, list[Row]]  # by experiment
    missing: list[Run]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiments and write their tables and figures.

    Returns
    -------
    int
        The exit status: 0; 1 if a run failed; 2 if something is wrong with the arguments or the
        data, before anything ran; 130 if interrupted.
    """
    command = ["python", sys.argv[0], *(sys.argv[1:] if argv is None else argv)]
    try:
        arguments = _parser().parse_args(argv)
        bars = [ProgressBar()] if arguments.progress else []
        recipe = "quick" if arguments.quick else "full"
        parts = _plan(arguments, recipe)
    except (OSError, ImportError, ValueError) as error:
        say(f"paper.py: {error}")
        return 2
    n_done = n_failed = 0
    n_runs = sum(len(part.missing) for part in parts)
    try:
        for part in (part for part in parts if part.missing):
            data = load(part.source)
            outcomes = execute(data, part.missing, RECIPES[recipe], arguments.n_jobs, bars)
            for run, scores, failure in outcomes:
                n_done += 1
                if failure:
                    n_failed += 1
                    say(f"{run} failed, {failure}")
                else:
                    part.store.add(run, scores)
                if arguments.progress:
                    say(f"{n_done} of {n_runs} runs")
        _report(parts, recipe)
    except KeyboardInterrupt:
        done = f"interrupted after {n_done} of {n_runs} runs"
        say(f"paper.py: {done}; the same command goes on from there: {shlex.join(command)}")
        return 130
    if n_failed:
        say(f"paper.py: {n_failed} runs failed; the same command tries them again")
    return int(n_failed > 0)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="paper.py", description="Rerun every experiment of the CADA-VAE paper (CVPR 2019)."
    )
    add = parser.add_argument
    what = "a data set in the xlsa17 format, or the parent of data sets and ImageNet's files"
    add("--data", type=Path, required=True, metavar="FOLDER", help=what)
    add("--output", type=Path, default=Path("results"), help="folder (default: %(default)s)")
    what = "default settings of skcada, 3 seeds and coarse grids instead of the authors' recipe"
    add("--quick", action="store_true", help=what)
    add("--n-seeds", type=positive, help="how often each run is repeated")
    add("--n-jobs", type=_n_jobs, default=1, help="processes, -1: all cores (default: 1)")
    what, names = f"some of {', '.join(EXPERIMENTS)} (default: all)", list(EXPERIMENTS)
    add("--experiments", nargs="+", choices=names, default=names, metavar="NAME", help=what)
    what = "count runs, and show a bar per VAE where one process trains them (needs rich)"
    add("--progress", action="store_true", help=what)
    return parser


def _n_jobs(text: str) -> int:
    number = int(text)
    if number == 0:
        raise argparse.ArgumentTypeError("0 processes do nothing; 1 is one, -1 one a core")
    return number


def _plan(arguments: argparse.Namespace, name: str) -> list[Part]:
    """Look at all data before anything runs, and list what there is no result of yet."""
    recipe = RECIPES[name]
    sources, notes = find_datasets(arguments.data)
    experiments = list(dict.fromkeys(arguments.experiments))
    parts, without_data = [], set(experiments)
    for source in sources:
        data = load(source)
        without_data -= {each for each in experiments if is_for(each, data.facts)}
        possible, said = select(experiments, data.facts)
        notes += [*(f"{source.name}: {note}" for note in data.notes), *said]
        if not possible:
            continue
        store = Store(arguments.output / source.name / "runs.csv", data.facts.fingerprint)
        rows: dict[str, list[Row]] = {experiment: [] for experiment in possible}
        missing: dict[Run, None] = {}
        # By seed, so that an unfinished campaign has all experiments for some seeds.
        for seed in range(arguments.n_seeds or recipe.n_seeds):
            for experiment in possible:
                run = Run(source.name, name, seed)
                rows[experiment] += (new := list(list_rows(experiment, run, data.facts, recipe)))
                missing |= {row.run: None for row in new if row.run.key not in store.results}
        parts.append(Part(source, store, rows, list(missing)))
    for experiment in sorted(without_data):
        is_7 = experiment == "figure_7"
        needed = "the files of ImageNet" if is_7 else "a data set in the xlsa17 format"
        notes.append(f"{experiment} left out: it needs {needed}")
    for note in notes:
        say(f"note: {note}")
    return parts


def _report(parts: Sequence[Part], recipe: str) -> None:
    tables: dict[str, list[pd.DataFrame]] = {}
    for part in parts:
        folder = part.store.path.parent
        for name, rows in part.rows.items():
            frame = summarize(rows, part.store.results)
            if frame.empty:
                continue
            frame.round(3).to_csv(folder / f"{name}.csv", index=False)
            if name in TABLES:
                tables.setdefault(name, []).append(frame)
            else:
                figure = draw(name, frame, part.source.name, recipe)
                figure.savefig(folder / f"{name}.png", dpi=130)
            say(f"wrote {folder / name}")
    for name, frames in tables.items():
        print(f"\n{TABLES[name]}\n{_format(pd.concat(frames))}")


def _format(table: pd.DataFrame) -> str:
    """Put published values and differences beside "mean ± standard deviation"."""

    def texts(column: str, form: str) -> list[str]:
        return [form.format(value) if pd.notna(value) else "" for value in table[column]]

    shown = table[[column for column in ("dataset", "model") if column in table]].copy()
    for name in (metric for metric in METRICS if metric in table):
        pairs = zip(texts(name, "{:.1f}"), texts(f"{name}_std", " ± {:.1f}"), strict=True)
        shown[name] = [mean + deviation for mean, deviation in pairs]
        if f"{name}_published" in table:
            shown[f"{name} paper"] = texts(f"{name}_published", "{:.1f}")
            shown[f"{name} diff."] = texts(f"{name}_difference", "{:+.1f}")
    return shown.assign(seeds=table["n_seeds"]).to_string(index=False)


if __name__ == "__main__":
    sys.exit(main())
