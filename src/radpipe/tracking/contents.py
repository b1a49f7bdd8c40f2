"""The files of a run -> what is told to MLflow about it: parameters, metrics, tags."""

import csv
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radpipe.config.runs import format_run_name
from radpipe.errors import DataError

FORBIDDEN = re.compile(r"[^\w\-. :/]")  # in names of metrics
PARTS = {"val_": "val/", "": "train/"}  # prefixes in history.csv and in MLflow
POSITION = ("round", "epoch")  # columns of history.csv that say where a line stands
AVERAGES = ("macro", "pooled")  # they stand among the findings, under their own names
RANKED = ("auroc", "average_precision", "brier")
# What is told of each threshold; metrics.json, which is kept with the run, tells all.
CUTS = {
    "at_half": ("", ("recall", "specificity", "precision", "f1")),
    "at_chosen": (" chosen", ("recall", "specificity", "threshold")),
}
COMPARED = (*RANKED, "recall@", "specificity@0.5")  # of compare.json
PARAMS = ("train", "image", "in_force", "targets", "trainable_parameters", "best_epoch")  # of training.json
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
        return self.loss if self.seed is None else f"{self.loss}-s{self.seed}"

    @property
    def tags(self) -> dict[str, str]:
        """What identifies the run."""
        seed = {} if self.seed is None else {"seed": str(self.seed)}
        return {"dataset": self.dataset, "loss": self.loss, **seed, "radpipe.key": self.key}


def begin(dataset: str, loss: str, seed: int, key: str, params: Mapping[str, Any]) -> LoggedRun:
    """State the facts of a training that begins; `params` is the section `train`."""
    return LoggedRun(dataset, loss, seed, key, flatten({"train": params}))


def read_run(run: Path, dataset: str) -> tuple[LoggedRun, list[dict[str, float]], list[Path]]:
    """Read what a training left: its facts, its history, and the files worth keeping with it."""
    training = read_json(run / "training.json")
    params = flatten({name: training[name] for name in PARAMS if name in training})
    facts = LoggedRun(dataset, training["loss"], training["seed"], training["key"], params)
    with (run / "history.csv").open(encoding="utf-8", newline="") as stream:
        history = [
            {name: float(text) for name, text in row.items() if text} for row in csv.DictReader(stream)
        ]
    return facts, history, [run / "history.csv"]


def read_comparison(folder: Path, dataset: str) -> tuple[LoggedRun, dict[str, float], str]:
    """Read a comparison: its facts, its differences, WBCE minus BCE, and its sentences."""
    found = read_json(folder / "compare.json")
    names = [format_run_name(arm, seed) for arm in found["arms"] for seed in found["seeds"]]
    keys = [read_json(folder / "runs" / name / "training.json")["key"] for name in names]
    key = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    params = flatten({"losses": found["arms"], "seeds": found["seeds"]})
    groups = {**found["findings"], **{name: found[name] for name in AVERAGES}}
    differences = {
        f"wbce minus bce/{metric}/{group}": values.get("difference")
        for group, metrics in groups.items()
        for metric, values in metrics.items()
        if metric.startswith(COMPARED)
    }
    verdict = found.get("endpoint") or {}
    words = " ".join(filter(None, [verdict.get("sentence"), found["sentence"]]))
    return LoggedRun(dataset, "comparison", None, key, params), numbers(differences), words


def epoch_metrics(row: Mapping[str, float]) -> dict[str, float]:
    """Name one line of history.csv: val_auroc becomes val/auroc, loss becomes train/loss.

    In a cross-validation the round stands behind: val/auroc/round 0.
    """
    named = {}
    for column, value in row.items():
        if column not in POSITION:
            prefix = next(prefix for prefix in PARTS if column.startswith(prefix))
            named[PARTS[prefix] + column.removeprefix(prefix) + suffix_of(row)] = value
    return numbers(named)


def suffix_of(row: Mapping[str, float]) -> str:
    """Return what tells the metrics of one round from those of another."""
    return f"/round {int(row['round'])}" if "round" in row else ""


def final_metrics(file: Path) -> dict[str, float]:
    """Name the numbers of an evaluation: test/recall/Mass is at 0.5, test/recall chosen/Mass at the other."""
    found = read_json(file)
    groups = {**found["findings"], **{name: found[name] for name in AVERAGES if name in found}}
    named = {}
    for group, values in groups.items():
        for metric in RANKED:
            named[f"test/{metric}/{group}"] = values[metric]
        for cut, (suffix, metrics) in CUTS.items():
            for metric in metrics:
                named[f"test/{metric}{suffix}/{group}"] = values[cut].get(metric)
    if score := found.get("score"):
        parts = {score["name"]: score["value"], **score["parts"]}
        named |= {f"test/score/{clean(part)}": value for part, value in parts.items()}
    return numbers(named | _round_metrics(found.get("rounds")))


def _round_metrics(by_round: dict[str, Any] | None) -> dict[str, float | None]:
    """Name the mean AUROC over the rounds of a cross-validation."""
    entries = {**by_round["findings"], "macro": by_round["macro"]} if by_round else {}
    return {f"test/auroc_by_round/{group}": entry["mean"] for group, entry in entries.items()}


def data_tags(folder: Path) -> dict[str, str]:
    """Hash the labels, source pixels and split of results/{dataset}, as far as they are there."""
    files = [folder / name for name in DATA if (folder / name).is_file()]
    digest = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files))
    return {"data": digest.hexdigest()[:16]} if files else {}


def origin() -> dict[str, str]:
    """Say which commit the code is of, whether it was edited since, and which DVC experiment runs."""
    tags = {"dvc.experiment": os.environ.get("DVC_EXP_NAME", "")}
    commit = _git("rev-parse", "HEAD")
    if commit is not None:
        tags |= {"git.commit": commit, "git.dirty": str(_git("status", "--porcelain") != "").lower()}
    return {name: value for name, value in tags.items() if value}


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Name nested values by their path, as text: train.head.dropout."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            flat[prefix + name] = ", ".join(str(item) for item in value)
        else:
            # The path of a file with weights may name its owner.
            flat[prefix + name] = "a local file" if "/" in str(value) else str(value)
    return flat


def say(error: Exception) -> str:
    """Say in one line what the store answered."""
    return f"MLflow is unreachable, or refuses: {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    """Leave out what is undefined, and make the names fit."""
    return {clean(name): float(value) for name, value in values.items() if value is not None}


def clean(name: str) -> str:
    """Replace what MLflow refuses in a name: recall@0.5 becomes recall at 0.5."""
    return FORBIDDEN.sub("_", name.replace("@", " at "))


def read_json(file: Path) -> dict[str, Any]:
    """Read a file of the contract."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{file}: not found, expected the output of an earlier step") from None
    return content


def _git(*arguments: str) -> str | None:
    """Ask git; None where it is absent or there is no repository."""
    try:
        found = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return found.stdout.strip() if found.returncode == 0 else None
