"""The chest phantom: seconds for 1,000 pictures of 256 px, and memory.

python benchmarks/phantom.py            goal: under 30 s on two cores
python benchmarks/phantom.py --memory   goal: ten times the pictures, at most 1.1 times the memory

Each run is a process of its own, so that its peak of memory is its own.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.driver import make_phantom
from radpipe.phantoms.registry import PHANTOMS

PATIENTS = 332  # 1,000 pictures


def measure(patients: int, size: int, threads: int) -> None:
    """Make one phantom; print pictures, seconds and the peak of memory [MiB]."""
    spec = PhantomSpec(kind="chest", seed=0, patients=patients, size=size)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        make_phantom(PHANTOMS["chest"], spec, Path(folder) / "chest", threads)
        seconds = time.perf_counter() - start
        with (Path(folder) / "chest" / "truth.csv").open() as stream:
            pictures = sum(1 for _ in stream) - 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{pictures:6d} pictures of {size} px, {threads} threads: {seconds:5.1f} s, peak {peak:4.0f} MiB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--one", type=int, nargs=3, metavar=("PATIENTS", "SIZE", "THREADS"))
    options = parser.parse_args()
    if options.one:
        measure(*options.one)
        return
    runs = (
        [(PATIENTS, 256, 2), (10 * PATIENTS, 256, 2)]
        if options.memory
        else [(PATIENTS, 256, 1), (PATIENTS, 256, 2)]
    )
    for run in runs:
        subprocess.run([sys.executable, __file__, "--one", *map(str, run)], check=True)


if __name__ == "__main__":
    main()
