"""Hostile input in any form ends in a result or in one line, never in a traceback.

`make test` tries the same few hundred examples everywhere, `make fuzz` others for longer. What is found is
written down as a test of its kind.
"""

import gzip
import io
import os
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from dicom_files import dicom, shipped
from hypothesis import given, settings
from hypothesis import strategies as st
from places import PARAMS
from pydicom.data import get_testdata_file
from specs import PATIENTS

from radpipe.config.parameters import read as read_parameters
from radpipe.config.readers import NoOptions, TableOptions
from radpipe.data.readers.registry import READERS
from radpipe.errors import ConfigError, DataError
from radpipe.images.files.dicom.image import read_dicom
from radpipe.images.files.reading import read_image
from radpipe.images.header_table import read_headers
from radpipe.images.problems import ImageProblem
from radpipe.tools.external.labels import LabelOptions
from radpipe.tools.external.reading import read_given

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
FEW = settings(max_examples=EXAMPLES)
SHIPPED = (
    "CT_small.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm", "MR_small_jpeg_ls_lossless.dcm", "JPGExtended.dcm",
    "image_dfl.dcm", "MR_small_bigendian.dcm", "SC_rgb_rle.dcm", "examples_palette.dcm", "emri_small.dcm",
)  # fmt: skip
SEEDS = [name for name in SHIPPED if get_testdata_file(name, download=False)]
RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8)
ELEMENTS = (
    "RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "PixelSpacing", "NumberOfFrames",
    "VOILUTFunction", "PresentationLUTShape", "PixelAspectRatio", "InstanceNumber", "PatientID", "PatientAge",
)  # fmt: skip
# Cells that break tables, and the signs that divide them.
CELLS = st.one_of(
    st.sampled_from(
        ["", "NA", "nan", "-1", "0", "1", "1,5", "1,024", "None", "[]", "\"", "'", "=1", "\\N", "001", "1e5",
         "a.png", "b/../a.png", "\u200b", "#N/A", "No Finding", "Mass", "Mass|Edema", "id", "Mass", "sep=;"]
    ),
    st.text(max_size=8),
)  # fmt: skip


def write_table(rows, separator, end, mark):
    return (mark + end.join(separator.join(row) for row in rows) + end).encode("utf-8", "surrogatepass")


TABLES = st.builds(
    write_table,
    st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|", " ", ":"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff", "sep=;\n", "\n\n", "# title\n"]),
)
HEADED = st.builds(
    lambda rows, separator, end: write_table([["file", "person", "Mass", "sex"], *rows], separator, end, ""),
    st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
BYTES = st.one_of(
    TABLES, HEADED, st.binary(max_size=200), TABLES.map(lambda text: gzip.compress(text, mtime=0))
)
COLUMNS = {"file": "t.csv", "path": "file", "patient": "person", "split": None, "uncertain": "unknown"}


def allowed(call, *errors):
    """Call; errors of the user are allowed, and no others."""
    with suppress(*errors):
        call()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@FEW
@given(content=BYTES, words=st.booleans())
def test_an_own_table(place, content, words):
    (place / "t.csv").write_bytes(content)
    labels = {
        "labels": ("Mass",),
        "separator": "|" if words else None,
        "negative": "No Finding" if words else None,
    }
    options = TableOptions(**PATIENTS, **COLUMNS, **labels, metadata=("sex",))
    allowed(lambda: READERS["table"].read(place, place, options), DataError)


@FEW
@given(
    name=st.sampled_from(
        [
            "Data_Entry_2017.csv",
            "BBox_List_2017.csv",
            "test_list.txt",
            "train_val_list.txt",
            "stage_2_train.csv",
        ]
    ),
    content=BYTES,
)
def test_a_published_table(place, name, content):
    entries = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\n"
    (place / "Data_Entry_2017.csv").write_text(entries + "00000001_000.png,Mass,0,1,57,F,PA\n")
    for other in ("BBox_List_2017.csv", "test_list.txt", "train_val_list.txt"):
        (place / other).write_text("00000001_000.png\n")
    (place / name).write_bytes(content)
    for reader in ("nih_cxr14", "rsna_hemorrhage"):
        allowed(lambda reader=reader: READERS[reader].read(place, place, NoOptions(**PATIENTS)), DataError)


@FEW
@given(outputs=BYTES, labels=BYTES)
def test_external_predictions_and_labels(place, outputs, labels):
    (place / "p.csv").write_bytes(outputs)
    (place / "l.csv").write_bytes(labels)
    options = LabelOptions(**PATIENTS, uncertain="unknown")
    allowed(lambda: read_given([place / "p.csv"], place / "l.csv", options), DataError, ConfigError)


@FEW
@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode)),
    place_of=st.integers(0, 9999),
)
def test_the_text_of_the_parameters(place, content, place_of):
    shipped_text = PARAMS.read_bytes()
    cut = place_of % len(shipped_text)
    for text in (content, shipped_text[:cut] + content + shipped_text[cut:]):
        (place / "params.yaml").write_bytes(text)
        allowed(lambda: read_parameters(place / "params.yaml"), ConfigError)


@FEW
@given(
    name=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 10**6),
)
def test_a_damaged_dicom_file(place, name, changes, cut):
    content = bytearray(shipped(name))
    for position, value in changes:
        content[position % len(content)] = value
    damaged = bytes(content[: len(content) - cut % len(content)]) if cut % 3 == 0 else bytes(content)
    allowed(lambda: read_dicom(io.BytesIO(damaged), 10**6), ImageProblem)
    path = place / "x.dcm"
    path.write_bytes(damaged)
    assert isinstance(read_headers([path], 1), pd.DataFrame)


@FEW
@given(elements=st.dictionaries(st.sampled_from(ELEMENTS), st.binary(max_size=24), max_size=5))
def test_elements_that_hold_anything(place, elements):
    try:
        content = dicom(RAMP, **elements)
    except Exception:
        return  # pydicom does not write it
    allowed(lambda: read_dicom(io.BytesIO(content), 10**6), ImageProblem)


@FEW
@given(
    content=st.binary(max_size=200),
    kind=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"", b"\0" * 128 + b"DICM"]),
)
def test_any_bytes_as_an_image(place, content, kind):
    path = place / "x"
    path.write_bytes(kind + content)
    allowed(lambda: read_image(path, 10**6), ImageProblem)
