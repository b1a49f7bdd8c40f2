"""The synthetic results folder as a cross-validation of three rounds leaves it."""

import pandas as pd
from results_folder import SPEC, Plan, predict, write_folder
from specs import comparing

from radpipe.evaluation.comparison.result import compare
from radpipe.evaluation.single_run import evaluate
from radpipe.outputs.writing import read_json, write_json, write_table

PLAN = Plan()
FOLD = {"test": 0, "val": 1, "train": 2}


def write_crossed(folder):
    """Turn the three parts of a plain folder into folds; return the settings."""
    settings = write_folder(folder, PLAN)
    parts = pd.read_parquet(folder / "split.parquet")
    fold = parts.set_index("patient_id")["split"].map(FOLD)
    write_table(folder / "split.parquet", fold.rename("fold").reset_index())
    summary = read_json(folder / "split.json")
    named = {str(FOLD[part]): entry for part, entry in summary["parts"].items()}
    checks = {"patients in two folds": 0, "pixel-identical images in two folds": 0}
    write_json(folder / "split.json", {**summary, "parts": dict(sorted(named.items())), "checks": checks})
    weights = read_json(folder / "weights.json")
    rounds = [{t: {**e, "present": 2.0 + k} for t, e in weights["targets"].items()} for k in range(3)]
    write_json(folder / "weights.json", {**weights, "rounds": rounds})
    write_runs(folder, fold)
    return settings


def write_runs(folder, fold):
    """Predict every case twice: in the round that validates on it, and in the one that tests it."""
    images = pd.read_parquet(folder / "index/images.parquet")
    images = images.assign(row=images.index, fold=images["patient_id"].map(fold))
    rounds = {"val": (images["fold"] + 2) % 3, "test": images["fold"]}
    cases = pd.concat([images.assign(assigned=part, round=numbers) for part, numbers in rounds.items()])
    labels = pd.read_parquet(folder / "index/labels.parquet")
    runs = {(loss, 0): predict(cases, labels, PLAN, loss, 0) for loss in PLAN.losses}
    for (loss, _), predictions in runs.items():
        run = folder / f"runs/{loss}_s0"
        write_json(folder / f"evaluations/{loss}_s0/metrics.json", evaluate(predictions, SPEC))
        history = pd.read_csv(run / "history.csv")
        write_table(run / "history.csv", pd.concat([history.assign(round=number) for number in range(3)]))
        training = read_json(run / "training.json")
        each = {name: training.pop(name) for name in ("best_epoch", "epochs_run")}
        write_json(run / "training.json", {**training, "rounds": [each] * 3})
    write_json(folder / "compare.json", compare(runs, SPEC, comparing()))
