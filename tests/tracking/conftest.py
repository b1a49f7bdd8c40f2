"""A results folder as the steps leave it, small and by hand."""

import json

import pytest

HISTORY = (
    "epoch,learning_rate,loss,accuracy,precision,recall,"
    "val_loss,val_auroc,val_accuracy,val_precision,val_recall\n"
    "1,0.001,0.9,0.5,,0.5,0.8,0.6,0.5,0.5,0.5\n"
    "2,0.0005,0.7,0.6,0.5,0.5,0.75,0.7,0.5,0.5,0.5\n"
)
RATES = {"threshold": 0.5, "recall": 0.25, "specificity": 0.75, "precision": None, "f1": 0.1, "accuracy": 0.5}
GROUP = {"auroc": 0.8, "average_precision": 0.4, "brier": 0.2, "at_half": RATES, "at_chosen": RATES}
DIFFERENCE = {"bce": 0.7, "wbce": 0.8, "difference": 0.1, "per_seed": [0.1]}
METRICS = {"auroc": DIFFERENCE, "recall@0.5": DIFFERENCE, "f1@0.5": DIFFERENCE}


@pytest.fixture
def results(tmp_path):
    """results/tiny with two runs, their evaluations and the comparison."""
    folder = tmp_path / "results" / "tiny"
    for loss in ("bce", "wbce"):
        run, evaluation = folder / f"runs/{loss}_s0", folder / f"evaluations/{loss}_s0"
        for each in (run, evaluation):
            each.mkdir(parents=True)
        training = {
            "loss": loss, "seed": 0, "key": f"key of {loss}", "targets": ["Mass", "Edema"],
            "train": {"epochs": 2, "weights": "/home/someone/w.h5", "head": {"dense": []}},
            "image": {"size": 32},
            "mean": [100.0], "best_epoch": 2, "trainable_parameters": 10, "in_force": {"device": "cpu"},
        }  # fmt: skip
        (run / "training.json").write_text(json.dumps(training))
        (run / "history.csv").write_text(HISTORY)
        (run / "model.keras").write_bytes(b"a network")
        groups = {"findings": {"Mass": GROUP}, "macro": GROUP, "pooled": {**GROUP, "auroc": None}}
        (evaluation / "metrics.json").write_text(json.dumps(groups))
    compared = {"findings": {"Mass": METRICS}, "macro": {"over": 1, **METRICS}, "pooled": METRICS}
    heads = {"arms": ["bce", "wbce"], "seeds": [0], "sentence": "It moved the operating point."}
    (folder / "compare.json").write_text(json.dumps({**heads, **compared}))
    (folder / "figures").mkdir()
    (folder / "figures/roc.png").write_bytes(b"a figure")
    return folder
