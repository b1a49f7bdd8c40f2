import numpy as np
import pytest
from dicom_files import dicom, item, problem_of, read, table

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


def test_a_group_that_is_not_understood_is_named():
    twice = item(PixelValueTransformationSequence=[item(RescaleSlope="1"), item(RescaleSlope="2")])
    assert problem_of(dicom(RAMP, **{SHARED: [twice]})).detail == (
        "PixelValueTransformationSequence has 2 items, expected 1"
    )
    comma = item(PixelValueTransformationSequence=[item(RescaleSlope=b"1,0")])
    assert problem_of(dicom(RAMP, **{SHARED: [comma]})).detail == "RescaleSlope '1,0' is no number"
    content = dicom(np.stack([RAMP, RAMP]), NumberOfFrames="2", **{EACH: [item(**GROUPS)]})
    assert problem_of(content, frame=1).detail == f"{EACH} has 1 items, none for frame 2"


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
