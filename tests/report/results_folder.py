"""A small synthetic results folder, as the steps before the report leave it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from specs import comparing, evaluating

from radpipe.config.data import ImageSpec
from radpipe.data.audit.gate import build_audit, find_leaks
from radpipe.data.readers.registry import READERS
from radpipe.evaluation.comparison.result import compare
from radpipe.evaluation.single_run import evaluate, trace_curves
from radpipe.explanation import pointing
from radpipe.explanation.cases import NetworkMaps, build_cases
from radpipe.outputs.writing import write_json, write_table
from radpipe.predictions import Predictions

PATIENTS = 60
EACH = 4
SIZE = 32
SPEC = evaluating()
IMAGE = {
    "size": SIZE,
    "fit": "pad",
    "interpolation": "area",
    "grey": "stored",
    "windows": [],
    "window_function": "linear",
    "percentiles": [1, 99],
    "equalise": False,
    "crop": None,
}
FORCE = {
    "backend": "tensorflow",
    "precision": "float32",
    "xla": "off",
    "deterministic": True,
    "device": "CPU",
}


@dataclass(frozen=True)
class Plan:
    """What the folder holds; `never` is a finding that no image has."""

    findings: tuple[str, ...] = ("Effusion", "<script>alert(1)</script>")
    losses: tuple[str, ...] = ("bce", "wbce")
    seeds: tuple[int, ...] = (0,)
    boxes: bool = True
    never: str = ""


def settings_of(plan: Plan) -> dict:
    return {
        "dataset": "synthetic",
        "losses": list(plan.losses),
        "seeds": list(plan.seeds),
        "reader": "nih_cxr14",
        "root": "/home/somebody/secret",
        "tables": None,
        "limit_patients": None,
        "targets": {"include": [*plan.findings, "Hernia"], "too_rare": "drop", "min_positive_patients": 5},
        "audit": {"near_duplicate_bits": 16},
        "image": IMAGE,
        "train": {"model": "small_cnn", "weights": "/home/somebody/weights.h5", "head": {"dense": []}},
        "evaluate": SPEC.model_dump(),
        "compare": comparing().model_dump(mode="json"),
        "report": {"title": "Synthetic", "examples": 4},
    }


def write_folder(folder: Path, plan: Plan) -> dict:
    """Write the folder and return its settings."""
    rng = np.random.default_rng(0)
    images = write_index(folder, plan, rng)
    labels = pd.read_parquet(folder / "index/labels.parquet")
    write_pack(folder, images, rng)
    write_split(folder, images, labels, plan)
    write_audit(folder, images, labels)
    used = images[images["assigned"].isin(["val", "test"])]
    runs = {
        (loss, seed): predict(used, labels, plan, loss, seed) for loss in plan.losses for seed in plan.seeds
    }
    for (loss, seed), predictions in runs.items():
        write_run(folder, plan, loss, seed)
        evaluation = folder / f"evaluations/{loss}_s{seed}"
        write_json(evaluation / "metrics.json", evaluate(predictions, SPEC))
        write_table(evaluation / "curves.parquet", trace_curves(predictions))
    write_explained(folder, {loss: runs[loss, plan.seeds[0]].select_split("test") for loss in plan.losses})
    write_json(folder / "compare.json", compare(runs, SPEC, comparing()))
    return settings_of(plan)


def write_explained(folder: Path, arms: dict[str, Predictions]) -> None:
    """Maps of 2 x 2 that point at the top left quarter."""
    image = ImageSpec.model_validate(IMAGE, strict=False)
    rows = pd.read_parquet(folder / "pack/rows.parquet")
    boxes = pd.read_parquet(folder / "index/boxes.parquet")
    maps = np.array([[1, 0.2], [0.1, 0]], np.float32)
    marked = pointing.mark_boxes(next(iter(arms.values())), rows, boxes, image)
    found, drawn = build_cases(
        arms, 1, marked, lambda _, pairs: NetworkMaps("last", np.stack([maps] * len(pairs)))
    )
    write_json(folder / "explain/cases.json", {"seed": 0, **found})
    np.save(folder / "explain/maps.npy", drawn)


def write_index(folder: Path, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    patient = np.repeat(np.arange(PATIENTS), EACH)
    names = pd.Series([f"secret_{p:03}_{i % EACH}.png" for i, p in enumerate(patient)])
    images = pd.DataFrame(
        {"image_id": names, "unit_id": names, "patient_id": [f"P{p:05}" for p in patient], "path": names}
    ).assign(view="PA")
    write_table(folder / "index/images.parquet", images)
    labels = pd.DataFrame(index=pd.Index(names, name="unit_id"))
    for position, finding in enumerate((*plan.findings, "Hernia")):
        drawn = rng.random(len(images)) < 0.4 / (position + 1)
        labels[finding] = (drawn & (finding != plan.never)).astype("float32")
    labels.iloc[3, 0] = np.nan
    write_table(folder / "index/labels.parquet", labels)
    write_boxes(folder, plan, names)
    summary = {
        "reader": "nih_cxr14",
        "tables": [{"file": "Data_Entry_2017_v2020.csv", "sha256": "ab" * 32}],
        "counts": {"rows": len(images), "images": len(images), "patients": PATIENTS},
        "doubts": {},
        "positives": {name: int((labels[name] == 1).sum()) for name in labels},
        "notes": {"impossible age": 1},
        "data_sheet": READERS["nih_cxr14"].to_json(),
    }
    write_json(folder / "index/summary.json", summary)
    part = np.select([patient % 5 == 0, patient % 5 == 1], ["test", "val"], "train")
    return images.assign(row=images.index, assigned=part)


def write_boxes(folder: Path, plan: Plan, names: pd.Series) -> None:
    """One box of the first finding on each of the first two images."""
    box = {
        "image_id": names[:2],
        "target": plan.findings[0],
        "x": 4.0,
        "y": 8.0,
        "width": 16.0,
        "height": 8.0,
    }
    write_table(folder / "index/boxes.parquet", pd.DataFrame(box).iloc[: 2 if plan.boxes else 0])


def write_pack(folder: Path, images: pd.DataFrame, rng: np.random.Generator) -> None:
    refused = {
        "row": [7],
        "path": ["secret_001_3.png"],
        "reason": ["truncated"],
        "detail": ["secret_001_3.png"],
    }
    write_table(folder / "validate/accepted.parquet", images[["image_id", "row", "path"]])
    write_table(folder / "validate/rejected.csv", pd.DataFrame(refused).iloc[:0])
    write_json(folder / "validate/summary.json", {"level": "decode"})
    packed = images.drop(index=7).reset_index(drop=True)
    write_table(
        folder / "pack/rows.parquet",
        packed[["image_id", "row"]].assign(
            pixel_row=packed.index,
            width=64,
            height=32,
            crop_left=0,
            crop_top=0,
            crop_width=64,
            crop_height=32,
        ),
    )
    write_table(folder / "pack/rejected.csv", pd.DataFrame(refused))
    write_json(
        folder / "pack/summary.json", {"identical": {"groups": 1, "images": 2, "groups across patients": 0}}
    )
    np.save(folder / "pack/pixels.npy", rng.integers(0, 255, (len(packed), SIZE, SIZE, 1), np.uint8))


def write_split(folder: Path, images: pd.DataFrame, labels: pd.DataFrame, plan: Plan) -> None:
    patients = images.drop_duplicates("patient_id")
    write_table(
        folder / "split.parquet", patients[["patient_id", "assigned"]].rename(columns={"assigned": "split"})
    )
    used = images.drop(index=[7, 9])
    parts = {}
    for part, group in used.groupby("assigned"):
        mine = labels.loc[group["unit_id"]]
        parts[part] = {
            "patients": 0,
            "images": len(group),
            "findings": {f: counts(mine[f], group) for f in plan.findings},
        }
    excluded = [{"row": 9, "reason": "pixel-identical copy in another part"}]
    checks = {"patients in two parts": 0}
    write_json(folder / "split.json", {"parts": parts, "checks": checks, "excluded": excluded})
    entry = {"absent": 0.6, "present": 3.0, "negatives": 100, "positives": 20, "positive_patients": 15}
    dropped = {"Hernia": {"reason": "3 training patients with it, expected 5 or more", "positives": 4}}
    write_json(folder / "weights.json", {"targets": dict.fromkeys(plan.findings, entry), "dropped": dropped})


def write_audit(folder: Path, images: pd.DataFrame, labels: pd.DataFrame) -> None:
    """Rows 1 (test) and 5 (validation) look alike, and their labels differ."""
    pixels = np.lib.format.open_memmap(folder / "pack/pixels.npy", "r+")
    pixels[5] = pixels[1]
    labels = labels.copy()
    labels.iloc[[1, 5], 0] = [1, 0]
    cases = images.drop(index=[7, 9]).assign(pixel_row=lambda kept: kept["row"] - (kept["row"] > 7))
    leaks = find_leaks(cases, "stratified")
    numbers = ["row", "header_patient", "header_spelling", "header_study"]
    headers = pd.DataFrame(columns=numbers, dtype="Int32")
    found = build_audit(cases, labels.loc[cases["unit_id"]], leaks, {}, pixels, headers)
    write_json(folder / "audit.json", found)


def counts(labels: pd.Series, group: pd.DataFrame) -> dict:
    positive = (labels == 1).to_numpy()
    known = int(labels.notna().sum())
    return {
        "positives": int(positive.sum()),
        "negatives": known - int(positive.sum()),
        "unknown": len(labels) - known,
        "positive_patients": group["patient_id"][positive].nunique(),
        "prevalence": float(positive.sum() / known),
    }


def predict(used: pd.DataFrame, labels: pd.DataFrame, plan: Plan, loss: str, seed: int) -> Predictions:
    """Noisy logits; the weighted arm calls more."""
    rng = np.random.default_rng([seed, len(loss)])
    truth = labels.loc[used["unit_id"], list(plan.findings)].to_numpy(np.float32)
    logits = 2 * np.nan_to_num(truth) - 3 + rng.normal(0, 1.2, truth.shape) + (2 if loss == "wbce" else 0)
    cases = used.rename(columns={"image_id": "id", "assigned": "split"}).reset_index(drop=True)
    return Predictions(cases, plan.findings, truth, logits.astype(np.float32))


def write_run(folder: Path, plan: Plan, loss: str, seed: int) -> None:
    epoch = np.arange(1, 5 + seed % 2)
    history = {"epoch": epoch, "learning_rate": 1e-3, "val_auroc": 0.9 - 0.4 / epoch}
    for name in ("loss", "accuracy", "precision", "recall"):
        history |= {name: 0.5 + 0.4 / epoch, f"val_{name}": 0.5 + 0.3 / epoch}
    run = folder / f"runs/{loss}_s{seed}"
    write_table(run / "history.csv", pd.DataFrame(history))
    training = {"targets": list(plan.findings), "best_epoch": 3, "epochs_run": len(epoch)}
    write_json(run / "training.json", {**training, "trainable_parameters": 12345, "in_force": FORCE})
