"""Compare the classifiers on several kinds of problems; see ``benchmarks/README.rst``.

``python benchmarks/which_system.py --models ESZSL SJE``
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _command_line import format_rst_table, positive, say
from _speed.measures import set_threads
from _systems import SYSTEMS
from sklearn.base import clone
from sklearn.utils import Bunch

from skcada import CADAVAETransformer, GZSLClassifier
from skcada.datasets import (
    load_accented_letters,
    load_segment_digits,
    make_gzsl_classification,
)
from skcada.ensemble import GZSLVotingClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import TunedSeenPenaltyClassifierCV, few_shot_split

COLUMNS = ["S", "U", "H", "S tuned", "U tuned", "H tuned", "T1", "AUSUC", "seconds"]
# Members of the vote, which is called "both".
MEMBERS = ("ESZSL", "CADA-VAE")
MODELS = (*SYSTEMS, "CADA-VAE", "both")
DEFAULT = (*MEMBERS, "both")


class Setting(NamedTuple):
    """A kind of problem.

    `make` takes the number of the repetition. Data that are what they are have one repetition.
    """

    make: Callable[[int], Bunch]
    n_shots: int = 0
    is_single: bool = False


def make_letters(seed: int) -> Bunch:
    """Load the letters, which have one division into seen and unseen classes."""
    return load_accented_letters()


def make_digits(seed: int) -> Bunch:
    """Load the digits with another unseen pair for each of five seeds: 0 and 5, 1 and 6, ..."""
    return load_segment_digits(unseen_classes=(seed % 5, seed % 5 + 5))


def generate(seed: int, **changes: Any) -> Bunch:
    """Generate a problem that differs from the usual one by `changes`."""
    return make_gzsl_classification(**{"n_samples": 600, "random_state": seed} | changes)


SETTINGS = {
    "letters": Setting(make_letters, is_single=True),
    "digits": Setting(make_digits),
    "generated": Setting(generate),
    "few rows": Setting(partial(generate, n_samples=250)),
    "many rows": Setting(partial(generate, n_samples=1500)),
    "noisy": Setting(partial(generate, embedding_noise=0.2)),
    "noisy, 3 shots": Setting(partial(generate, embedding_noise=0.2), n_shots=3),
    "4 attributes": Setting(partial(generate, n_attributes=4)),
    "overlap": Setting(partial(generate, class_sep=0.5)),
    "far apart": Setting(partial(generate, class_sep=2.0)),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and score all models in all settings, and print the table."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    output = arguments.output
    if output and not output.absolute().parent.is_dir():
        parser.error(f"the folder of --output '{output}' does not exist")
    set_threads(1)  # so that the time of the process is that of one core, whatever runs beside it
    rows = []
    for name in dict.fromkeys(arguments.settings):
        setting = SETTINGS[name]
        for seed in range(1 if setting.is_single else arguments.n_seeds):
            for model, scores in compare(setting, seed, dict.fromkeys(arguments.models)):
                rows.append({"setting": name, "seed": seed, "model": model, **scores})
                if arguments.progress:
                    say(f"{name}, seed {seed}, {model}: AUSUC {scores['AUSUC']:.3f}")
            if output:
                pd.DataFrame(rows).to_csv(output, index=False)
    print(format_table(pd.DataFrame(rows)))
    return 0


def compare(
    setting: Setting, seed: int, names: Iterable[str]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the name and the scores of each model on one problem."""
    problem = setting.make(seed)
    X, y = problem.data, problem.target
    train, test_unseen = problem.trainval, problem.test_unseen
    if setting.n_shots:
        shots, test_unseen = few_shot_split(
            y, unseen_classes=problem.unseen_classes, n_shots=setting.n_shots, random_state=seed
        )
        train = np.concatenate([train, shots])
    test = np.concatenate([problem.test_seen, test_unseen])
    known = {"unseen_classes": problem.unseen_classes, "random_state": seed}
    known["class_embeddings"] = problem.class_embeddings
    # One for each problem, so that the vote and the folds train no autoencoder a second time.
    with TemporaryDirectory() as memory:
        models = {name: system.make(**known) for name, system in SYSTEMS.items()}
        models["CADA-VAE"] = GZSLClassifier(CADAVAETransformer(), memory=memory, **known)
        vote = GZSLVotingClassifier([(name, models[name]) for name in MEMBERS], random_state=seed)
        vote.set_params(unseen_classes=problem.unseen_classes)
        seconds: dict[str, float] = {}
        for name in names:
            parts = MEMBERS if name == "both" else (name,)
            for part in [part for part in parts if part not in seconds]:
                begin = process_time()
                clone(models[part]).fit(X[train], y[train])
                seconds[part] = process_time() - begin
            model = vote if name == "both" else models[name]
            scores = score(model, X[train], y[train], X[test], y[test], seed)
            # A fit of the vote itself would take the network from the memory.
            yield name, scores | {"seconds": sum(seconds[part] for part in parts)}


def score(
    model: Any, X: np.ndarray, y: np.ndarray, X_test: np.ndarray, y_test: np.ndarray, seed: int
) -> dict[str, float]:
    """Score a model as it is, and with the balance that folds of the training rows choose."""
    tuned = TunedSeenPenaltyClassifierCV(model, random_state=seed).fit(X, y)
    balanced = gzsl_scorer(tuned, X_test, y_test)
    plain = gzsl_scorer(tuned.estimator_.set_params(seen_penalty=0.0), X_test, y_test)
    return plain | {f"{key} tuned": balanced[key] for key in ("S", "U", "H")}


def format_table(results: pd.DataFrame) -> str:
    """Return the means over the seeds as a table of reStructuredText."""
    means = results.groupby(["setting", "model"], sort=False)[COLUMNS].mean().reset_index()
    lines = [["setting", "model", *COLUMNS]]
    shown = None
    for row in means.itertuples(index=False):
        *scores, seconds = row[2:]
        # An empty first cell would continue the row above.
        title = row[0] if row[0] != shown else "\\"
        shown = row[0]
        lines.append([title, row[1], *(f"{each:.2f}" for each in scores), f"{seconds:.1f}"])
    return format_rst_table(lines)


def _parser() -> argparse.ArgumentParser:
    what = "Compare classifiers on several kinds of problems."
    parser = argparse.ArgumentParser(prog="which_system.py", description=what)
    add = parser.add_argument
    what, names = f"some of {', '.join(map(repr, SETTINGS))} (default: all)", list(SETTINGS)
    add("--settings", nargs="+", choices=names, default=names, metavar="NAME", help=what)
    what = f"some of {', '.join(MODELS)} (default: {' '.join(DEFAULT)})"
    add("--models", nargs="+", choices=MODELS, default=DEFAULT, metavar="NAME", help=what)
    what = "problems of each kind to average over, except for the letters (default: %(default)s)"
    add("--n-seeds", type=positive, default=2, help=what)
    add("--output", type=Path, metavar="FILE", help="CSV file of all numbers, replaced")
    add("--progress", action="store_true", help="say what each model reached")
    return parser


if __name__ == "__main__":
    sys.exit(main())
