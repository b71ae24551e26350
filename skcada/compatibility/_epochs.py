"""The number of epochs of a training, chosen on held-out classes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from skcada._base.epochs import FitTask
from skcada._training import Checkpoint, Trainer
from skcada.compatibility._held_out import HeldOutFold, HeldOutFolds

# A training of automatic length ends after at most so many visits to rows, within the bounds on
# epochs.
ROW_VISITS = 400_000
FEWEST_EPOCHS, MOST_EPOCHS = 20, 200
# Numbers of epochs that are compared, each the root of two times the one before.
N_CANDIDATES = 12


def list_candidates(max_iter: int | Literal["auto"], n_rows: int) -> NDArray[np.intp]:
    """Return the numbers of epochs to choose from, in ascending order."""
    if max_iter != "auto":
        return np.array([max_iter])
    most = min(MOST_EPOCHS, max(FEWEST_EPOCHS, ROW_VISITS // n_rows))
    return np.unique(np.rint(most * 2 ** (-np.arange(N_CANDIDATES) / 2)).clip(1).astype(np.intp))


def choose_epochs(
    candidates: NDArray[np.intp],
    folds: HeldOutFolds,
    make_trainer: Callable[[HeldOutFold], Trainer[Any]],
    task: FitTask,
    checkpoint: Checkpoint | None = None,
) -> tuple[int, dict[str, NDArray]]:
    """Return the number of epochs with the best mean AUSUC, and `cv_results_`.

    It is the largest where there are no folds. Epochs that a checkpoint holds are not run again.
    """
    results = {"max_iter": candidates}
    for number, fold in enumerate(folds):
        part = task.part("fold")
        part.begin()
        scores = _score_epochs(make_trainer(fold), fold, candidates, checkpoint, f"fold {number}")
        results[f"split{number}_test_score"] = scores
        part.end()
    if not folds:
        return int(candidates[-1]), results | {"mean_test_score": np.full(len(candidates), np.nan)}
    mean = np.mean(list(results.values())[1:], axis=0)
    return int(candidates[mean.round(9).argmax()]), results | {"mean_test_score": mean}


def _score_epochs(
    trainer: Trainer[Any],
    fold: HeldOutFold,
    candidates: NDArray,
    checkpoint: Checkpoint | None,
    stage: str,
) -> NDArray:
    """Return the AUSUC after each number of epochs."""
    state = checkpoint.state(stage) if checkpoint else None
    scores = list(state["scores"]) if state else []
    if state and state["trainer"]:
        trainer.load(state["trainer"])
    while len(scores) < len(candidates):
        trainer.run_epoch()
        if trainer.n_epochs in candidates:
            scores.append(fold.score(trainer.objective.score(fold.tested, fold.vectors)))
        if checkpoint:
            is_final = trainer.n_epochs == candidates[-1]
            checkpoint.keep(stage, partial(_state, trainer, scores, is_final), is_final=is_final)
    return np.array(scores)


def _state(trainer: Trainer[Any], scores: list[float], is_final: bool) -> dict[str, Any]:
    # Nothing but its scores is needed of a fold that is done.
    return {"scores": list(scores), "trainer": None if is_final else trainer.state()}
