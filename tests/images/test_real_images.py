"""The published images themselves; run where they are, in shared/data beside the repository."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from places import REAL
from specs import NO_LINKS

from radpipe.images.files.headers import read_header
from radpipe.images.files.reading import read_image
from radpipe.images.header_table import read_headers
from radpipe.images.pack.journal import Source
from radpipe.images.pack.packing import pack
from radpipe.images.validate.validation import validate

LIMIT = 2**21


@pytest.fixture(params=[("nih_cxr14", 113, 3), ("nih_cxr14_64px", 1000, 21)], ids=lambda case: case[0])
def real(request):
    """Return the root of a published set, how many images it holds, and how many of them are RGBA."""
    name, images, with_transparency = request.param
    root = REAL / name
    if not root.exists():
        pytest.skip(f"the real images are absent: shared/data/{name}")
    return root, images, with_transparency


def test_every_published_image_is_packed(real, tmp_path, monkeypatch, validate_spec, image_spec):
    monkeypatch.chdir(tmp_path)
    root, count, _ = real
    paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.png"))
    images = pd.DataFrame({"image_id": [Path(path).name for path in paths], "path": paths})
    accepted, refused, _ = validate(images, root, validate_spec(max_pixels=LIMIT), NO_LINKS, 2)
    rows, rejected = pack(accepted, Source(root, NO_LINKS, LIMIT), image_spec(size=48), tmp_path / "out", 2)
    assert len(rows) == count
    assert refused.empty
    assert rejected.empty
    sizes = accepted[["width", "height"]].astype("int32")
    pd.testing.assert_frame_equal(rows[["width", "height"]], sizes)
    assert np.load(tmp_path / "out/pixels.npy").any(axis=(1, 2, 3)).all()


def test_the_rgba_files_among_them_hold_three_equal_channels(real):
    root, _, count = real
    files = [path for path in root.rglob("*.png") if read_header(path).channels == 4]
    assert len(files) == count
    for path in files:
        colours = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(read_image(path, LIMIT).stored, colours[:, :, 1])


CT = {"grey": "window", "windows": ({"center": 40, "width": 80},), "window_function": "linear"}


@pytest.fixture(
    params=[
        ("rsna_hemorrhage/stage_2_train", 237, 512, CT),
        ("rsna_pneumonia/stage_2_train_images", 50, 1024, {}),
    ],
    ids=lambda case: case[0],
)
def real_dicom(request, image_spec):
    """Return the root of a published set, how many files it holds, their side, and how they become grey."""
    name, count, size, options = request.param
    if not (REAL / name).exists():
        pytest.skip(f"the real images are absent: shared/data/{name}")
    return REAL / name, count, size, image_spec(**options)


def test_every_published_dicom_file_is_packed(real_dicom, tmp_path, monkeypatch, validate_spec):
    monkeypatch.chdir(tmp_path)
    root, count, size, spec = real_dicom
    paths = sorted(path.name for path in root.glob("*.dcm"))
    images = pd.DataFrame({"image_id": paths, "path": paths})
    accepted, refused, _ = validate(images, root, validate_spec(max_pixels=LIMIT), NO_LINKS, 2)
    rows, rejected = pack(accepted, Source(root, NO_LINKS, LIMIT), spec, tmp_path / "out", 2)
    assert refused.empty
    assert rejected["reason"].isin(["constant"]).all()
    assert len(rows) == count - len(rejected)
    assert (rows[["width", "height"]] == size).all(axis=None)


def test_the_headers_of_the_published_slices_name_seven_patients_and_studies():
    root = REAL / "rsna_hemorrhage/stage_2_train"
    if not root.exists():
        pytest.skip("the real images are absent: shared/data/rsna_hemorrhage")
    table = read_headers(sorted(root.glob("*.dcm")), 1)
    assert table[["patient_id", "study_id", "series_id", "instance_id"]].nunique().tolist() == [7, 7, 7, 237]
    assert table["reason"].isna().all()
    spaced = table.sort_values(["series_id", "position"]).groupby("series_id")["position"].diff().dropna()
    assert spaced.between(1, 10).all()  # mm between slices


def test_a_published_slice_holds_hounsfield_units():
    path = REAL / "rsna_hemorrhage/stage_2_train/ID_00008ce3c.dcm"
    if not path.exists():
        pytest.skip("the real images are absent: shared/data/rsna_hemorrhage")
    values = read_image(path, LIMIT).values  # noqa: PD011 (no pandas)
    assert values.min() == -1024  # air, which is most of what surrounds a head
    assert 0 < np.median(values[200:300, 200:300]) < 60  # brain
