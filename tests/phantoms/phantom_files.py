"""What holds for the folder of every phantom."""

import json
from hashlib import sha256

from radpipe.outputs.receipts import RECEIPT


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def check_receipt(folder, spec):
    """Check that phantom.json repeats its spec and lists every other file with its size and hash."""
    files = contents(folder)
    receipt = json.loads(files.pop("phantom.json"))
    files.pop(RECEIPT)
    assert receipt["files"] == sorted(
        [name, len(content), sha256(content).hexdigest()] for name, content in files.items()
    )
    assert receipt["spec"] == spec.model_dump()
