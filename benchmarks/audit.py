"""The leakage audit at full size, and how well its perceptual hash tells copies from strangers.

python benchmarks/audit.py                  goal: 112,120 images against each other in 60 s and 2 GB
python benchmarks/audit.py --recall FOLDER  share of altered copies found, and false pairs, by differing bits

FOLDER holds PNGs named <patient>_<number>.png, as those of ChestX-ray14; every image is altered in each of
the ways below, packed at 224 px (or its own size if smaller) and compared with its original.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from radpipe.data.audit import perceptual_hash

Image = NDArray[np.uint8]
IMAGES, SIZE = 112_120, 224
SHARES = (0.6, 0.2, 0.2)
ALLOWED = (8, 16, 24, 32, 40, 48)  # differing bits


def grey(levels: NDArray[np.float64]) -> Image:
    rounded: Image = np.rint(levels).clip(0, 255).astype(np.uint8)
    return rounded


def jpeg(image: Image, quality: int) -> Image:
    written = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(written, cv2.IMREAD_GRAYSCALE), np.uint8)


def crop(image: Image, share: float) -> Image:
    edges = [round(side * share / 2) for side in image.shape]
    return image[edges[0] : image.shape[0] - edges[0], edges[1] : image.shape[1] - edges[1]]


def rotate(image: Image, degrees: float) -> Image:
    turn = cv2.getRotationMatrix2D((image.shape[1] / 2, image.shape[0] / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(image, turn, image.shape[::-1]), np.uint8)


def halve(image: Image) -> Image:
    return np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_LINEAR), np.uint8)


def noisy(image: Image) -> Image:
    return grey(image + np.random.default_rng(0).normal(0, 5, image.shape))


ALTERED: dict[str, Callable[[Image], Image]] = {
    "JPEG, quality 50": lambda image: jpeg(image, 50),
    "JPEG, quality 20": lambda image: jpeg(image, 20),
    "half the size": halve,
    "20 levels brighter": lambda image: grey(image + 20.0),
    "20 levels darker": lambda image: grey(image - 20.0),
    "contrast x 1.2": lambda image: grey((image - 128.0) * 1.2 + 128),
    "gamma 1.3": lambda image: grey(255 * (image / 255) ** 1.3),
    "noise of 5 levels": noisy,
    "rotated by 1 degree": lambda image: rotate(image, 1),
    "cropped by 1 %": lambda image: crop(image, 0.01),
    "cropped by 2 %": lambda image: crop(image, 0.02),
    "cropped by 4 %": lambda image: crop(image, 0.04),
    "histogram equalised": lambda image: np.asarray(cv2.equalizeHist(image), np.uint8),
}


def pack(images: list[Image]) -> NDArray[np.uint8]:
    size = min(SIZE, *images[0].shape)
    squares = [
        image
        if image.shape == (size, size)
        else cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
        for image in images
    ]
    return np.stack(squares)[..., None].astype(np.uint8)


def hash_all(images: list[Image]) -> NDArray[np.uint64]:
    return perceptual_hash.hash_images(pack(images), np.arange(len(images)))[0]


def measure_recall(folder: Path) -> None:
    paths = sorted(folder.rglob("*.png"))
    images = [np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8) for path in paths]
    patients = np.unique([path.name.split("_")[0] for path in paths], return_inverse=True)[1]
    originals = hash_all(images)
    print(f"{len(images)} images of {patients.max() + 1} patients; at most so many of 256 bits differ:")
    print(f"{'':22}" + "".join(f"{bits:>9}" for bits in ALLOWED))
    for name, alter in ALTERED.items():
        copies = hash_all([alter(image) for image in images])
        differing = np.bitwise_count(originals ^ copies).sum(axis=1)
        print(f"{name:22}" + "".join(f"{(differing <= bits).mean():9.1%}" for bits in ALLOWED))
    found = np.concatenate([*perceptual_hash.find_similar_pairs(originals, patients, 80)])[:, 2]
    pairs = (len(images) ** 2 - (np.bincount(patients) ** 2).sum()) // 2
    print(f"{'false pairs':22}" + "".join(f"{(found <= bits).sum():9}" for bits in ALLOWED))
    print(
        f"of {pairs:,} pairs of different patients; the closest differ in {np.sort(found)[:5].tolist()} bits,"
    )
    print("alike up to 60, 64, ... 80:", [int((found <= bits).sum()) for bits in range(60, 84, 4)])


def measure_hashing(count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pixels.npy"
        pixels = np.lib.format.open_memmap(path, "w+", np.uint8, (count, SIZE, SIZE, 1))
        random = np.random.default_rng(0)
        for row in range(count):
            coarse = random.uniform(0, 255, (8, 8)).astype(np.float32)
            pixels[row, ..., 0] = cv2.resize(coarse, (SIZE, SIZE))
        pixels.flush()
        mapped = np.load(path, mmap_mode="r")
        start = time.perf_counter()
        perceptual_hash.hash_images(mapped, np.arange(count))
        return time.perf_counter() - start


def measure_speed() -> None:
    taken = measure_hashing(4000)
    print(f"hashing {SIZE} px: {4000 / taken:,.0f} images/s, {IMAGES * taken / 4000:.0f} s for {IMAGES:,}")
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**64, (IMAGES, 4), np.uint64)
    parts = random.choice(3, IMAGES, p=SHARES)
    copied = random.choice(IMAGES, 200, replace=False)
    hashes[copied[:100]] = hashes[copied[100:]] ^ np.uint64(0b1111)  # 16 bits of 256
    for folds, name in ((parts, "three parts"), (random.integers(0, 10, IMAGES), "ten folds")):
        start = time.perf_counter()
        found = np.concatenate([*perceptual_hash.find_similar_pairs(hashes, folds, 32)])
        taken = time.perf_counter() - start
        across = (folds[copied[:100]] != folds[copied[100:]]).sum()
        print(f"comparing {name}: {taken:.1f} s, {len(found)} of {across} planted pairs found")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recall", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    measure_speed() if options.recall is None else measure_recall(options.recall)
