"""The network of CMT and the objective that it is trained on, Socher et al. (2013).

Weights are a tuple of four tensors: the matrix of the hidden layer, of shape (n_features,
hidden_size), its biases, the matrix of the output layer, of shape (hidden_size, n_dimensions), and
the biases of that.
"""

from __future__ import annotations

import torch
from torch import Tensor

Weights = tuple[Tensor, Tensor, Tensor, Tensor]


def initial_weights(
    n_features: int, hidden_size: int, n_dimensions: int, generator: torch.Generator
) -> Weights:
    """Draw matrices from -r to r, with r the root of 6 / (d + h + a); biases are zero.

    r depends on the sizes of all three layers, the features, the hidden units and the embeddings,
    and is the same for both matrices.

    Parameters
    ----------
    n_features, hidden_size, n_dimensions : int
    generator : torch.Generator
        Draws on the CPU.

    Returns
    -------
    tuple of four Tensors
        The weights, float32.
    """
    bound = (6 / (n_features + hidden_size + n_dimensions)) ** 0.5

    def draw(n_inputs: int, n_outputs: int) -> Tensor:
        return torch.empty(n_inputs, n_outputs).uniform_(-bound, bound, generator=generator)

    return (
        draw(n_features, hidden_size),
        torch.zeros(hidden_size),
        draw(hidden_size, n_dimensions),
        torch.zeros(n_dimensions),
    )


def project(rows: Tensor, weights: Weights) -> Tensor:
    """Map features into the space of class embeddings, f(x) = tanh(x W1 + b1) W2 + b2.

    Parameters
    ----------
    rows : Tensor of shape (n_samples, n_features)
    weights : tuple of four Tensors

    Returns
    -------
    Tensor of shape (n_samples, n_dimensions)
    """
    hidden_matrix, hidden_bias, matrix, bias = weights
    hidden = torch.tanh(torch.addmm(hidden_bias, rows, hidden_matrix))
    return torch.addmm(bias, hidden, matrix)


def objective(rows: Tensor, targets: Tensor, weights: Weights, alpha: float) -> Tensor:
    """Half the mean squared distance to the targets, and the decay of all weights.

    J = 1/(2n) sum_i |f(x_i) - a_i|^2 + alpha/2 (|W1|^2 + |b1|^2 + |W2|^2 + |b2|^2). Unlike a loss
    that is summed over rows, it is a mean over them, so that the share of the decay is the same
    for a batch and for all rows.

    Parameters
    ----------
    rows : Tensor of shape (n_samples, n_features)
    targets : Tensor of shape (n_samples, n_dimensions)
        The embedding of the class of each row.
    weights : tuple of four Tensors
    alpha : float

    Returns
    -------
    Tensor of shape ()
    """
    error = (project(rows, weights) - targets).square().sum() / len(rows)
    decay = sum(weight.square().sum() for weight in weights)
    return (error + alpha * decay) / 2


def nearness(projections: Tensor, vectors: Tensor) -> Tensor:
    """Minus the squared Euclidean distance of each projection to each vector.

    Parameters
    ----------
    projections : Tensor of shape (n_samples, n_dimensions)
    vectors : Tensor of shape (n_classes, n_dimensions)

    Returns
    -------
    Tensor of shape (n_samples, n_classes)
    """
    lengths = projections.square().sum(dim=1, keepdim=True) + vectors.square().sum(dim=1)
    return 2 * projections @ vectors.T - lengths
