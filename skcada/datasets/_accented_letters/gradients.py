"""Histograms of oriented gradients: where in an image edges run in which direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

N_BANDS, N_STRIPES, N_DIRECTIONS = 12, 4, 8
# Rows and columns around which the letters are drawn. Windows at blank edges would make features
# that are 0 in nearly every image, which scalers blow up.
TOP, BOTTOM, LEFT, RIGHT = 2, 47, 3, 37
FEATURE_NAMES = [
    f"edges_{direction * 180 // N_DIRECTIONS}deg_row{band}_column{stripe}"
    for direction in range(N_DIRECTIONS)
    for band in range(N_BANDS)
    for stripe in range(N_STRIPES)
]
_CHUNK = 256  # images, so that the arrays of a step fit into the cache of a processor


def compute_gradients(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Sum the gradients of each image over windows of the image and of directions.

    A gradient counts for a direction by the fourth power of the cosine of the angle between them,
    and for a window by the distance from its centre.

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
    bands = _make_windows(n_rows, N_BANDS, TOP, BOTTOM)
    stripes = _make_windows(n_columns, N_STRIPES, LEFT, RIGHT).T
    sums = np.empty((n_images, N_DIRECTIONS, N_BANDS, N_STRIPES), dtype=np.float32)
    for start in range(0, n_images, _CHUNK):
        rows = slice(start, start + _CHUNK)
        shades = images[rows].astype(np.float32) / 255
        down, right = np.zeros_like(shades), np.zeros_like(shades)
        down[:, 1:-1] = shades[:, 2:] - shades[:, :-2]
        right[:, :, 1:-1] = shades[:, :, 2:] - shades[:, :, :-2]
        strength = np.sqrt(down**2 + right**2)
        divisor = np.maximum(strength, 1 / 255)  # where there is no gradient, 0 / 0 shall be 0
        for direction in range(N_DIRECTIONS):
            angle = np.pi * direction / N_DIRECTIONS
            along = np.float32(np.cos(angle)) * right + np.float32(np.sin(angle)) * down
            squared_cosine = (along / divisor) ** 2
            sums[rows, direction] = bands @ (strength * squared_cosine**2) @ stripes
    return np.sqrt(sums.reshape(n_images, -1))


def _make_windows(n_pixels: int, n_windows: int, start: int, stop: int) -> NDArray[np.float32]:
    """Weigh the pixels of adjacent windows, which fade out towards their neighbours' centres."""
    width = (stop - start) / n_windows
    centres = start + width * (np.arange(n_windows) + 0.5)
    distance = np.abs(np.arange(n_pixels) + 0.5 - centres[:, np.newaxis]) / width
    return np.maximum(0, 1 - distance).astype(np.float32)
