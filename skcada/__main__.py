"""The main job on the command line: ``python -m skcada [FOLDER]``.

Trains a generalized zero-shot classifier on a data set and prints its accuracies.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skcada import GZSLClassifier
from skcada.datasets import load_segment_digits, load_xlsa17
from skcada.metrics import gzsl_scorer


def main(argv: Sequence[str] | None = None) -> int:
    """Run the main job.

    Parameters
    ----------
    argv : sequence of str or None, default=None
        The arguments; None takes those of the command line.

    Returns
    -------
    int
        The exit status: 0, or 2 where the data set cannot be read.
    """
    arguments = _parser().parse_args(argv)
    try:
        if arguments.folder is None:
            name, dataset = "segment digits", load_segment_digits()
        else:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                dataset = load_xlsa17(arguments.folder, splits_file=arguments.splits_file)
            name = arguments.folder
            for warning in caught:
                print(f"note: {warning.message}", file=sys.stderr)
    except (OSError, ImportError, ValueError) as error:
        print(f"python -m skcada: {error}", file=sys.stderr)
        return 2
    print(
        f"{name}: {len(dataset.trainval)} training rows of {dataset.data.shape[1]} features, "
        f"{len(dataset.seen_classes)} seen and {len(dataset.unseen_classes)} unseen classes, "
        f"{dataset.class_embeddings.shape[1]} attributes per class"
    )

    model = make_pipeline(
        MinMaxScaler(),
        GZSLClassifier(
            class_embeddings=dataset.class_embeddings, random_state=arguments.random_state
        ),
    )
    _show_progress(model)
    started = time.perf_counter()
    with warnings.catch_warnings():
        # scikit-learn warns of every estimator without callbacks; scaling ends before a bar could
        # show.
        warnings.filterwarnings("ignore", message="The estimator MinMaxScaler does not support")
        model.fit(dataset.data[dataset.trainval], dataset.target[dataset.trainval])
    seconds = time.perf_counter() - started

    test = np.concatenate([dataset.test_seen, dataset.test_unseen])
    scores = gzsl_scorer(model, dataset.data[test], dataset.target[test])
    print(f"trained in {seconds:.1f} s on {model[-1].transformer_.device_}")
    print(f"S  = {scores['S']:.3f}   per-class accuracy on seen classes")
    print(f"U  = {scores['U']:.3f}   per-class accuracy on unseen classes")
    print(f"H  = {scores['H']:.3f}   harmonic mean of S and U")
    print(f"T1 = {scores['T1']:.3f}   accuracy on unseen classes when only those compete")
    print(f"AUSUC = {scores['AUSUC']:.3f}   area under the seen-unseen curve")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m skcada",
        description="Train a generalized zero-shot classifier and print its accuracies.",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        help="a data set in the xlsa17 format (res101.mat and att_splits.mat); "
        "handwritten digits described by their seven-segment displays if left out",
    )
    parser.add_argument(
        "--splits-file",
        default="att_splits.mat",
        help="the file with class embeddings and splits (default: %(default)s)",
    )
    parser.add_argument(
        "--random-state", type=int, default=0, help="the seed (default: %(default)s)"
    )
    return parser


def _show_progress(model: object) -> None:
    try:
        from sklearn.callback import ProgressBar

        progress = ProgressBar(max_propagation_depth=None)
    except ImportError:
        print("install rich to see a progress bar", file=sys.stderr)
    else:
        model.set_callbacks(progress)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
