"""What holds for the folder of every phantom."""

import json
from hashlib import sha256

import pytest

from radpipe.phantoms.registry import PHANTOMS


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def check_receipt(folder, spec):
    """Check that phantom.json repeats its spec and lists every other file with its size and hash."""
    files = contents(folder)
    receipt = json.loads(files.pop("phantom.json"))
    assert receipt["files"] == sorted(
        [name, len(content), sha256(content).hexdigest()] for name, content in files.items()
    )
    assert receipt["spec"] == spec.model_dump()


def check_failure(monkeypatch, spec, folder, writer):
    """Check that nothing is left if a function of the phantom's module fails."""

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(f"radpipe.phantoms.registry.{spec.kind}.{writer}", fail)
    with pytest.raises(OSError, match="disk full"):
        PHANTOMS[spec.kind](spec, folder / spec.kind, 1)
    assert list(folder.iterdir()) == []
