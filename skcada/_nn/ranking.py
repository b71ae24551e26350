"""The losses of classifiers that score features against class embeddings.

All take scores of shape (n_samples, n_classes), higher for likelier classes, and class codes of
shape (n_samples,), the column of the own class of each row. As elsewhere, every loss is a sum over
rows. Where a hinge is just met, or two classes violate alike, the gradient is that of one side.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def own_scores(scores: Tensor, class_codes: Tensor) -> Tensor:
    """Return the scores of the own classes, of shape (n_samples, 1)."""
    return scores.gather(1, class_codes[:, None])


def hinges(scores: Tensor, class_codes: Tensor, margin: float | Tensor) -> Tensor:
    """Violations of a margin by each other class.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)
    margin : float or Tensor of shape (n_samples, n_classes)
        By how much the own class should lead.

    Returns
    -------
    Tensor of shape (n_samples, n_classes)
        max(0, margin + s_c - s_y) for each class c but the own class y, where it is 0.
    """
    violations = functional.relu(margin + scores - own_scores(scores, class_codes))
    return violations.scatter(1, class_codes[:, None], 0.0)


def summed_hinge(scores: Tensor, class_codes: Tensor, margin: float) -> Tensor:
    """Sum of the hinges of all other classes, the loss of DeViSE, Frome et al. (2013).

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)
    margin : float

    Returns
    -------
    Tensor of shape ()
    """
    return hinges(scores, class_codes, margin).sum()


def first_violators(violations: Tensor, keys: Tensor) -> Tensor:
    """Return the violating class with the lowest key of each row, of shape (n_samples, 1)."""
    return torch.where(violations > 0, keys, torch.inf).argmin(dim=1, keepdim=True)


def first_hinge(scores: Tensor, class_codes: Tensor, margin: float, keys: Tensor) -> Tensor:
    """Hinge of the first violating class in random order, as DeViSE is trained.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)
    margin : float
    keys : Tensor of shape (n_samples, n_classes)
        Random numbers from 0 to 1; classes are visited from the lowest one.

    Returns
    -------
    Tensor of shape ()
    """
    violations = hinges(scores, class_codes, margin)
    return violations.gather(1, first_violators(violations, keys)).sum()


def rank_weights(n_classes: int) -> Tensor:
    """Weights of the ranks 0 to ``n_classes - 1``, the harmonic numbers of ALE.

    They are the sums of 1/j for j up to the rank, Akata et al. (2016).

    Returns
    -------
    Tensor of shape (n_classes,)
        In double precision.
    """
    steps = torch.arange(n_classes, dtype=torch.float64)
    return torch.where(steps > 0, 1 / steps.clamp(min=1), 0.0).cumsum(0)


def weighted_ranking(scores: Tensor, class_codes: Tensor, weights: Tensor) -> Tensor:
    """Hinges weighted by the rank of the own class, the loss of ALE, Akata et al. (2016).

    With r the number of violating classes, it is beta_r / r times the sum of their hinges, whose
    margin is 1.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)
    weights : Tensor of shape (n_classes,)
        The weights beta of :func:`rank_weights`.

    Returns
    -------
    Tensor of shape ()
    """
    violations = hinges(scores, class_codes, 1.0)
    rank = (violations > 0).sum(dim=1)
    return torch.vdot(violations.sum(dim=1), weights[rank] / rank.clamp(min=1))


def sampled_ranking(scores: Tensor, class_codes: Tensor, weights: Tensor, keys: Tensor) -> Tensor:
    """One sampled hinge weighted by an estimated rank, as ALE is trained by Akata et al.

    Other classes are drawn without replacement until one violates the margin of 1. If it is the
    k-th, the rank is taken to be the integer part of ``(n_classes - 1) / k``. That is too high on
    average, so that this is another loss than :func:`weighted_ranking`.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)
    weights : Tensor of shape (n_classes,)
        The weights of :func:`rank_weights`.
    keys : Tensor of shape (n_samples, n_classes)
        Random numbers from 0 to 1; classes are drawn from the lowest one.

    Returns
    -------
    Tensor of shape ()
    """
    violations = hinges(scores, class_codes, 1.0)
    # The own class is never drawn.
    keys = keys.scatter(1, class_codes[:, None], torch.inf)
    first = first_violators(violations, keys)
    draws = (keys <= keys.gather(1, first)).sum(dim=1)
    rank = (scores.shape[1] - 1) // draws
    return torch.vdot(violations.gather(1, first)[:, 0], weights[rank])


def structured_hinge(scores: Tensor, class_codes: Tensor, margin: float | Tensor) -> Tensor:
    """Largest hinge of any class, the loss of SJE, Akata et al. (2015).

    It is max over c of Delta(y, c) + s_c - s_y with Delta(y, y) = 0, the margin-rescaled hinge of
    structured SVMs. With the margin 1 it is that of Crammer and Singer.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)
    margin : float or Tensor of shape (n_samples, n_classes)
        Delta(y, c) for all classes c but the own one.

    Returns
    -------
    Tensor of shape ()
    """
    # Unlike amax, max gives the whole gradient to one class.
    return hinges(scores, class_codes, margin).max(dim=1).values.sum()


def one_versus_other(scores: Tensor, class_codes: Tensor) -> Tensor:
    """Squared hinges of one binary classifier per class, the loss of SynC.

    It is the sum of max(0, 1 - t_c s_c)^2 over all classes c, with t_c = 1 for the own class and
    -1 for the others, divided by their number: Changpinyo et al. (2016), in the authors' code.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)

    Returns
    -------
    Tensor of shape ()
    """
    signed = scores.scatter(1, class_codes[:, None], -own_scores(scores, class_codes))
    return functional.relu(1 + signed).square().sum() / scores.shape[1]


def best_map_scores(projections: Tensor, vectors: Tensor) -> Tensor:
    """Scores of the best of several maps, those of LatEm, Xian et al. (2016).

    Parameters
    ----------
    projections : Tensor of shape (n_maps, n_samples, n_dimensions)
        The rows as each map projects them.
    vectors : Tensor of shape (n_classes, n_dimensions)

    Returns
    -------
    Tensor of shape (n_samples, n_classes)
        For each class the score of the map that scores it highest.
    """
    scores = projections @ vectors.T
    return scores[0] if len(scores) == 1 else scores.max(dim=0).values


def sampled_hinge(scores: Tensor, class_codes: Tensor, keys: Tensor) -> Tensor:
    """Hinge of one random other class with the margin 1, the loss of a step of LatEm.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    class_codes : Tensor of shape (n_samples,)
    keys : Tensor of shape (n_samples,)
        Random numbers from 0 to 1 that pick one of the other classes each.

    Returns
    -------
    Tensor of shape ()
    """
    n_others = scores.shape[1] - 1
    if not n_others:
        return scores.sum() * 0
    other = (keys * n_others).long().clamp(max=n_others - 1)
    other += other >= class_codes
    return functional.relu(1 + own_scores(scores, other) - own_scores(scores, class_codes)).sum()
