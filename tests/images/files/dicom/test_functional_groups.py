import io
import struct

import numpy as np
import pytest
from dicom_files import dicom, item, problem_of, read, table
from pydicom import dcmread, dcmwrite
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from radpipe.images.header_table import read_headers
from radpipe.images.picture import FileWindow
from radpipe.images.prepare.grey import to_grey

RAMP = np.arange(6, dtype=np.int16).reshape(2, 3) * 100
GROUPS = {
    "PixelValueTransformationSequence": [item(RescaleSlope="2", RescaleIntercept="-1024")],
    "FrameVOILUTSequence": [item(WindowCenter="40", WindowWidth="400", VOILUTFunction="SIGMOID")],
    "PixelMeasuresSequence": [item(PixelSpacing=["0.5", "0.25"])],
    "PlanePositionSequence": [item(ImagePositionPatient=["1", "2", "3"])],
    "PlaneOrientationSequence": [item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
}
SHARED, EACH = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"


@pytest.mark.parametrize("place", [SHARED, EACH])
def test_rescale_window_and_spacing_of_an_enhanced_file_are_applied(place):
    picture = read(dicom(RAMP, NumberOfFrames="1", **{place: [item(**GROUPS)]}))
    assert (picture.slope, picture.intercept) == (2, -1024)
    assert (picture.windows, picture.window_function) == ((FileWindow(40, 400),), "sigmoid")
    assert picture.spacing == (0.5, 0.25)


def test_groups_may_be_divided_between_both_places():
    shared = {"PixelMeasuresSequence": GROUPS["PixelMeasuresSequence"]}
    own = {"PixelValueTransformationSequence": GROUPS["PixelValueTransformationSequence"]}
    picture = read(dicom(RAMP, **{SHARED: [item(**shared)], EACH: [item(**own)]}))
    assert (picture.slope, picture.spacing) == (2, (0.5, 0.25))


def test_each_frame_has_its_own_groups():
    groups = [
        item(PixelValueTransformationSequence=[item(RescaleSlope=str(slope), RescaleIntercept="0")])
        for slope in (3, 5)
    ]
    content = dicom(np.stack([RAMP, RAMP]), NumberOfFrames="2", **{EACH: groups})
    assert [read(content, frame=frame).slope for frame in (0, 1)] == [3, 5]


def test_a_table_of_a_group_is_applied(image_spec):
    groups = item(FrameVOILUTSequence=[item(VOILUTSequence=[table([0, 65535], first=100)])])
    grey = to_grey(read(dicom(RAMP, **{SHARED: [groups]})), image_spec(grey="file_window"))
    assert grey[..., 0].tolist() == [[0, 0, 255], [255, 255, 255]]


VALUES = "PixelValueTransformationSequence"
RESCALING = {"RescaleSlope": "2", "RescaleIntercept": "-1024"}


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({SHARED: [item(**{VALUES: [item(**RESCALING)] * 2})]}, f"{VALUES} has 2 items, expected 1"),
        ({SHARED: [item(**{VALUES: [item(RescaleSlope="2")]})]}, f"{VALUES} without RescaleIntercept"),
        (
            {SHARED: [item(**{VALUES: [item(RescaleSlope=b"1,0", RescaleIntercept="0")]})]},
            "RescaleSlope '1,0' is no number",
        ),
        ({SHARED: [item(**GROUPS)] * 2}, f"{SHARED} has 2 items, expected 1"),
        ({EACH: [item(**GROUPS)] * 2}, f"{EACH} has 2 items, expected 1"),
        (
            {SHARED: [item(**GROUPS)], EACH: [item(**{VALUES: [item(**RESCALING)]})]},
            f"{VALUES} stands in {SHARED} and in {EACH}",
        ),
    ],
)
def test_a_group_that_is_not_understood_is_named(groups, words):
    assert problem_of(dicom(RAMP, **groups)).detail == words


def test_frames_without_groups_of_their_own_are_named():
    content = dicom(np.stack([RAMP, RAMP]), NumberOfFrames="2", **{EACH: [item(**GROUPS)]})
    assert problem_of(content, frame=1).detail == f"{EACH} has 1 items, expected 2"


