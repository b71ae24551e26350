"""The minimum of a convex loss of linear classifiers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

# A loss of scores and class codes, summed over rows.
LinearLoss = Callable[[Tensor, Tensor], Tensor]


def fit_linear_classifiers(
    rows: NDArray,
    class_codes: NDArray[np.intp],
    *,
    loss: LinearLoss,
    regularization: float,
    start: NDArray,
    max_iter: int,
    tol: float,
) -> tuple[NDArray, int]:
    """Minimise the mean loss of a row plus half the squared norm of the weights.

    The squared norm counts `regularization` times. L-BFGS begins at `start`, of shape
    (n_classes, n_features), and ends where no entry of the gradient exceeds `tol` times the
    largest one that weights of zero have, after `max_iter` iterations, or where rounding lets the
    loss sink no further. Losses and gradients are in the precision of `rows`.

    Returns
    -------
    weights : ndarray of shape (n_classes, n_features)

    n_iter : int
    """
    points = torch.from_numpy(np.ascontiguousarray(rows))
    codes = torch.from_numpy(class_codes)

    def objective(flat: NDArray) -> tuple[float, NDArray]:
        weights = torch.tensor(flat.reshape(start.shape), dtype=points.dtype, requires_grad=True)
        total = loss(points @ weights.T, codes) / len(points)
        total = total + weights.square().sum() * (regularization / 2)
        (gradient,) = torch.autograd.grad(total, weights)
        return total.item(), gradient.numpy().astype(np.float64).ravel()

    largest = np.abs(objective(np.zeros(start.size))[1]).max(initial=0.0)
    found = minimize(
        objective,
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": max_iter,
            "maxfun": 10 * max_iter,
            "gtol": tol * largest,
            "ftol": np.finfo(rows.dtype).eps,
        },
    )
    return found.x.reshape(start.shape), found.nit
