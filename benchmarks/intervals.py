"""Time the intervals of every metric of both arms: 22,000 images, 14 findings, 2,000 resamples.

Goal: at most 60 s and 2 GB on two cores. The whole comparison, with operating points and calibration, is
timed beside it. `--images 2000` draws fewer.
"""

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd

from radpipe.config import parameters
from radpipe.evaluation.comparison.entries import compute_entries
from radpipe.evaluation.comparison.result import compare
from radpipe.evaluation.estimates import resample
from radpipe.evaluation.metrics import sigmoid
from radpipe.evaluation.operating_points.points import choose_all_thresholds
from radpipe.predictions import Predictions

# Shares of the 14 findings among the images of ChestX-ray14.
PREVALENCES = (
    0.177,
    0.119,
    0.103,
    0.056,
    0.052,
    0.047,
    0.042,
    0.030,
    0.025,
    0.022,
    0.021,
    0.015,
    0.013,
    0.002,
)
IMAGES_PER_PATIENT = 4
PARAMETERS = Path(__file__).parents[1] / "params.yaml"


def draw(images: int) -> dict[tuple[str, int], Predictions]:
    """Draw predictions of two arms, for as many test as validation images."""
    rng = np.random.default_rng(0)
    patient = rng.integers(0, 2 * images // IMAGES_PER_PATIENT, 2 * images)
    tendency = rng.normal(size=(patient.max() + 1, len(PREVALENCES)))[patient]
    common = np.log(PREVALENCES) - np.log1p(-np.array(PREVALENCES))
    labels = (rng.random(tendency.shape) < sigmoid(common - 1 + 1.5 * tendency)).astype(np.float32)
    cases = pd.DataFrame(
        {
            "id": np.arange(len(patient)).astype(str),
            "row": np.arange(len(patient)),
            "patient_id": patient.astype(str),
            "split": np.where(patient % 2, "val", "test"),
        }
    )
    names = tuple(f"finding {k + 1}" for k in range(len(PREVALENCES)))
    signal = common - 1 + tendency + 1.5 * labels
    return {
        (arm, 0): Predictions(
            cases, names, labels, np.float32(signal + rng.normal(size=labels.shape) + shift)
        )
        for arm, shift in (("bce", 0.0), ("wbce", 2.0))
    }


def main() -> None:
    """Print time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=22_000)
    runs = draw(parser.parse_args().images)
    shipped = parameters.read(PARAMETERS).datasets["nih_cxr14"]
    spec, plan = shipped.evaluate, shipped.compare
    test = runs["bce", 0].select_split("test")
    print(
        f"{len(test.cases):,} test images of {test.cases['patient_id'].nunique():,} patients, "
        f"{len(test.targets)} findings, {plan.intervals.resamples:,} resamples, both arms"
    )
    start, used = time.perf_counter(), time.process_time()
    part = resample(test, plan.intervals, offset=0)
    entries = compute_entries(runs, part, choose_all_thresholds(runs, spec, plan), {}, spec, plan)
    tell("intervals of every metric", start, used)
    print(f"  {sum(len(of) for of in entries.values())} metrics of findings and averages")
    start, used = time.perf_counter(), time.process_time()
    compare(runs, spec, plan)
    tell("the whole comparison", start, used)


def tell(what: str, start: float, used: float) -> None:
    """Print what has passed since, and the peak of memory so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{what}: {time.perf_counter() - start:.1f} s, {time.process_time() - used:.1f} s of processor, "
        f"peak {peak:.2f} GB"
    )


if __name__ == "__main__":
    main()
