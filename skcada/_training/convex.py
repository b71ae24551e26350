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
    start: NDArray[np.float64],
    max_iter: int,
    tol: float,
) -> tuple[NDArray[np.float64], int]:
    """Minimise the mean loss of a row plus ``regularization / 2`` times the squared weights.

    L-BFGS begins at `start`, of shape (n_classes, n_features), and ends after `max_iter`
    iterations, where no entry of the gradient exceeds `tol` times the largest one of zero weights,
    or where an iteration lowers the loss by less than ``tol / 100``. The latter is what ends the
    descent of a loss with kinks. Losses and gradients are computed in the precision of `rows`.

    Returns
    -------
    weights : ndarray of shape (n_classes, n_features)

    n_iter : int
    """
    # A copy, because torch has no read-only tensors.
    points, codes = torch.tensor(rows), torch.tensor(class_codes)

    def objective(flat: NDArray) -> tuple[float, NDArray]:
        weights = torch.tensor(flat.reshape(start.shape), dtype=points.dtype, requires_grad=True)
        total = loss(points @ weights.T, codes) / len(points)
        total = total + weights.square().sum() * (regularization / 2)
        (gradient,) = torch.autograd.grad(total, weights)
        return total.item(), gradient.numpy().astype(np.float64).ravel()

    steepest = np.abs(objective(np.zeros(start.size))[1]).max(initial=0.0)
    found = minimize(
        objective,
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": max_iter,
            # The line search rarely needs more than two evaluations.
            "maxfun": 10 * max_iter,
            "gtol": tol * steepest,
            "ftol": max(tol / 100, float(np.finfo(rows.dtype).eps)),
        },
    )
    return found.x.reshape(start.shape), found.nit
