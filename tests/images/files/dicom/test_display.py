import numpy as np
import pytest
from dicom_files import dicom, item, read, table

from radpipe.images.picture import FileWindow
from radpipe.images.prepare.grey import to_grey
from radpipe.images.problems import ImageProblem

RAMP = np.arange(6, dtype=np.int16).reshape(2, 3) * 100


@pytest.fixture
def display(image_spec):
    def show(content):
        return to_grey(read(content), image_spec(grey="file_window"))[..., 0].tolist()

    return show


@pytest.fixture
def refusal(display):
    def refuse(content):
        with pytest.raises(ImageProblem) as caught:
            display(content)
        assert caught.value.reason == "no window"
        return caught.value.detail.removesuffix("; set image.grey to another value")

    return refuse


@pytest.mark.parametrize(
    ("centers", "widths", "windows"),
    [
        (b"40\\600", b"80\\2800", [(40, 80), (600, 2800)]),
        (b"\\600", b"80\\2800", [(600, 2800)]),
        (b"40\\600\\", b"80\\2800\\", [(40, 80), (600, 2800)]),
        (b"40", b"80\\2800", [(40, 80)]),
        (b"40,5\\600", b"80\\2800", [(600, 2800)]),
        (b"40\\50", b"0\\9", [(50, 9)]),
    ],
)
def test_windows_are_pairs_of_the_same_place(centers, widths, windows):
    found = read(dicom(RAMP, WindowCenter=centers, WindowWidth=widths)).windows
    assert found == tuple(FileWindow(*pair) for pair in windows)


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({}, "the file names none"),
        (
            {"WindowCenter": b"40,5", "WindowWidth": b"400"},
            "WindowCenter '40,5' is no number",
        ),
        ({"WindowCenter": b"40", "WindowWidth": b"w"}, "WindowWidth 'w' is no number"),
        (
            {"WindowCenter": b"40", "WindowWidth": b"0"},
            "WindowCenter '40' with WindowWidth '0' is no LINEAR window",
        ),
        (
            {"WindowCenter": b"4", "WindowWidth": b".8", "VOILUTFunction": "LINEAR"},
            "WindowCenter '4' with WindowWidth '.8' is no LINEAR window",
        ),
        (
            {"WindowCenter": b"40", "WindowWidth": b"-9", "VOILUTFunction": "SIGMOID"},
            "WindowCenter '40' with WindowWidth '-9' is no SIGMOID window",
        ),
        ({"WindowCenter": b"40"}, "WindowCenter '40' with WindowWidth '' is no LINEAR window"),
        (
            {"WindowCenter": b"40", "WindowWidth": b"80", "VOILUTFunction": "CUBIC"},
            "VOILUTFunction 'CUBIC' is no function of windows",
        ),
    ],
)
def test_a_window_that_cannot_be_used_is_named_where_it_is_needed(refusal, elements, words):
    assert refusal(dicom(RAMP, **elements)) == words


@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_widths_below_1_are_allowed_where_the_function_allows_them(function):
    content = dicom(RAMP, WindowCenter="0.4", WindowWidth="0.8", VOILUTFunction=function)
    picture = read(content)
    assert picture.windows == (FileWindow(0.4, 0.8),)
    assert picture.window_function == function.lower()


def test_a_width_below_1_without_a_function_is_exact(display):
    # 0 to 500 times 0.0016 is 0 to 0.8, the whole window
    content = dicom(RAMP, RescaleSlope="0.0016", WindowCenter="0.4", WindowWidth="0.8")
    assert display(content) == [[0, 51, 102], [153, 204, 255]]


def test_a_table_takes_the_place_of_a_window(display):
    # entries of 100 to 400; what lies below has the first, what lies above the last
    entries = np.linspace(65535, 0, 301).round()
    content = dicom(RAMP, VOILUTSequence=[table(entries, first=100)])
    assert display(content) == [[255, 255, 170], [85, 0, 0]]


def test_a_window_goes_before_a_table(display):
    content = dicom(RAMP, WindowCenter="250.5", WindowWidth="501", VOILUTSequence=[table([0, 65535])])
    assert display(content) == [[0, 51, 102], [153, 204, 255]]


def test_a_table_may_have_entries_of_8_bits_and_negative_values(display):
    content = dicom(RAMP - 200, VOILUTSequence=[table([0, 10, 20], first=-1, bits=8, vr="SS")])
    assert display(content) == [[0, 0, 10], [20, 20, 20]]


def test_a_table_follows_the_rescaling(display):
    content = dicom(RAMP, RescaleIntercept="-100", VOILUTSequence=[table([0, 65535], first=-100, vr="SS")])
    assert display(content) == [[0, 255, 255], [255, 255, 255]]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([item()], "KeyError"),
        ([item(LUTData=b"\0\0")], "KeyError"),
        ([item(LUTDescriptor=[2, 0])], "LUTDescriptor of 2 values"),
    ],
)
def test_a_damaged_table_is_named(refusal, items, words):
    assert refusal(dicom(RAMP, VOILUTSequence=items)) == f"VOILUTSequence is damaged ({words})"


def test_a_table_that_is_too_short_is_named(refusal):
    short = table([1, 2, 3])
    short.LUTDescriptor = [9, 0, 16]
    found = refusal(dicom(RAMP, VOILUTSequence=[short]))
    assert found == "VOILUTSequence is damaged (3 of 9 entries of 16 bits)"


def test_an_entry_above_the_bits_of_its_table_is_refused(refusal):
    found = refusal(dicom(RAMP, VOILUTSequence=[table([0, 4096], bits=12)]))
    assert found == "VOILUTSequence is damaged (an entry of 4096 in a table of 12 bits)"


def test_a_damaged_table_costs_nobody_who_does_not_need_it(image_spec):
    content = dicom(RAMP, VOILUTSequence=[item()])
    assert to_grey(read(content), image_spec(grey="minmax")).max() == 255


def test_the_first_value_of_a_table_may_be_negative_though_the_levels_are_not(display):
    entries = np.zeros(1201)
    entries[1101:] = 255  # of values from 101, where the first is -1000
    content = dicom(RAMP.astype(np.uint16), VOILUTSequence=[table(entries, first=-1000, bits=8, vr="SS")])
    assert display(content) == [[0, 0, 255], [255, 255, 255]]


@pytest.mark.parametrize("place", ["VOILUTSequence", "ModalityLUTSequence"])
def test_a_table_of_16_bits_that_is_cut_is_not_read_as_bytes(place, image_spec):
    cut = table(np.arange(256) * 257)
    cut.LUTData = cut.LUTData[:300]
    with pytest.raises(ImageProblem, match="150 of 256 entries of 16 bits"):
        to_grey(read(dicom(RAMP, **{place: [cut]})), image_spec(grey="file_window"))


def test_an_empty_sequence_of_tables_is_none(refusal):
    assert refusal(dicom(RAMP, VOILUTSequence=[])) == "the file names none"


@pytest.mark.parametrize(("center", "width"), [(b"40, 5", b"80\\200"), (b"[40]", b"80"), (b"40", b"80, 0")])
def test_other_separators_than_a_backslash_make_no_numbers(center, width):
    assert read(dicom(RAMP, WindowCenter=center, WindowWidth=width)).windows == ()
