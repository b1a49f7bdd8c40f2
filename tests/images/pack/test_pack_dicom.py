import numpy as np
import pandas as pd
import pytest
from dicom_files import dicom, shipped
from specs import NO_LINKS

from radpipe.config.data import Crop
from radpipe.errors import DataError
from radpipe.images.pack import packing
from radpipe.images.pack.journal import Source
from radpipe.images.validate.validation import validate
from radpipe.tools.show import draw_image, format_image

LIMIT = 1_000_000
BRAIN = {
    "grey": "window",
    "windows": ({"center": 40, "width": 80}, {"center": 80, "width": 200}, {"center": 40, "width": 380}),
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """40 CT slices of 36 x 40 px; number 3 ends early, 5 is constant, 7 a report, 9 has two frames."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    folder = tmp_path / "root"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for number in range(40):
        levels = generator.integers(-100, 200, (36, 40)).astype(np.int16)
        content = dicom(levels, RescaleSlope="1", RescaleIntercept="0", PixelSpacing=["0.5", "0.5"])
        (folder / f"{number}.dcm").write_bytes(content)
    whole = (folder / "3.dcm").read_bytes()
    (folder / "3.dcm").write_bytes(whole[:-100])
    (folder / "5.dcm").write_bytes(dicom(np.full((9, 9), -3, np.int16)))
    (folder / "7.dcm").write_bytes(shipped("test-SR.dcm"))
    (folder / "9.dcm").write_bytes(dicom(np.zeros((2, 9, 9), np.int16), NumberOfFrames=2))
    return folder


@pytest.fixture
def images():
    names = [str(number) for number in range(40)]
    return pd.DataFrame({"image_id": names, "row": range(40), "path": [f"{name}.dcm" for name in names]})


def test_validation_looks_at_the_header_alone(root, images, validate_spec):
    accepted, rejected, _ = validate(images, root, validate_spec(), NO_LINKS, 2)
    assert rejected[["row", "reason"]].to_numpy().tolist() == [[7, "wrong modality"], [9, "several frames"]]
    assert accepted[["width", "height"]].iloc[0].tolist() == [40, 36]


@pytest.mark.parametrize(
    ("modality", "expected", "detail"),
    [
        ("CT", "CT", None),
        ("DX", "CR/DX", None),
        ("MR", "CR/DX", "MR, expected CR/DX"),
        ("C", "CT", "C, expected CT"),
        ("MR", None, None),  # a reader that expects nothing, for this row
        (None, "CT", None),  # a file that does not say
    ],
)
def test_another_modality_than_the_reader_s_is_rejected(tmp_path, validate_spec, modality, expected, detail):
    (tmp_path / "a.dcm").write_bytes(dicom(np.array([[0, 1]], np.int16), Modality=modality))
    row = {"image_id": ["a"], "path": ["a.dcm"], "expected_modality": pd.Series([expected], dtype="str")}
    accepted, rejected, _ = validate(pd.DataFrame(row), tmp_path, validate_spec(), NO_LINKS, 1)
    assert len(accepted) == (detail is None)
    found = [] if detail is None else [["wrong modality", detail]]
    assert rejected[["reason", "detail"]].to_numpy().tolist() == found


def test_windows_are_packed_as_channels(root, images, image_spec, tmp_path):
    (
        rows,
        rejected,
    ) = packing.pack(images, Source(root, NO_LINKS, LIMIT), image_spec(**BRAIN), tmp_path / "out", 1)
    packed = np.load(tmp_path / "out/pixels.npy")
    assert packed.shape == (40, 32, 32, 3)
    assert packed[rows["pixel_row"]].any(axis=(1, 2, 3)).all()
    assert rejected[["row", "reason"]].to_numpy().tolist() == [
        [3, "truncated"], [5, "constant"], [7, "wrong modality"], [9, "several frames"],
    ]  # fmt: skip
    assert rejected["detail"].iloc[1] == "every pixel is -3"


def test_processes_pack_what_threads_pack(root, images, image_spec, tmp_path, monkeypatch):
    alone = packing.pack(images, Source(root, NO_LINKS, LIMIT), image_spec(**BRAIN), tmp_path / "a", 2)
    monkeypatch.setattr(packing, "WORTH_PROCESSES", 1)
    together = packing.pack(images, Source(root, NO_LINKS, LIMIT), image_spec(**BRAIN), tmp_path / "b", 2)
    for one, other in zip(alone, together, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert (tmp_path / "a/pixels.npy").read_bytes() == (tmp_path / "b/pixels.npy").read_bytes()


def test_the_hash_depends_neither_on_size_nor_on_windows(root, images, image_spec, tmp_path):
    hashes = [
        packing.pack(images, Source(root, NO_LINKS, LIMIT), image_spec(**spec), tmp_path / "out", 1)[0][
            "sha256"
        ].tolist()
        for spec in (BRAIN, {"grey": "minmax", "size": 48})
    ]
    assert hashes[0] == hashes[1]


def test_each_mark_of_an_image_is_packed(root, images, image_spec, validate_spec, tmp_path):
    marks = images.iloc[[0, 0, 0]].assign(image_id=list("abc"), x=[10.0, 30.0, np.nan], y=[10.0, 20.0, 1.0])
    accepted, *_ = validate(marks.reset_index(drop=True), root, validate_spec(), NO_LINKS, 1)
    spec = image_spec(grey="minmax", crop=Crop(size=8, unit="mm"))
    rows, rejected = packing.pack(accepted, Source(root, NO_LINKS, LIMIT), spec, tmp_path / "out", 1)
    assert rejected["reason"].tolist() == ["no mark"]
    assert rows["sha256"].nunique() == 2
    assert (rows["width"] == 40).all()
    kept = rows[["crop_left", "crop_top", "crop_width", "crop_height"]].to_numpy().tolist()
    assert kept == [[2, 2, 16, 16], [22, 12, 16, 16]]
    packed = np.load(tmp_path / "out/pixels.npy")
    assert (packed[0] != packed[1]).any()


def test_a_crop_without_marks_is_refused_before_the_work(root, images, image_spec, tmp_path):
    with pytest.raises(DataError, match="no columns x and y"):
        packing.pack(
            images,
            Source(root, NO_LINKS, LIMIT),
            image_spec(crop=Crop(size=8, unit="px")),
            tmp_path / "out",
            1,
        )


def test_a_dicom_file_is_shown_without_its_patient(tmp_path):
    path = tmp_path / "slice"
    content = dicom(
        np.arange(200, dtype=np.int16).reshape(10, 20),
        PatientName="Secret",
        WindowCenter="100",
        WindowWidth="200",
    )
    path.write_bytes(content)
    text = format_image(path, LIMIT)
    assert "Secret" not in text
    assert "taken      modality CT" in text
    assert "windows    100/200 (center/width), linear" in text
    assert "values     0 to 199, mean 99.5, int16" in text
    draw_image(
        path, pd.DataFrame(columns=["target", "x", "y", "width", "height"]), tmp_path / "show.png", LIMIT
    )
    assert (tmp_path / "show.png").exists()
