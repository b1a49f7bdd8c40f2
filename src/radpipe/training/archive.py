"""Keras models as files that are byte-identical if the models are."""

import json
import zipfile
from pathlib import Path
from typing import Any

import keras

from radpipe.outputs.writing import write_whole

CONFIG = "config.json"
METADATA = "metadata.json"
# Of the writing process, not of the model. `compile_config` would contain the loss, which is no Keras object.
VOLATILE = {"shared_object_id", "compile_config"}
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can record


def save(model: keras.Model, path: Path) -> None:
    """Write a `.keras` file for inference: no optimizer, no loss, no date.

    Any Keras loads it: ``keras.saving.load_model(path)``.

    Parameters
    ----------
    model
        Compiled or not.
    path
        Ends in `.keras`.
    """
    bare = type(model).from_config(model.get_config())  # a compiled model would save its optimizer
    bare.set_weights(model.get_weights())
    with write_whole(path) as draft:
        bare.save(draft)
        with zipfile.ZipFile(draft) as archive:
            entries = {name: archive.read(name) for name in sorted(archive.namelist())}
        entries[CONFIG] = _encode_json(_drop_volatile(json.loads(entries[CONFIG])))
        entries[METADATA] = _encode_json({"keras_version": keras.__version__})
        _write_zip(draft, entries)


def _drop_volatile(value: Any) -> Any:
    """Return a configuration without what changes from process to process."""
    if isinstance(value, dict):
        return {key: _drop_volatile(inner) for key, inner in value.items() if key not in VOLATILE}
    return [_drop_volatile(inner) for inner in value] if isinstance(value, list) else value


def _encode_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _write_zip(path: Path, entries: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = 3  # as on Unix, everywhere
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
