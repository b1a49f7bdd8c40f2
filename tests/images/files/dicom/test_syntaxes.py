"""Every transfer syntax that pydicom's own test files hold, against the same image uncompressed."""

import cv2
import numpy as np
import pytest
from dicom_files import read, shipped
from pydicom import dcmread
from pydicom.data import get_testdata_file

MR = "MR_small.dcm"
COLOUR_BARS = (
    "SC_rgb_rle.dcm",
    "SC_rgb_jpeg_gdcm.dcm",  # JPEG Lossless
    "SC_rgb_gdcm_KY.dcm",  # JPEG 2000
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",  # this and the next ones: JPEG Baseline
    "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_dcmtk_+eb+cy+s2.dcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm",
    "SC_rgb_dcmtk_+eb+cy+n1.dcm",
    "SC_rgb_dcmtk_+eb+cy+n2.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
)


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_implicit.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_expb.dcm",
        "MR_small_padded.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_jp2klossless.dcm",
    ],
)
def test_an_mr_slice_is_the_same_in_every_lossless_syntax(name):
    picture, reference = read(shipped(name)), read(shipped(MR))
    assert picture.stored.dtype == reference.stored.dtype == np.int16
    np.testing.assert_array_equal(picture.stored, reference.stored)
    assert picture.windows == reference.windows


def test_the_reference_is_what_the_bytes_of_the_file_say():
    content = dcmread(get_testdata_file(MR, download=False)).PixelData
    np.testing.assert_array_equal(read(shipped(MR)).stored.ravel(), np.frombuffer(content, "<i2"))


@pytest.mark.parametrize("name", COLOUR_BARS)
def test_the_colour_bars_have_their_luma_in_every_syntax(name):
    # Ten bars of 10 rows; the middle row of each: red, green, blue.
    bars = [
        (255, 0, 0), (255, 128, 128), (0, 255, 0), (128, 255, 128), (0, 0, 255), (128, 128, 255),
        (0, 0, 0), (64, 64, 64), (192, 192, 192), (255, 255, 255),
    ]  # fmt: skip
    luma = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in bars]
    np.testing.assert_allclose(read(shipped(name)).stored[5::10, 50], luma, atol=3)


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG-lossy.dcm"])
def test_12_bit_jpeg_extended_is_the_image_that_jpeg_2000_holds(name):
    # Two lossy copies of one bone scan, by two codecs: alike, never equal.
    picture, other = read(shipped(name)), read(shipped("JPEG2000.dcm"))
    assert (picture.stored.shape, picture.stored.dtype, picture.bits) == ((1024, 256), np.uint16, 12)
    assert other.stored.dtype == np.int16
    assert np.corrcoef(picture.stored.ravel(), other.stored.ravel())[0, 1] > 0.95
    assert abs(int(picture.stored.max()) - int(other.stored.max())) < 30


def test_jpeg_2000_of_14_bits_is_read():
    levels = read(shipped("693_J2KI.dcm")).stored
    assert (levels.min(), levels.max()) == (-2971, 2836)


def test_the_header_holds_where_jpeg_2000_contradicts_its_sign():
    levels = read(shipped("J2K_pixelrep_mismatch.dcm")).stored
    assert levels[0, 0] == -2000
    assert levels.max() == 1896


@pytest.mark.parametrize(
    ("name", "highest"), [("JPEGLSNearLossless_08.dcm", 255), ("JPEGLSNearLossless_16.dcm", 65535)]
)
def test_near_lossless_jpeg_ls_is_read(name, highest):
    levels = read(shipped(name)).stored
    assert (levels.min(), levels.max()) == (0, highest)


def test_a_deflated_file_is_read():
    picture = read(shipped("image_dfl.dcm"))
    assert picture.stored.shape == (512, 512)
    assert picture.stored.std() > 1


def test_a_palette_is_looked_up():
    dataset = dcmread(get_testdata_file("examples_palette.dcm", download=False))
    red, green, blue = (
        np.frombuffer(dataset[f"{colour}PaletteColorLookupTableData"].value, "<u2")[dataset.pixel_array]
        for colour in ("Red", "Green", "Blue")
    )
    expected = cv2.cvtColor(np.dstack([red, green, blue]), cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(read(shipped("examples_palette.dcm")).stored, expected)


def test_an_overlay_beside_the_pixels_changes_nothing():
    assert read(shipped("examples_overlay.dcm")).stored.max() == 1123


@pytest.mark.parametrize(
    "name", ["SC_rgb_small_odd.dcm", "SC_rgb_small_odd_big_endian.dcm", "SC_rgb_small_odd_jpeg.dcm"]
)
def test_an_odd_number_of_bytes_is_read(name):
    assert read(shipped(name)).stored.shape == (3, 3)


def test_the_colours_of_jpeg_are_what_the_header_says():
    reference = read(shipped("SC_rgb_jpeg_dcmd.dcm")).stored.astype(int)
    assert np.abs(read(shipped("SC_rgb_jpeg.dcm")).stored - reference).max() <= 2
