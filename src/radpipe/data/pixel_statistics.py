"""Packed training pixels -> their mean and standard deviation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radpipe.errors import DataError

CHUNK = 256  # images read at a time


def compute_statistics(pixels: NDArray[np.uint8], rows: NDArray[np.integer[Any]]) -> dict[str, Any]:
    """Mean and standard deviation per channel over all pixels of some images.

    Parameters
    ----------
    pixels : (images, height, width, channels) uint8
        Memory-mapped; read once, in chunks.
    rows : (training images,) int

    Returns
    -------
    dict
        mean, std: one value per channel [grey levels, 0 to 255]; images: how many.

    Raises
    ------
    DataError
        If the pixels do not vary, or are not what `pack` writes.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or (len(rows) and rows.max() >= len(pixels)):
        found = f"{pixels.dtype} of shape {pixels.shape}"
        expected = "uint8 (images, height, width, channels) of all rows"
        raise DataError(f"pixels.npy: found {found}, expected {expected}; run the step `pack` again")
    levels = np.arange(256, dtype=np.float64)
    counts = np.zeros((pixels.shape[-1], 256), np.int64)  # a histogram is exact, whatever the order
    ordered = np.sort(rows)
    for start in range(0, len(ordered), CHUNK):
        chunk = pixels[ordered[start : start + CHUNK]]
        for channel in range(len(counts)):
            counts[channel] += np.bincount(chunk[..., channel].ravel(), minlength=256)
    total = counts.sum(axis=1)
    mean = counts @ levels / total
    variance = counts @ levels**2 / total - mean**2
    if not (variance > 0).all():
        raise DataError("standardise: the training pixels do not vary; look at the packed images")
    return {"mean": mean.tolist(), "std": np.sqrt(variance).tolist(), "images": len(rows)}
