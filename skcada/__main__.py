"""The main job on the command line: ``python -m skcada [FOLDER]``.

Compares three generalized zero-shot classifiers on a data set: one in closed form, one with
generated latents, and the vote of both.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from skcada import GZSLClassifier
from skcada._letter_page import check_target, choose_rows, draw_page
from skcada.compatibility import ESZSLClassifier
from skcada.datasets import load_accented_letters, load_xlsa17
from skcada.ensemble import GZSLVotingClassifier
from skcada.metrics import gzsl_scorer
from skcada.model_selection import GZSLShuffleSplit, TunedSeenPenaltyClassifierCV

# Each costs a training of the networks. On letters held out of the training rows, 3 or 4 folds
# gained less than .002 of H over 2.
N_FOLDS = 2
VOTE = "vote of both"
LEGEND = f"""\
S, U: accuracy on seen and on unseen classes, averaged over classes, while all classes compete.
H: harmonic mean of S and U. T1: U where only unseen classes compete. AUSUC: area under the curve
of S and U. seconds: training, with {N_FOLDS} folds to balance S and U.
The vote reuses the networks of CADA-VAE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the main job.

    Parameters
    ----------
    argv : sequence of str or None, default=None
        The arguments; None takes those of the command line.

    Returns
    -------
    int
        The exit status: 0, or 2 where the data set cannot be read or no picture can be drawn.
    """
    arguments = _parser().parse_args(argv)
    try:
        if arguments.plot is not None:
            if arguments.folder is not None:
                raise ValueError(
                    f"--plot draws the images of the accented letters, and {arguments.folder!r} "
                    "holds features only. Leave out --plot or the folder."
                )
            check_target(arguments.plot)
        name, dataset = _load(arguments.folder, arguments.splits_file)
    except (OSError, ImportError, ValueError) as error:
        print(f"python -m skcada: {error}", file=sys.stderr)
        return 2
    print(
        f"{name}: {len(dataset.trainval)} training rows of {dataset.data.shape[1]} features, "
        f"{len(dataset.seen_classes)} seen and {len(dataset.unseen_classes)} unseen classes, "
        f"{dataset.class_embeddings.shape[1]} attributes per class"
    )

    test = np.concatenate([dataset.test_seen, dataset.test_unseen])
    progress = _find_progress_bar()
    results = {}
    with TemporaryDirectory(prefix="skcada-", ignore_cleanup_errors=True) as memory:
        systems = make_systems(
            dataset.class_embeddings, memory=memory, random_state=arguments.random_state
        )
        for system, model in systems.items():
            print(f"training {system}", flush=True)
            model.set_callbacks(*progress)
            seconds = _fit(model, dataset.data[dataset.trainval], dataset.target[dataset.trainval])
            scores = gzsl_scorer(model, dataset.data[test], dataset.target[test])
            results[system] = {**scores, "seconds": seconds}
    print(format_table(results))
    print(LEGEND)

    if arguments.plot is not None:
        rows = choose_rows(dataset.target, dataset.test_unseen, arguments.random_state)
        page = draw_page(
            dataset.images[rows],
            dataset.target[rows],
            systems[VOTE].predict(dataset.data[rows]),
            h=results[VOTE]["H"],
        )
        page.savefig(arguments.plot)
        print(f"{len(rows)} unseen letters are drawn in {arguments.plot}")
    return 0


def make_systems(class_embeddings: Any, *, memory: str, random_state: int) -> dict[str, Any]:
    """Make the unfitted models by name, of which the vote comes last.

    All are given the same folds and seeds, so that the vote finds in `memory` each transformer
    that CADA-VAE has trained.
    """
    eszsl = ESZSLClassifier(class_embeddings=class_embeddings, random_state=random_state)
    cada_vae = GZSLClassifier(
        class_embeddings=class_embeddings, memory=memory, random_state=random_state
    )
    vote = GZSLVotingClassifier([("eszsl", eszsl), ("cada_vae", cada_vae)])
    return {
        name: TunedSeenPenaltyClassifierCV(
            classifier,
            cv=GZSLShuffleSplit(N_FOLDS, unseen_size=1 / 6, random_state=random_state),
            n_jobs=min(N_FOLDS, joblib.cpu_count()),
        )
        for name, classifier in {"ESZSL": eszsl, "CADA-VAE": cada_vae, VOTE: vote}.items()
    }


def format_table(results: dict[str, dict[str, float]]) -> str:
    """Write one line per system and one column per score."""
    table = pd.DataFrame.from_dict(results, orient="index")
    formatters = {"seconds": "{:.1f}".format}
    return table.to_string(float_format="{:.3f}".format, formatters=formatters)


def _load(folder: str | None, splits_file: str) -> tuple[str, Bunch]:
    """Return the name of a data set and the data set, and print warnings as notes."""
    if folder is None:
        return "accented letters", load_accented_letters()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dataset = load_xlsa17(folder, splits_file=splits_file)
    for warning in caught:
        print(f"note: {warning.message}", file=sys.stderr)
    return folder, dataset


def _find_progress_bar() -> list[Any]:
    """Return a progress bar, if rich is there to draw it."""
    try:
        from sklearn.callback import ProgressBar

        return [ProgressBar(max_propagation_depth=None)]
    except ImportError:
        print("note: install rich, and scikit-learn 1.9, for a progress bar", file=sys.stderr)
        return []


def _fit(model: Any, X: Any, y: Any) -> float:
    """Fit a model and return the seconds that it took."""
    started = time.perf_counter()
    # One thread in each worker, so that folds give the same on any number of cores.
    with joblib.parallel_config("loky", inner_max_num_threads=1):
        model.fit(X, y)
    return time.perf_counter() - started


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skcada",
        description="Compare three generalized zero-shot classifiers on a data set.",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        help="a data set in the xlsa17 format (res101.mat and att_splits.mat); images of accented "
        "letters, described by their parts, if left out",
    )
    parser.add_argument(
        "--splits-file",
        default="att_splits.mat",
        help="the file with class embeddings and splits (default: %(default)s)",
    )
    parser.add_argument(
        "--random-state", type=int, default=0, help="the seed (default: %(default)s)"
    )
    parser.add_argument(
        "--plot",
        metavar="FILE",
        help="draw unseen letters, and what the vote took each for, to a file such as letters.png "
        "(needs matplotlib, and no folder)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
