"""The files of a run -> what is logged to MLflow: parameters, metrics, tags."""

import csv
import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radpipe.config.metrics import select_metrics
from radpipe.config.runs import format_mlflow_name, format_run_name
from radpipe.outputs.writing import read_json

EpochLog = dict[str, float]  # one line of history.csv

FORBIDDEN = re.compile(r"[^\w\-. :/]")  # in names of metrics
PREFIXES = {"val_": "val/", "": "train/"}  # prefixes in history.csv and in MLflow
POSITION = ("round", "epoch")  # columns of history.csv that identify a line
AVERAGES = ("macro", "pooled")  # logged among the findings, under their own names
RANKED = tuple(select_metrics("mlflow"))
# What is logged of each threshold; metrics.json, which is kept with the run, contains all.
CUTS = {
    "at_half": ("", ("recall", "specificity", "precision", "f1")),
    "at_chosen": (" chosen", ("recall", "specificity", "threshold")),
}
COMPARED = (*RANKED, "recall@", "specificity@0.5")  # of compare.json
PARAMS = ("train", "image", "in_force", "targets", "trainable_parameters", "best_epoch")  # of training.json
EARLIER = "the output of an earlier step"  # what every file here is
DATA = ("index/summary.json", "index/labels.parquet", "pack/rows.parquet", "split.parquet")


@dataclass(frozen=True)
class LoggedRun:
    """What is known of a run before it starts.

    Attributes
    ----------
    dataset, loss, seed
        `loss` is `comparison` for the comparison of a dataset, which has no seed.
    key
        Hash of parameters and data: the identity of the run.
    params
        Flat names and values.
    """

    dataset: str
    loss: str
    seed: int | None
    key: str
    params: dict[str, str]

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.loss if self.seed is None else format_mlflow_name(self.loss, self.seed)

    @property
    def tags(self) -> dict[str, str]:
        """What identifies the run."""
        seed = {} if self.seed is None else {"seed": str(self.seed)}
        return {"dataset": self.dataset, "loss": self.loss, **seed, "radpipe.key": self.key}


def describe_training(dataset: str, loss: str, seed: int, key: str, params: Mapping[str, Any]) -> LoggedRun:
    """Return what is known of a training that begins; `params` is the section `train`."""
    return LoggedRun(dataset, loss, seed, key, format_params({"train": params}))


def read_run(run: Path, dataset: str) -> tuple[LoggedRun, list[EpochLog], list[Path]]:
    """Read the outputs of a training: the run, its history, and the files worth keeping with it."""
    training = read_json(run / "training.json", expected=EARLIER)
    params = format_params({name: training[name] for name in PARAMS if name in training})
    logged_run = LoggedRun(dataset, training["loss"], training["seed"], training["key"], params)
    with (run / "history.csv").open(encoding="utf-8", newline="") as stream:
        history = [
            {name: float(text) for name, text in row.items() if text} for row in csv.DictReader(stream)
        ]
    return logged_run, history, [run / "history.csv"]


def read_comparison(folder: Path, dataset: str) -> tuple[LoggedRun, dict[str, float], str]:
    """Read a comparison: the run, its differences, WBCE minus BCE, and its sentences."""
    found = read_json(folder / "compare.json", expected=EARLIER)
    names = [format_run_name(arm, seed) for arm in found["arms"] for seed in found["seeds"]]
    trainings = [read_json(folder / "runs" / name / "training.json", expected=EARLIER) for name in names]
    key = hashlib.sha256("\n".join(training["key"] for training in trainings).encode()).hexdigest()
    params = format_params({"losses": found["arms"], "seeds": found["seeds"]})
    groups = {**found["findings"], **{name: found[name] for name in AVERAGES}}
    differences = {
        f"wbce minus bce/{metric}/{group}": values.get("difference")
        for group, metrics in groups.items()
        for metric, values in metrics.items()
        if metric.startswith(COMPARED)
    }
    verdict = found.get("endpoint") or {}
    words = " ".join(filter(None, [verdict.get("sentence"), found["sentence"]]))
    return LoggedRun(dataset, "comparison", None, key, params), keep_numbers(differences), words


