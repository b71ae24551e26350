"""Rerun every experiment of the CADA-VAE paper (Schönfeld et al., CVPR 2019).

``python benchmarks/paper.py --data FOLDER``; see ``benchmarks/README.rst``.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from _command_line import Parser, positive, say
from _paper._campaign import Campaign, Part
from _paper._execute import group_by_vae
from _paper._recipes import RECIPES, Recipe
from _paper._report import RUNS_FILE, format_table, write_reports
from _paper._runs import EXPERIMENTS, Facts, is_for, limits, list_runs
from _paper._sources import find_datasets, load
from _paper._store import Store
from _progress import add_option, make_bars

TITLES = {
    "table_1": "Table 1: models with attributes, percent",
    "table_2": "Table 2: CADA-VAE with attributes, percent (T1: only unseen classes compete)",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the experiments and write their tables and figures.

    Parameters
    ----------
    argv : sequence of str or None, default=None
        The arguments; None takes those of the command line.

    Returns
    -------
    int
        The exit status: 0; 1 if a run failed; 2 if something is wrong with the arguments or the
        data, before anything ran; 130 if interrupted.
    """
    command = ["python", sys.argv[0], *(sys.argv[1:] if argv is None else argv)]
    try:
        arguments = _parser().parse_args(argv)
        recipe = RECIPES["quick" if arguments.quick else "full"]
        n_seeds = arguments.n_seeds or recipe.n_seeds
        bars = make_bars(arguments)
        parts = _plan(arguments, recipe, n_seeds)
    except (OSError, ImportError, ValueError) as error:
        say(f"paper.py: {error}")
        return 2
    except KeyboardInterrupt:
        say("paper.py: interrupted before anything ran")
        return 130
    campaign = Campaign(parts, arguments.n_jobs).set_callbacks(*bars)
    try:
        campaign.run()
        _report([part.store for part in parts], recipe, arguments.experiments)
    except KeyboardInterrupt:
        say(
            f"paper.py: interrupted after {campaign.n_done} of {campaign.n_runs} runs; the same "
            f"command goes on from there: {shlex.join(command)}"
        )
        return 130
    if campaign.n_failed:
        say(f"paper.py: {campaign.n_failed} runs failed; the same command tries them again")
    return int(campaign.n_failed > 0)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="paper.py", description="Rerun every experiment of the CADA-VAE paper (CVPR 2019)."
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="a data set in the xlsa17 format, or the parent of data sets and ImageNet's files",
    )
    parser.add_argument(
        "--output", type=Path, default=Path("results"), help="folder (default: %(default)s)"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="default settings of skcada, 3 seeds and coarse grids instead of the authors' recipe",
    )
    parser.add_argument("--n-seeds", type=positive, help="how often each run is repeated")
    parser.add_argument(
        "--n-jobs", type=_n_jobs, default=1, help="processes, -1: all cores (default: 1)"
    )
    parser.add_argument(
        "--experiments",
        nargs="+",
        choices=EXPERIMENTS,
        default=list(EXPERIMENTS),
        metavar="NAME",
        help=f"some of {', '.join(EXPERIMENTS)} (default: all)",
    )
    add_option(parser)
    return parser


def _n_jobs(text: str) -> int:
    number = int(text)
    if number == 0:
        raise argparse.ArgumentTypeError("0 processes do nothing; 1 is one, -1 one a core")
    return number


def _plan(arguments: argparse.Namespace, recipe: Recipe, n_seeds: int) -> list[Part]:
    """Look at all data before anything runs, and list what there is no result of yet."""
    sources, notes = find_datasets(arguments.data)
    experiments = list(dict.fromkeys(arguments.experiments))
    all_facts, stores = [], []
    for source in sources:
        try:
            data = load(source)
        except ValueError as error:
            raise ValueError(f"{source.name}: {error}") from error
        all_facts.append(data.facts)
        notes += [f"{source.name}: {note}" for note in data.notes]
        path = arguments.output / source.name / RUNS_FILE
        stores.append(Store(path, data.facts.fingerprint))
    for experiment in experiments:
        if not any(is_for(experiment, facts) for facts in all_facts):
            is_7 = experiment == "figure_7"
            needed = "the files of ImageNet" if is_7 else "a data set in the xlsa17 format"
            notes.append(f"{experiment} left out: it needs {needed}")
    parts = []
    for source, store, facts in zip(sources, stores, all_facts, strict=True):
        possible, said = _possible(experiments, facts, recipe, n_seeds)
        notes += said
        wanted = list_runs(possible, facts, recipe, n_seeds)
        missing = [run for run in wanted if run not in store.results]
        if len(missing) < len(wanted):
            n_there = len(wanted) - len(missing)
            notes.append(f"{source.name}: {n_there} of {len(wanted)} runs are in '{store.path}'")
        if missing:
            store.prepare()
        parts.append(Part(source, store, group_by_vae(missing)))
    for note in notes:
        say(f"note: {note}")
    return parts


def _possible(
    experiments: Sequence[str], facts: Facts, recipe: Recipe, n_seeds: int
) -> tuple[list[str], list[str]]:
    """Return the experiments that the data allow, and what is to be said about the others."""
    possible, notes = [], []
    for experiment in experiments:
        if not is_for(experiment, facts):
            continue
        is_possible, said = limits(experiment, facts, recipe, n_seeds)
        if is_possible:
            possible.append(experiment)
        if said:
            what = experiment if not is_possible else f"part of {experiment}"
            notes.append(f"{facts.name}: {what} left out: {said}")
    return possible, notes


def _report(stores: Sequence[Store], recipe: Recipe, experiments: Sequence[str]) -> None:
    parts: dict[str, list[pd.DataFrame]] = {}
    for store in stores:
        if not store.results:
            continue
        frames, notes = write_reports(store.path.parent, recipe, experiments)
        for note in notes:
            say(f"note: {note}")
        for name, frame in frames.items():
            parts.setdefault(name, []).append(frame)
        if frames:
            say(f"{store.path.parent}: wrote {', '.join(frames)}")
    for name, title in TITLES.items():
        if name in parts:
            print(f"\n{format_table(title, parts[name])}")


if __name__ == "__main__":
    sys.exit(main())
