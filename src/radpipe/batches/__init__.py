"""Packed array, samples and a seed -> batches, in an order that the seed and the epoch alone decide."""

import math

import keras
import numpy as np
from numpy.typing import NDArray

from radpipe.batches.augment import augment, rotate_and_zoom
from radpipe.batches.pixels import Pixels, open_pixels, read_rows
from radpipe.batches.samples import Samples, repeat_rare, select
from radpipe.config import TrainSpec

__all__ = ["Batches", "Pixels", "Samples", "open_pixels", "read_rows", "repeat_rare", "select"]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of images, (batch, height, width, channels) uint8, and labels, (batch, targets) float32.

    Nothing depends on history: epoch 7 is the same after epoch 6, in a resumed run, and in both arms.
    Images stay uint8 up to the device, a quarter of the bytes of float32; the model does the rest.

    Parameters
    ----------
    pixels
        The packed images.
    samples
        Those of them that are shown.
    spec
        batch_size, rare, augment.
    seed
        Of order and augmentation. None: in the order of `samples`, as they are, for prediction.

    Attributes
    ----------
    images : int
        In an epoch, with repeats.
    """

    def __init__(self, pixels: Pixels, samples: Samples, spec: TrainSpec, seed: int | None) -> None:
        super().__init__()
        self._pixels, self._samples, self._spec, self._seed = pixels, samples, spec, seed
        self._augments = any(spec.augment.model_dump().values())
        self.images = len(samples.rows)
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Shuffle anew.

        To be called by a callback: Keras tells a PyDataset that an epoch begins or ends but not which,
        calls `on_epoch_end` once before the first, and knows nothing of resumed runs.
        """
        self._epoch = epoch
        fixed = self._seed is None
        self._order = np.arange(self.images) if fixed else self._random(epoch).permutation(self.images)

    def __len__(self) -> int:
        """Return the batches of an epoch; the last may be smaller."""
        return math.ceil(self.images / self._spec.batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return one batch of the current epoch."""
        size = self._spec.batch_size
        chosen = self._order[index * size : (index + 1) * size]
        images = read_rows(self._pixels, self._samples.rows[chosen])
        if self._seed is not None:
            self._change(images, chosen)
        return images, self._samples.labels[chosen]

    def _change(self, images: NDArray[np.uint8], chosen: NDArray[np.int64]) -> None:
        repeated = self._samples.repeated[chosen]
        for position in np.flatnonzero(repeated | self._augments):
            # Not sample 0: a seed sequence takes [seed, epoch] for [seed, epoch, 0].
            random = self._random(self._epoch, int(chosen[position]) + 1)
            image = images[position]
            if repeated[position]:
                image = rotate_and_zoom(image, self._spec.rare, random)
            images[position] = augment(image, self._spec.augment, random)

    def _random(self, *path: int) -> np.random.Generator:
        return np.random.default_rng([self._seed or 0, *path])