def name_epoch_metrics(log: EpochLog) -> dict[str, float]:
    """Name one line of history.csv: val_auroc becomes val/auroc, loss becomes train/loss.

    In a cross-validation the round is appended: val/auroc/round 0.
    """
    named = {}
    for column, value in log.items():
        if column not in POSITION:
            prefix = next(prefix for prefix in PREFIXES if column.startswith(prefix))
            named[PREFIXES[prefix] + column.removeprefix(prefix) + format_round_suffix(log)] = value
    return keep_numbers(named)


def format_round_suffix(log: EpochLog) -> str:
    """Return what distinguishes the metrics of one round from those of another."""
    return f"/round {int(log['round'])}" if "round" in log else ""


def read_final_metrics(file: Path) -> dict[str, float]:
    """Name the numbers of an evaluation: test/recall/Mass is at 0.5, test/recall chosen/Mass at the other."""
    found = read_json(file, expected=EARLIER)
    groups = {**found["findings"], **{name: found[name] for name in AVERAGES if name in found}}
    named = {}
    for group, values in groups.items():
        for metric in RANKED:
            named[f"test/{metric}/{group}"] = values[metric]
        for cut, (suffix, metrics) in CUTS.items():
            for metric in metrics:
                named[f"test/{metric}{suffix}/{group}"] = values[cut].get(metric)
    if score := found.get("score"):
        scores = {score["name"]: score["value"], **score["parts"]}
        named |= {f"test/score/{clean(name)}": value for name, value in scores.items()}
    return keep_numbers(named | _name_round_metrics(found.get("rounds")))


def _name_round_metrics(by_round: dict[str, Any] | None) -> dict[str, float | None]:
    """Name the mean AUROC over the rounds of a cross-validation."""
    entries = {**by_round["findings"], "macro": by_round["macro"]} if by_round else {}
    return {f"test/auroc_by_round/{group}": entry["mean"] for group, entry in entries.items()}


def compute_data_tags(folder: Path) -> dict[str, str]:
    """Return the hash of the labels, source pixels and split of results/{dataset}, as far as they exist."""
    files = [folder / name for name in DATA if (folder / name).is_file()]
    digest = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files))
    return {"data": digest.hexdigest()[:16]} if files else {}


def find_origin() -> dict[str, str]:
    """Return the commit of the code, whether it was edited since, and the DVC experiment that runs."""
    tags = {"dvc.experiment": os.environ.get("DVC_EXP_NAME", "")}
    commit = _run_git("rev-parse", "HEAD")
    if commit is not None:
        tags |= {"git.commit": commit, "git.dirty": str(_run_git("status", "--porcelain") != "").lower()}
    return {name: value for name, value in tags.items() if value}


def format_params(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested values as MLflow parameters: text, named by their path, train.head.dropout."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= format_params(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            flat[prefix + name] = ", ".join(str(item) for item in value)
        else:
            # The path of a file with weights may name its owner.
            flat[prefix + name] = "a local file" if "/" in str(value) else str(value)
    return flat


def format_error(error: Exception) -> str:
    """Return in one line what the store answered."""
    return f"MLflow is unreachable, or refuses: {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def keep_numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    """Leave out what is undefined, and make the names fit."""
    return {clean(name): float(value) for name, value in values.items() if value is not None}


def clean(name: str) -> str:
    """Replace what MLflow refuses in a name: recall@0.5 becomes recall at 0.5."""
    return FORBIDDEN.sub("_", name.replace("@", " at "))


def _run_git(*arguments: str) -> str | None:
    """Return what git prints; None where it is absent or there is no repository."""
    try:
        found = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return found.stdout.strip() if found.returncode == 0 else None
