"""Functional groups of an enhanced file: what they say of one frame, as elements of the data set itself.

An enhanced file has no RescaleSlope, window or spacing of its own: they stand in sequences, either for all
frames or for each (PS3.3 C.7.6.16).
"""

from collections.abc import Iterator

from pydicom import Dataset

from radpipe.images.files.dicom.elements import find_tag, parse_tags
from radpipe.images.problems import ImageProblem

SHARED, PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
GROUP_TAGS = parse_tags(f"{SHARED} {PER_FRAME}")
# PS3.3 C.7.6.16.2.9, .10, .1, .3 and .4.
GROUPS = {
    "PixelValueTransformationSequence": "RescaleSlope RescaleIntercept",
    "FrameVOILUTSequence": "WindowCenter WindowWidth VOILUTFunction VOILUTSequence",
    "PixelMeasuresSequence": "PixelSpacing",
    "PlanePositionSequence": "ImagePositionPatient",
    "PlaneOrientationSequence": "ImageOrientationPatient",
}


def flatten_groups(dataset: Dataset, frame: int) -> Dataset:
    """Copy what the groups say of a frame into the data set; there it holds instead of what stood there.

    Parameters
    ----------
    dataset
        Changed in place; without groups nothing is.
    frame
        From 0.

    Raises
    ------
    ImageProblem
        unreadable, if a sequence is damaged, or has not one item where there must be one.
    """
    for keyword in (SHARED, PER_FRAME):
        if find_tag(keyword) in dataset:
            try:
                for item in list_items(dataset, keyword, frame):
                    copy_elements(item, dataset)
            except ImageProblem:
                raise
            except Exception as error:  # a damaged sequence raises whatever its bytes lead to
                detail = f"{keyword} is damaged ({type(error).__name__})"
                raise ImageProblem("unreadable", detail) from None
    return dataset


def list_items(dataset: Dataset, keyword: str, frame: int) -> Iterator[tuple[Dataset, str]]:
    """Yield for each group of a frame its item, and the elements wanted of it."""
    groups = dataset.get(keyword)
    if not groups:
        return
    place = 0 if keyword == SHARED else frame
    if place >= len(groups):
        raise ImageProblem("unreadable", f"{keyword} has {len(groups)} items, none for frame {frame + 1}")
    for group, elements in GROUPS.items():
        items = groups[place].get(group)
        if items:
            if len(items) > 1:
                raise ImageProblem("unreadable", f"{group} has {len(items)} items, expected 1")
            yield items[0], elements


def copy_elements(found: tuple[Dataset, str], dataset: Dataset) -> None:
    """Copy the elements of an item, as they are."""
    item, elements = found
    for tag in parse_tags(elements):
        if tag in item:
            dataset[tag] = item.get_item(tag)
