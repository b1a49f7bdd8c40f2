"""What tests share: small files and sections, a small published folder, and the place of the real data."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from places import REAL
from png_files import chunk, encode_png

from radpipe.config.data import ImageSpec, ValidateSpec

# The same examples on every machine; what was found is written down as a test, not kept in a folder.
FUZZED = "FUZZ_EXAMPLES" in os.environ  # make fuzz: other examples every time
settings.register_profile("tests", derandomize=not FUZZED, database=None, deadline=None)
settings.load_profile("tests")

HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,{sex},View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
)

PLAIN = {
    "size": 32,
    "fit": "pad",
    "interpolation": "area",
    "grey": "stored",
    "windows": (),
    "window_function": "linear",
    "percentiles": (1.0, 99.0),
    "equalise": False,
    "crop": None,
}


def pytest_collection_modifyitems(items):
    """Begin with the slowest tests."""
    items.sort(key=lambda item: item.path.parent.name != "pipeline")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep the tests of a file in one process, and those that share a run of the workflow."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.split("::")[0]
            return "pipeline" if Path(file).parent.name == "pipeline" else file

    return Scheduler(config, log)


@pytest.fixture
def real_table():
    """Folder of the whole published label table of ChestX-ray14."""
    folder = REAL / "nih_cxr14"
    if not folder.is_dir():
        pytest.skip("the real ChestX-ray14 table is not beside the repository (../shared/data/nih_cxr14)")
    return folder


@pytest.fixture
def write_entries(tmp_path):
    """Write a Data_Entry table in the published format from (name, labels, patient, age) rows."""

    def write(rows, name="Data_Entry_2017_v2020.csv", sex="Patient Gender"):
        lines = [
            f"{image},{labels},0,{patient},{age},F,PA,2500,2048,0.168,0.168"
            for image, labels, patient, age in rows
        ]
        path = tmp_path / name
        path.write_text("\n".join([HEADER.format(sex=sex), *lines]) + "\n", encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def png():
    """The encoder: png(samples, depth=8, palette=None, interlaced=False) -> bytes."""
    return encode_png


@pytest.fixture
def png_chunk():
    return chunk


@pytest.fixture
def ramp():
    """(3, 4) uint8: 0, 20, 40, ... 220."""
    return np.arange(0, 240, 20, dtype=np.uint8).reshape(3, 4)


@pytest.fixture
def image_spec():
    def make(**options):
        return ImageSpec(**{**PLAIN, **options})

    return make


@pytest.fixture
def validate_spec():
    def make(level="decode", max_pixels=10_000):
        return ValidateSpec(level=level, max_rejected_share=1.0, max_pixels=max_pixels)

    return make
