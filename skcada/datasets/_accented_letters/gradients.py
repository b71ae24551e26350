"""Histograms of oriented gradients: where in an image shades rise, and in which direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

# Chosen by two classifiers on the classes that `val` holds out of `trainval`.
N_BANDS, N_STRIPES, N_DIRECTIONS = 8, 3, 16
N_FEATURES = N_DIRECTIONS * N_BANDS * N_STRIPES
# Rows and columns around which the letters are drawn. Windows at blank edges would make features
# that are 0 in nearly every image, which scalers blow up.
TOP, BOTTOM, LEFT, RIGHT = 4, 44, 5, 35
FEATURE_NAMES = [
    f"gradient_{direction * 360 / N_DIRECTIONS:g}deg_band{band}_stripe{stripe}"
    for direction in range(N_DIRECTIONS)
    for band in range(N_BANDS)
    for stripe in range(N_STRIPES)
]
_CHUNK = 1024  # images, which bounds the memory


def compute_gradients(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Sum the gradients of each image over windows of the image and of directions.

    A gradient counts for the two directions nearest to its own and for the windows around it, the
    more the nearer they are.

    Parameters
    ----------
    images : ndarray of shape (n_images, 48, 40)
        Shades from 0 to 255.

    Returns
    -------
    ndarray of shape (n_images, 384)
        The roots of the sums, in the order of ``FEATURE_NAMES``.
    """
    n_images, n_rows, n_columns = images.shape
    windows = np.kron(
        _make_windows(n_rows, N_BANDS, TOP, BOTTOM),
        _make_windows(n_columns, N_STRIPES, LEFT, RIGHT),
    ).T
    return np.concatenate(
        [
            np.sqrt(_sum_by_direction(images[start : start + _CHUNK]) @ windows).reshape(
                -1, N_FEATURES
            )
            for start in range(0, n_images, _CHUNK)
        ]
    )


def _sum_by_direction(images: NDArray[np.uint8]) -> csr_array:
    """Divide the strength of the gradient at each pixel between the two nearest directions."""
    shades = images.astype(np.float32) / 255
    down, right = np.zeros_like(shades), np.zeros_like(shades)
    down[:, 1:-1] = shades[:, 2:] - shades[:, :-2]
    right[:, :, 1:-1] = shades[:, :, 2:] - shades[:, :, :-2]
    image, row, column = np.nonzero(down**2 + right**2)
    pixel = row * images.shape[2] + column
    down, right = down[image, row, column], right[image, row, column]
    strength = np.sqrt(down**2 + right**2)
    turn = np.arctan2(down, right) * np.float32(N_DIRECTIONS / (2 * np.pi))
    direction = np.floor(turn)
    share = turn - direction
    before = direction.astype(np.intp) % N_DIRECTIONS
    after = (before + 1) % N_DIRECTIONS
    first = image * N_DIRECTIONS
    return csr_array(
        (
            np.concatenate([strength * (1 - share), strength * share]),
            (np.concatenate([first + before, first + after]), np.concatenate([pixel, pixel])),
        ),
        shape=(len(images) * N_DIRECTIONS, shades[0].size),
    )


def _make_windows(n_pixels: int, n_windows: int, start: int, stop: int) -> NDArray[np.float32]:
    """Weigh the pixels of adjacent windows, which fade out towards their neighbours' centres."""
    width = (stop - start) / n_windows
    centres = start + width * (np.arange(n_windows) + 0.5)
    distance = np.abs(np.arange(n_pixels) + 0.5 - centres[:, np.newaxis]) / width
    return np.maximum(0, 1 - distance).astype(np.float32)
