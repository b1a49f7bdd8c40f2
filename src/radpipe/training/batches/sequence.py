"""Packed array, samples and a seed -> batches, in an order that the seed and the epoch alone decide."""

import math

import keras
import numpy as np
from numpy.typing import NDArray

from radpipe.config.training import TrainSpec
from radpipe.training.batches.augment import augment, rotate_and_zoom
from radpipe.training.batches.pixels import Pixels, open_pixels, read_rows
from radpipe.training.batches.samples import Samples, change_sides, repeat_rare, select

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
        batch_size, steps_share, rare, augment.
    seed
        Of order and augmentation. None: in the order of `samples`, as they are and all, for prediction.

    Attributes
    ----------
    images : int
        In an epoch, with repeats: those of the share of the batches that is shown.
    """

    def __init__(self, pixels: Pixels, samples: Samples, spec: TrainSpec, seed: int | None) -> None:
        super().__init__()
        self._pixels = pixels
        self._samples = samples
        self._spec = spec
        self._seed = seed
        self._augments = any(spec.augment.model_dump().values())
        every = len(samples.rows)
        share = 1.0 if seed is None else spec.steps_share
        self._batches = max(1, round(share * math.ceil(every / spec.batch_size)))
        self.images = min(every, self._batches * spec.batch_size)
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Shuffle all samples again; an epoch of a share of the batches takes the first of them.

        To be called by a callback: Keras notifies a PyDataset that an epoch begins or ends but not which,
        calls `on_epoch_end` once before the first, and does not know of resumed runs.
        """
        self._epoch = epoch
        self._order = np.arange(len(self._samples.rows))
        if self._seed is not None:
            self._order = self._seed_generator(epoch).permutation(len(self._samples.rows))

    def __len__(self) -> int:
        """Return the batches of an epoch; the last may be smaller."""
        return self._batches

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Return one batch of the current epoch."""
        size = self._spec.batch_size
        chosen = self._order[index * size : (index + 1) * size]
        images = read_rows(self._pixels, self._samples.rows[chosen])
        labels = self._samples.labels[chosen]
        if self._seed is not None:
            self._change(images, labels, chosen)
        return images, labels

    def _change(
        self, images: NDArray[np.uint8], labels: NDArray[np.float32], chosen: NDArray[np.int64]
    ) -> None:
        repeated = self._samples.repeated[chosen]
        for position in np.flatnonzero(repeated | self._augments):
            # Not sample 0: a seed sequence takes [seed, epoch] for [seed, epoch, 0].
            random = self._seed_generator(self._epoch, int(chosen[position]) + 1)
            image = images[position]
            if repeated[position]:
                image = rotate_and_zoom(image, self._spec.rare, random)
            images[position], mirrored = augment(image, self._spec.augment, random)
            if mirrored:
                labels[position] = change_sides(labels[position], self._samples.mirror)

    def _seed_generator(self, *path: int) -> np.random.Generator:
        return np.random.default_rng([self._seed or 0, *path])
