"""Functional groups of an enhanced file: what they say of one frame, as elements of the data set itself.

An enhanced file has no RescaleSlope, window or spacing of its own: they stand in sequences, either for all
frames or for each (PS3.3 C.7.6.16).
"""

from collections.abc import Iterator

from pydicom import Dataset

from radpipe.images.files.dicom.elements import find_tag, has_value, parse_tags
from radpipe.images.files.dicom.pixel_description import read_frames
from radpipe.images.files.dicom.sequences import list_items
from radpipe.images.problems import ImageProblem

SHARED, PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
GROUP_TAGS = parse_tags(f"{SHARED} {PER_FRAME}")
VALUES, DISPLAY, MEASURES = "PixelValueTransformationSequence", "FrameVOILUTSequence", "PixelMeasuresSequence"
# PS3.3 C.7.6.16.2.9, .10, .1, .3 and .4.
GROUPS = {
    VALUES: "RescaleSlope RescaleIntercept",
    DISPLAY: "WindowCenter WindowWidth VOILUTFunction VOILUTSequence",
    MEASURES: "PixelSpacing",
    "PlanePositionSequence": "ImagePositionPatient",
    "PlaneOrientationSequence": "ImageOrientationPatient",
}
REQUIRED = frozenset({VALUES})  # a group that is nothing without all of its elements (type 1)


def flatten_groups(dataset: Dataset, frame: int) -> dict[str, str]:
    """Copy what the groups say of a frame into the data set; there it holds instead of what stood there.

    Parameters
    ----------
    dataset
        Changed in place; without groups nothing is.
    frame
        From 0.

    Returns
    -------
    dict
        By group, why it cannot be used: who needs it is to refuse the file. What stood in the data set is
        taken out then too.

    Raises
    ------
    ImageProblem
        unreadable, if a sequence is damaged that contains the groups, or is not for as many frames.
    """
    problems: dict[str, str] = {}
    seen: set[str] = set()
    for keyword in (SHARED, PER_FRAME):
        groups = list_items(dataset, keyword)
        if not groups:
            continue
        place = find_place(dataset, keyword, len(groups), frame)
        for group in list_groups(groups[place]):
            try:
                item = take_item(groups[place], group)
                if group in seen:
                    raise ImageProblem("unreadable", f"{group} stands in {SHARED} and in {PER_FRAME}")
            except ImageProblem as problem:
                problems[group], item = problem.detail, Dataset()
            seen.add(group)
            copy_elements(item, dataset, group)
    return problems


def find_place(dataset: Dataset, keyword: str, count: int, frame: int) -> int:
    """Return the index of the item that holds for a frame: the only one, or that of the frame."""
    expected = 1 if keyword == SHARED else read_frames(dataset)
    if count != expected:
        raise ImageProblem("unreadable", f"{keyword} has {count} items, expected {expected}")
    return 0 if keyword == SHARED else frame


def list_groups(item: Dataset) -> Iterator[str]:
    """Yield the groups that an item has, and that mean something here; an empty one is none."""
    for group in GROUPS:
        if has_value(item, group):
            yield group


def take_item(item: Dataset, group: str) -> Dataset:
    """Return the only item of a group."""
    items = list_items(item, group)
    if len(items) != 1:
        raise ImageProblem("unreadable", f"{group} has {len(items)} items, expected 1")
    missing = [name for name in GROUPS[group].split() if find_tag(name) not in items[0]]
    if group in REQUIRED and missing:
        raise ImageProblem("unreadable", f"{group} without {missing[0]}")
    return items[0]


def copy_elements(item: Dataset, dataset: Dataset, group: str) -> None:
    """Copy the elements of a group as they are; what it does not say, nothing else says in its place."""
    for tag in parse_tags(GROUPS[group]):
        if tag in item:
            dataset[tag] = item.get_item(tag)
        elif tag in dataset:
            del dataset[tag]