@pytest.mark.parametrize("group", ["FrameVOILUTSequence", "PixelMeasuresSequence", "PlanePositionSequence"])
def test_a_group_costs_nobody_who_does_not_need_it(group, image_spec, tmp_path):
    content = dicom(RAMP, PixelSpacing=["3", "3"], **{SHARED: [item(**{**GROUPS, group: [item(), item()]})]})
    picture = read(content)
    assert to_grey(picture, image_spec(grey="minmax")).max() == 255
    words = f"{group} has 2 items, expected 1"
    assert picture.no_window == (words if group == "FrameVOILUTSequence" else None)
    assert picture.no_spacing == (words if group == "PixelMeasuresSequence" else None)
    assert picture.spacing == (None if group == "PixelMeasuresSequence" else (0.5, 0.25))
    (tmp_path / "a.dcm").write_bytes(content)
    unreadable = read_headers([tmp_path / "a.dcm"], 1)["unreadable"].dropna().tolist()
    assert unreadable == ([] if group == "FrameVOILUTSequence" else [group])


def test_a_group_holds_instead_of_all_that_stands_in_the_data_set(image_spec):
    own = item(FrameVOILUTSequence=[item(VOILUTSequence=[table([0, 65535], first=100)])])
    content = dicom(
        RAMP, WindowCenter="5", WindowWidth="9", VOILUTFunction="SIGMOID", RescaleSlope="3", **{SHARED: [own]}
    )
    picture = read(content)
    assert (picture.windows, picture.window_function, picture.slope) == ((), "linear", 3)
    grey = to_grey(picture, image_spec(grey="file_window"))
    assert grey[..., 0].tolist() == [[0, 255, 255], [255, 255, 255]]  # values of 0, 300, 600 ...


def cut(content, keyword, length):
    """Return a file whose sequence keeps so many of its bytes."""
    tag = Tag(keyword)
    place = content.index(struct.pack("<HH2s", tag.group, tag.element, b"SQ")) + 8
    (whole,) = struct.unpack_from("<I", content, place)
    kept = content[place + 4 : place + 4 + min(length, whole - 2)]
    return content[:place] + struct.pack("<I", len(kept)) + kept + content[place + 4 + whole :]


@pytest.mark.parametrize("length", [2, 8, 10, 16, 20, 44, 50, 10**6])
def test_a_sequence_that_is_cut_is_not_taken_for_the_whole(length):
    content = dicom(RAMP, **{SHARED: [item(**{VALUES: [item(**RESCALING)]})]})
    assert read(content).slope == 2
    assert problem_of(cut(content, SHARED, length)).detail.startswith(f"{SHARED} is damaged (")


@pytest.mark.parametrize("byte", [b"\0", b"A", b"a", b"\xff"])
@pytest.mark.parametrize("keyword", [SHARED, VALUES])
def test_a_sequence_of_other_bytes_is_not_taken_for_none(keyword, byte):
    content = dicom(RAMP, **{SHARED: [item(**{VALUES: [item(**RESCALING)]})]})
    place = content.index(struct.pack("<HH2s", Tag(keyword).group, Tag(keyword).element, b"SQ")) + 8
    (length,) = struct.unpack_from("<I", content, place)
    damaged = content[: place + 4] + byte * length + content[place + 4 + length :]
    assert "is damaged (" in problem_of(damaged).detail


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("undefined", [False, True])
def test_a_whole_sequence_is_read_however_it_is_written(syntax, undefined):
    dataset = dcmread(io.BytesIO(dicom(RAMP, **{SHARED: [item(**{VALUES: [item(**RESCALING)]})]})))
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = RAMP.astype(">i2").tobytes()
    for sequence in (dataset[SHARED], dataset[SHARED].value[0][VALUES]):
        sequence.is_undefined_length = undefined
        for each in sequence.value:
            each.is_undefined_length_sequence_item = undefined
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    implicit = syntax == ImplicitVRLittleEndian
    dcmwrite(stream, dataset, implicit_vr=implicit, little_endian=syntax != ExplicitVRBigEndian)
    picture = read(stream.getvalue())
    assert (picture.slope, picture.stored.tolist()) == (2, RAMP.tolist())


def test_the_table_of_headers_has_the_place_of_an_enhanced_file(tmp_path):
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(dicom(RAMP, NumberOfFrames="1", **{SHARED: [item(**GROUPS)]}))
    found = read_headers([path], 1).iloc[0]
    assert (found["x"], found["y"], found["z"], found["position"]) == (1, 2, 3, 3)
    assert (found["row_spacing"], found["column_spacing"]) == (0.5, 0.25)


def test_the_place_of_several_frames_is_not_that_of_the_first(tmp_path):
    path = tmp_path / "several.dcm"
    path.write_bytes(dicom(np.stack([RAMP, RAMP]), NumberOfFrames="2", **{EACH: [item(**GROUPS)] * 2}))
    assert np.isnan(read_headers([path], 1)["position"].item())
