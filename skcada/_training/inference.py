"""Application of a trained network to many rows in bounded memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skcada._training.devices import as_tensor

# Rows that go through the network at once: enough to keep the matrix products busy.
CHUNK_SIZE = 4096
# Matrix products of few rows sum in another order than those of many, so that a row alone would
# get a slightly different latent than the same row among others.
MIN_ROWS = 32


@torch.inference_mode()
def apply_in_chunks(
    function: Callable[[Tensor], tuple[Tensor, ...]], X: NDArray, device: torch.device
) -> list[NDArray[np.float32]]:
    """Apply a row-wise function to an array, chunk by chunk, and return its outputs.

    `function` maps a float32 Tensor of shape (n, n_inputs) to a tuple of Tensors with n rows. The
    output of a row does not depend on the rows around it.
    """
    chunks = []
    for start in range(0, len(X), CHUNK_SIZE):
        rows = as_tensor(X[start : start + CHUNK_SIZE], device)
        n_rows = len(rows)
        if n_rows < MIN_ROWS:
            rows = torch.cat([rows, rows.new_zeros(MIN_ROWS - n_rows, rows.shape[1])])
        chunks.append([output[:n_rows].cpu().numpy() for output in function(rows)])
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]
