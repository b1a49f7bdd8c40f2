"""Results of two arms whose subgroups differ, without a data set."""

import numpy as np
import pandas as pd
from runs_drawn import make
from specs import comparing, evaluating

from radpipe.evaluation.comparison.result import Origin, compare
from radpipe.evaluation.single_run import evaluate
from radpipe.report.arms import ARMS
from radpipe.report.results import Results, RunResults

SPEC = evaluating()
PLAN = comparing(prevalence=0.05)
COUNT = 1200
WEIGHTS = {
    "kind": "binary",
    "targets": {name: {"absent": 0.6, "present": 3.0, "negatives": 500, "positives": 100} for name in "ab"},
}
EFFECTIVE = {name: {"negatives": 500, "positives": 100} for name in "ab"}


def explore():
    """Two findings; `a` hides in the view PA, `b` is rare; the weights were 3 and 0.6."""
    rng = np.random.default_rng(0)
    view = np.where(rng.random(COUNT) < 0.5, "AP", "PA")
    labels = (rng.random((COUNT, 2)) < [0.3, 0.04]).astype(np.float32)
    seen = labels * np.where(view == "AP", 1, 0.2)[:, None] ** [[1, 0]]
    logits = 2.5 * seen + rng.normal(size=labels.shape) - 2
    splits = ["val", "test"] * (COUNT // 2)
    runs = {
        (loss, 0): make(labels, logits + shift, splits) for loss, shift in (("bce", 0), ("wbce", np.log(5)))
    }
    images = pd.DataFrame({"patient_id": runs["bce", 0].cases["patient_id"], "view": view, "age": 50.0})
    trainings = {run: {"loss": run[0], "effective": EFFECTIVE} for run in runs}
    comparison = compare(runs, SPEC, PLAN, Origin(WEIGHTS, trainings, images))
    tables = [
        RunResults(ARMS[loss], seed, evaluate(each, SPEC), pd.DataFrame(), {}, pd.DataFrame())
        for (loss, seed), each in runs.items()
    ]
    return Results({"compare": PLAN.model_dump(mode="json")}, tuple(tables), comparison, None)
