"""The training input: an epoch from the packed file against one from float arrays in memory.

python benchmarks/training.py            goal: at most 1.05 times the epoch from memory
python benchmarks/training.py --memory   goal: ten times the images, at most 1.1 times the memory

Both feed the same compiled model and take turns, so that another load on the machine slows both.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from radpipe.config import parameters
from radpipe.training import runtime
from radpipe.training.batches.pixels import open_pixels
from radpipe.training.batches.samples import Samples
from radpipe.training.batches.sequence import Batches
from radpipe.training.inputs import Inputs
from radpipe.training.loop import train
from radpipe.training.models import registry
from radpipe.training.validation import KnownRates

ROOT = Path(__file__).parents[1]
PHANTOM = parameters.read(ROOT / "params.yaml").datasets["phantom_chest"]
SPEC, IMAGE = PHANTOM.train, PHANTOM.image
TARGETS = 6
ROUNDS = 7
MEAN, STD = 127.5, 73.9  # of the noise that stands for images


def write_pixels(path: Path, count: int, size: int) -> None:
    """Write noise in chunks: this process must not be the one that needs the memory."""
    pixels = np.lib.format.open_memmap(path, "w+", np.uint8, (count, size, size, 1))
    generator = np.random.default_rng(0)
    for start in range(0, count, 256):
        part = pixels[start : start + 256]
        part[:] = generator.integers(0, 256, part.shape, dtype=np.uint8)
    pixels.flush()


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(count: int, size: int, kernel: int) -> None:
    """Print the median epoch of both inputs, and their ratio."""
    spec = SPEC.model_copy(update={"kernel": kernel, "epochs": 1})
    labels = np.random.default_rng(1).integers(0, 2, (count, TARGETS)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder, runtime.open_session(spec, 0):
        write_pixels(Path(folder) / "pixels.npy", count, size)
        samples = Samples(np.arange(count), labels, np.zeros(count, bool))
        packed = Batches(open_pixels(Path(folder) / "pixels.npy"), samples, spec, seed=0)
        floats = np.load(Path(folder) / "pixels.npy").astype(np.float32)
        model = registry.build(spec, registry.Problem(size, (MEAN,), (STD,), TARGETS))
        runtime.compile_model(model, spec, loss="mse", metrics=[KnownRates()])
        memory = partial(model.fit, floats, labels, batch_size=spec.batch_size, verbose=0)
        disk = partial(model.fit, packed, shuffle=False, verbose=0)
        turns = [(seconds(memory), seconds(disk)) for _ in range(ROUNDS + 1)][1:]  # the first one compiles
    from_memory, from_disk = (statistics.median(times) for times in zip(*turns, strict=True))
    ratio = statistics.median(disk / memory for memory, disk in turns)
    print(
        f"{count} images of {size} px, kernel {kernel}: epoch {from_memory:.2f} s from memory,"
        f" {from_disk:.2f} s packed ({count / from_disk:,.0f} images/s); ratio {ratio:.3f}",
        flush=True,
    )


def measure_memory(count: int, size: int) -> None:
    """Train one epoch on `count` images; print the peak of memory [MiB]."""
    splits = np.repeat(["train", "val", "test"], [count - 2 * (count // 5), count // 5, count // 5])
    numbers = np.arange(count)
    names = numbers.astype(str)
    cases = pd.DataFrame(
        {"id": names, "row": numbers, "patient_id": names, "split": splits, "pixel_row": numbers}
    )
    labels = pd.DataFrame(np.random.default_rng(1).integers(0, 2, (count, TARGETS)).astype(np.float32))
    image = IMAGE.model_copy(update={"size": size})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pixels.npy"
        subprocess.run([sys.executable, __file__, "--write", str(path), str(count), str(size)], check=True)
        standard = {"mean": [MEAN], "std": [STD]}
        inputs = Inputs(path, image, standard, cases, labels.add_prefix("f"), np.ones((2, TARGETS)))
        train(inputs, SPEC.model_copy(update={"epochs": 1}), "bce", 0, Path(folder) / "run")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} images of {size} px ({count * size**2 / 2**20:.0f} MiB): peak {peak:.0f} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--one", type=int, nargs=2, metavar=("COUNT", "SIZE"))
    parser.add_argument("--write", nargs=3, metavar=("PATH", "COUNT", "SIZE"))
    options = parser.parse_args()
    if options.write:
        write_pixels(Path(options.write[0]), int(options.write[1]), int(options.write[2]))
    elif options.one:
        measure_memory(*options.one)
    elif options.memory:
        for count in (600, 6000):
            subprocess.run([sys.executable, __file__, "--one", str(count), "128"], check=True)
    else:
        print(f"Keras {keras.__version__} with {keras.backend.backend()} on {runtime.find_device()}")
        compare(1500, 48, 3)
        compare(160, 224, 7)


if __name__ == "__main__":
    main()
