"""model.keras -> a model of MLflow, with signature and requirements; Keras is not imported.

`mlflow.keras.log_model` would load the network, 8 s, and look for its requirements, 20 s. This writes
the folder that it would write: `mlflow.pyfunc.load_model` reads it.
"""

import platform
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from mlflow import pyfunc
from mlflow.entities import LoggedModelOutput
from mlflow.models import Model, ModelSignature
from mlflow.types import Schema, TensorSpec

from radpipe.outputs.writing import read_json
from radpipe.tracking.contents import EARLIER
from radpipe.tracking.store import OpenRun

NEEDED = ("keras", "numpy", "tensorflow", "tensorflow-cpu")  # one of the last two is installed


def log(run: OpenRun, folder: Path) -> None:
    """Keep the model of a run, once.

    Parameters
    ----------
    run
        In the store.
    folder
        results/{dataset}/runs/{loss}_s{seed}, with model.keras and training.json.
    """
    outputs = run.found.outputs
    if outputs is not None and outputs.model_outputs:
        return
    client = run.store.client
    with tempfile.TemporaryDirectory() as place, run.store.lock:
        entry = client.create_logged_model(run.store.experiment, name="model", source_run_id=run.id)
        draft = Path(place) / "model"
        write(draft, folder, Model(run_id=run.id, model_id=entry.model_id, model_uuid=entry.model_id))
        client.log_model_artifacts(entry.model_id, str(draft))
        client.finalize_logged_model(entry.model_id, "READY")
        client.log_outputs(run.id, [LoggedModelOutput(entry.model_id, step=0)])


def write(draft: Path, folder: Path, model: Model) -> None:
    """Write the folder of an MLflow model of flavour `tensorflow`."""
    data = draft / "data"
    data.mkdir(parents=True)
    shutil.copyfile(folder / "model.keras", data / "model.keras")
    (data / "keras_module.txt").write_text("keras")
    (data / "save_format.txt").write_text("keras")
    (draft / "requirements.txt").write_text("\n".join(list_requirements()) + "\n")
    (draft / "python_env.yaml").write_text(
        f"python: {platform.python_version()}\ndependencies:\n  - -r requirements.txt\n"
    )
    model.signature = build_signature(read_json(folder / "training.json", expected=EARLIER))
    model.add_flavor(
        "tensorflow", data="data", model_type="keras", keras_version=version("keras"), save_format="keras"
    )
    pyfunc.add_to_model(model, loader_module="mlflow.tensorflow", data="data", python_env="python_env.yaml")
    model.save(str(draft / "MLmodel"))


def build_signature(training: dict[str, Any]) -> ModelSignature:
    """Return what goes in and out: grey levels 0 to 255 (images, size, size, channels) -> logits, float32."""
    size = training["image"]["size"]
    number = np.dtype(np.float32)
    channels = len(training.get("rounds", [training])[0]["mean"])
    image = TensorSpec(number, (-1, size, size, channels))
    return ModelSignature(Schema([image]), Schema([TensorSpec(number, (-1, len(training["targets"])))]))


def list_requirements() -> list[str]:
    """Pin what is needed to load the model, as it is installed."""
    pins = []
    for package in NEEDED:
        try:
            pins.append(f"{package}=={version(package)}")
        except PackageNotFoundError:
            continue
    return pins
