"""The folder of a phantom and its receipt, as the `SPEC` of a test module asks for them."""

import json

import pytest

from radpipe.phantoms.driver import make_phantom
from radpipe.phantoms.registry import PHANTOMS


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory):
    spec = request.module.SPEC
    folder = tmp_path_factory.mktemp("phantom") / spec.kind
    make_phantom(PHANTOMS[spec.kind], spec, folder, 2)
    return folder


@pytest.fixture(scope="module")
def receipt(folder):
    return json.loads((folder / "phantom.json").read_text())
