"""`pack` against the bare decoder: images per second and core, and memory.

python benchmarks/pack.py [FOLDER]            goal: at least 0.85 of decoder and resize, on each core
python benchmarks/pack.py --memory [FOLDER]   goal: ten times the images, at most 1.1 times the memory
python benchmarks/pack.py --headers FOLDER    goal: 800 headers a second and core

FOLDER holds PNG or DICOM files; without one, 64 PNGs of 1024 px are made. DICOM files become grey by a
brain window; bare is what pydicom needs for Hounsfield units, resized. The contenders take turns, so
that another load on the machine slows all of them.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pydicom
from numpy.typing import NDArray

from radpipe.config import parameters
from radpipe.images.header_table import read_headers
from radpipe.images.pack.packing import pack

PNG = parameters.read(Path(__file__).parents[1] / "params.yaml").datasets["nih_cxr14"].image
DICOM = PNG.model_copy(update={"grey": "window", "windows": (parameters.Window(center=40, width=80),)})
MAX_PIXELS = 25_000_000
FACTORS = (("Slope", 1), ("Intercept", 0))
ENOUGH = 300  # images, a few times each if need be: a real set is too large for its opening to count
CORES = len(os.sched_getaffinity(0))


def make_images(folder: Path, count: int = 64, size: int = 1024) -> None:
    """Write radiograph-like files: smooth shadows and some grain, about 0.5 MB each."""
    generator = np.random.default_rng(0)
    for number in range(count):
        shadows = cv2.resize(generator.uniform(40, 200, (6, 6)), (size, size), interpolation=cv2.INTER_CUBIC)
        grain = cv2.GaussianBlur(generator.normal(0, 6, (size, size)), (3, 3), 0)
        cv2.imwrite(str(folder / f"{number}.png"), (shadows + grain).clip(0, 255).astype(np.uint8))


def bare(paths: list[Path], cores: int) -> None:
    """Decode and resize, nothing else: what any loader has to do; a plain loop on each core."""
    cv2.setNumThreads(1)
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(bare_loop, [paths[core::cores] for core in range(cores)]))


def bare_loop(paths: list[Path]) -> None:
    for path in paths:
        grey = physical(path) if path.suffix == ".dcm" else cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        cv2.resize(grey, (PNG.size, PNG.size), interpolation=cv2.INTER_AREA)


def physical(path: Path) -> NDArray[np.float32]:
    dataset = pydicom.dcmread(path)
    slope, intercept = (dataset.get(f"Rescale{name}", default) for name, default in FACTORS)
    return dataset.pixel_array * np.float32(slope) + np.float32(intercept)


def packed(paths: list[Path], root: Path, output: Path, threads: int) -> None:
    table = pd.DataFrame(
        {
            "image_id": [str(number) for number in range(len(paths))],
            "row": range(len(paths)),
            "path": [str(path.relative_to(root)) for path in paths],
        }
    )
    spec = DICOM if paths[0].suffix == ".dcm" else PNG
    _, rejected = pack(table, root, spec, MAX_PIXELS, output, threads)
    if len(rejected) > len(paths) / 10:  # published sets have constant slices
        sys.exit(f"{len(rejected)} of {len(paths)} images do not decode: {rejected['reason'].unique()}")


def measure(task: Callable[[], None], images: int, cores: int) -> tuple[float, float]:
    """Return images per second and core: by the clock, and by the time the processor gave us."""
    wall, processor = time.perf_counter(), time.process_time()
    task()
    return (
        images / cores / (time.perf_counter() - wall),
        images / (time.process_time() - processor),
    )


def compare(paths: list[Path], root: Path, output: Path, rounds: int) -> None:
    rates: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for _ in range(rounds):
        for cores in sorted({1, CORES}):
            tasks = {"bare": partial(bare, paths, cores), "pack": partial(packed, paths, root, output, cores)}
            for name, task in tasks.items():
                rates[name, cores].append(measure(task, len(paths), cores))
    print(f"{len(paths)} images, {rounds} rounds, medians; images/s/core by the clock and by processor time")
    for (name, cores), found in rates.items():
        wall, processor = np.median(found, axis=0)
        shares = np.median(np.divide(found, rates["bare", cores]), axis=0)
        print(
            f"{name}, {cores} thread(s): {wall:.1f} {processor:.1f}, of bare {shares[0]:.2f} {shares[1]:.2f}"
        )


def count_headers(paths: list[Path]) -> None:
    processor = time.process_time()
    read_headers(paths, 1)
    print(f"{len(paths)} headers: {len(paths) / (time.process_time() - processor):.0f} a second and core")


def compare_memory(folder: Path) -> None:
    """Pack n and 10 n images, each in a process of its own."""
    peaks = []
    for times in (1, 10):
        command = [sys.executable, __file__, "--peak", str(times), str(folder)]
        peaks.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(f"{times:3d} x the images: peak {peaks[-1]:.0f} MiB")
    print(f"ratio {peaks[1] / peaks[0]:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--memory", action="store_true", help="peak memory instead of speed")
    parser.add_argument("--headers", action="store_true", help="headers to a table, instead of packing")
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = options.folder.resolve() if options.folder else Path(scratch, "images")
        if options.folder is None:
            root.mkdir()
            make_images(root)
        paths = sorted(path for path in root.rglob("*") if path.suffix in (".png", ".dcm"))
        os.chdir(scratch)  # where pack keeps what it would go on from
        if options.peak:
            packed(paths * options.peak, root, Path(scratch, "out"), CORES)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        elif options.headers:
            count_headers(paths * max(1, 2000 // len(paths)))
        elif options.memory:
            compare_memory(root)
        else:
            paths *= max(1, round(ENOUGH / len(paths)))
            compare(paths, root, Path(scratch, "out"), options.rounds)


if __name__ == "__main__":
    main()
