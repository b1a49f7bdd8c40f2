"""docs/dicom.md: every line is true, and no element that the code reads is missing."""

import re
from pathlib import Path

import numpy as np
import pytest
from dicom_files import dicom, read
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from radpipe.images.files.dicom import image
from radpipe.images.files.dicom.functional_groups import GROUPS
from radpipe.images.prepare.grey import to_grey

ROOT = Path(__file__).parents[2]
TESTS = "\n".join(path.read_text() for path in sorted((ROOT / "tests/images").rglob("test_*.py")))
LINES = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs/dicom.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| Element")
]
ELEMENTS = {keyword: line for line in LINES for keyword in line[0].split(", ")}
IRRELEVANT = [keyword for keyword, line in ELEMENTS.items() if line[2] == "irrelevant"]
# What a picture is made of besides: read for other reasons.
OTHERS = {"Modality", "PixelSpacing"}
RAMP = np.arange(6, dtype=np.uint16).reshape(2, 3) * 100
VALUES = {
    "SQ": [], "US": 3, "SS": 3, "DS": ["1.5", "2"], "IS": "7", "CS": "NO", "OB": b"\1\2", "LO": "text",
    "LT": "text", "ST": "text", "SH": "text", "UI": "1.2", "UR": "a", "UT": "text", "FD": 1.0,
}  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0][:40])
def test_a_line_names_elements_and_a_test(line):
    elements, section, outcome, _, test = line
    assert all(tag_for_keyword(keyword) for keyword in elements.split(", "))
    assert re.fullmatch(r"C\.(7\.5\.1\.1\.2|7\.6\.3|7\.6\.16|8\.11|11\.[126])", section)
    assert outcome in ("applied", "refused", "irrelevant")
    assert f"def {test.strip('`')}(" in TESTS


def test_no_element_that_is_read_is_missing():
    keywords = {keyword_for_tag(tag) for tag in image.TAGS} | set(GROUPS)
    assert len(ELEMENTS) == sum(len(line[0].split(", ")) for line in LINES)
    assert keywords - OTHERS <= set(ELEMENTS)
    assert not keywords & set(IRRELEVANT)


@pytest.mark.parametrize("keyword", IRRELEVANT)
def test_an_irrelevant_element_changes_nothing(keyword, image_spec):
    vr = dictionary_VR(keyword)[:2]
    with_it, without = read(dicom(RAMP, **{keyword: VALUES[vr]})), read(dicom(RAMP))
    np.testing.assert_array_equal(with_it.stored, without.stored)
    assert (with_it.slope, with_it.windows, with_it.padding) == (1.0, (), None)
    spec = image_spec(grey="minmax")
    np.testing.assert_array_equal(to_grey(with_it, spec), to_grey(without, spec))
