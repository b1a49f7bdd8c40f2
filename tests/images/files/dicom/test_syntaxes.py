"""Every transfer syntax that pydicom's own test files hold, against the same image uncompressed."""

import io
import struct

import cv2
import imagecodecs
import numpy as np
import pytest
from dicom_files import compressed, dicom, problem_of, read, shipped
from pydicom import dcmread, dcmwrite
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import (
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from radpipe.images.prepare.grey import to_grey

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


def encode_jpeg_2000(pixels, **options):
    return imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", reversible=True, level=0, **options)


ENCODERS = {
    "jpeg-ls": (JPEGLSLossless, imagecodecs.jpegls_encode),
    "jpeg 2000": (JPEG2000Lossless, encode_jpeg_2000),
    "jpeg lossless": (JPEGLosslessSV1, lambda levels: imagecodecs.ljpeg_encode(levels, bitspersample=16)),
}


@pytest.mark.parametrize("codec", ENCODERS)
@pytest.mark.parametrize("signed", [0, 1])
def test_a_stream_of_more_bits_than_the_header_is_read_where_its_levels_fit(codec, signed):
    syntax, encode = ENCODERS[codec]
    levels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) % 2000
    elements = {"BitsStored": 12, "PixelRepresentation": signed, "Modality": "MR"}
    content = compressed(syntax, encode(levels), levels, **elements)
    np.testing.assert_array_equal(read(content).stored, levels)
    outside = levels + 4000
    problem = problem_of(compressed(syntax, encode(outside), levels, **elements))
    words = "the compressed image has 16 bits, the header says 12"
    assert (problem.reason, problem.detail) == ("unreadable", f"{words}, and some levels need more")


@pytest.mark.parametrize("codec", ["jpeg-ls", "jpeg 2000"])
def test_a_negative_level_keeps_its_sign_where_the_stream_has_more_bits(codec):
    syntax, encode = ENCODERS[codec]
    levels = (np.arange(64 * 64, dtype=np.int16).reshape(64, 64) % 2000) - 1000
    content = compressed(syntax, encode(levels.view(np.uint16)), levels, BitsStored=12, Modality="MR")
    np.testing.assert_array_equal(read(content).stored, levels)


@pytest.mark.parametrize("codec", ["jpeg-ls", "jpeg 2000"])
def test_a_stream_of_fewer_bits_than_the_header_is_refused(codec):
    syntax, encode = ENCODERS[codec]
    levels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) % 256
    problem = problem_of(compressed(syntax, encode(levels.astype(np.uint8)), levels, Modality="CR"))
    assert problem.detail == "the compressed image has 8 bits, the header says 16"


RGB = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
LUMA = cv2.cvtColor(RGB, cv2.COLOR_RGB2GRAY)
YBR = convert_color_space(RGB, "RGB", "YBR_FULL")


def encode_rle(pixels):
    segments = [
        imagecodecs.packbits_encode(np.ascontiguousarray(pixels[..., sample]).tobytes())
        for sample in range(3)
    ]
    starts = np.cumsum([64, *(len(segment) for segment in segments)])[:-1].tolist()
    return struct.pack("<16I", 3, *starts, *[0] * 12) + b"".join(segments)


COLOURS = {
    "uncompressed": (None, lambda pixels: pixels.tobytes()),
    "rle": (RLELossless, encode_rle),
    "jpeg-ls": (JPEGLSLossless, imagecodecs.jpegls_encode),
    "jpeg 2000": (JPEG2000Lossless, lambda pixels: encode_jpeg_2000(pixels, mct=False)),
    "transformed": (JPEG2000Lossless, lambda pixels: encode_jpeg_2000(pixels, mct=True)),
}


def coloured(kind, pixels, photometric, **elements):
    syntax, encode = COLOURS[kind]
    grey = np.zeros(pixels.shape[:2], pixels.dtype)
    elements = {"SamplesPerPixel": 3, "PhotometricInterpretation": photometric, **elements}
    elements = {"PlanarConfiguration": 0, "Modality": "US", **elements}
    if syntax is None:
        return dicom(grey, **elements, PixelData=encode(pixels))
    return compressed(syntax, encode(pixels), grey, **elements)


@pytest.mark.parametrize("kind", COLOURS)
def test_colours_become_their_luma(kind):
    np.testing.assert_array_equal(read(coloured(kind, RGB, "RGB")).stored, LUMA)


@pytest.mark.parametrize("kind", ["uncompressed", "rle", "jpeg-ls", "jpeg 2000"])
def test_ybr_full_is_converted_in_every_syntax_that_may_have_it(kind):
    grey = read(coloured(kind, YBR, "YBR_FULL")).stored
    np.testing.assert_allclose(grey.astype(int), LUMA, atol=2)  # both conversions round


@pytest.mark.parametrize("photometric", ["YBR_RCT", "YBR_ICT"])
def test_the_transformation_of_jpeg_2000_is_undone(photometric):
    np.testing.assert_array_equal(read(coloured("transformed", RGB, photometric)).stored, LUMA)


@pytest.mark.parametrize(
    ("kind", "photometric"),
    [
        *(
            (kind, photometric)
            for kind in ("uncompressed", "rle", "jpeg-ls", "jpeg 2000")
            for photometric in ("YBR_RCT", "YBR_ICT", "YBR_PARTIAL_422", "YBR_PARTIAL_420")
        ),
        ("rle", "YBR_FULL_422"),
        ("jpeg-ls", "YBR_FULL_422"),
        ("jpeg 2000", "YBR_FULL_422"),
        ("transformed", "YBR_FULL"),
        ("transformed", "YBR_PARTIAL_420"),
    ],
)
def test_a_colour_space_that_a_syntax_cannot_have_is_refused(kind, photometric):
    problem = problem_of(coloured(kind, RGB, photometric))
    assert problem.reason == "unsupported format"
    assert problem.detail.startswith(f"PhotometricInterpretation {photometric} ")


def test_colours_of_12_bits_are_as_bright_as_those_of_8(image_spec):
    wide = RGB.astype(np.uint16) * 16
    picture = read(coloured("uncompressed", wide, "RGB", BitsStored=12, HighBit=11))
    assert picture.bits == 12
    grey = to_grey(picture, image_spec(grey="stored"))[..., 0]
    np.testing.assert_allclose(grey.astype(int), LUMA, atol=1)


@pytest.mark.parametrize("kind", ["uncompressed", "jpeg-ls"])
def test_ybr_of_more_than_8_bits_is_refused(kind):
    content = coloured(kind, YBR.astype(np.uint16), "YBR_FULL", BitsStored=16, HighBit=15)
    assert problem_of(content).detail == "YBR_FULL of 16 bits, expected 8"


def test_colours_in_boxes_are_refused():
    boxed = imagecodecs.jpeg2k_encode(RGB, codecformat="jp2", reversible=True, level=0)
    content = compressed(
        JPEG2000Lossless, boxed, LUMA, SamplesPerPixel=3, PhotometricInterpretation="RGB", Modality="US"
    )
    assert problem_of(content).detail == "colours of a JP2 file within the file"


INDICES = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def palette(count, bits, **elements):
    """Return a file whose indices, 12 bits, stand for shades of grey that rise to white."""
    rising = (np.arange(count) * (2**bits - 1) // (count - 1)).astype(f"<u{bits // 8}")
    for name in ("Red", "Green", "Blue"):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [count, 0, bits]
        elements[f"{name}PaletteColorLookupTableData"] = rising.tobytes()
    return dicom(INDICES, BitsStored=12, PhotometricInterpretation="PALETTE COLOR", **elements), rising


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_has_as_many_entries_as_it_says(bits):
    content, rising = palette(4096, bits, Modality="US")
    picture = read(content)
    np.testing.assert_array_equal(picture.stored, rising.reshape(64, 64))
    assert picture.bits == bits


def test_an_index_beyond_a_palette_has_the_last_entry():
    content, rising = palette(1000, 16, Modality="US")
    assert read(content).stored[-1, -1] == rising[-1]


def test_the_indices_of_a_ct_have_lost_no_intercept():
    content, rising = palette(4096, 16, RescaleIntercept="0", RescaleSlope="1")
    picture = read(content)
    assert (picture.intercept, picture.stored.tolist()) == (0, rising.reshape(64, 64).tolist())


def big_endian(pixels, vr):
    """Return a big-endian file of 8 bits: as words, two pixels stand in the order of a number."""
    dataset = dcmread(io.BytesIO(dicom(pixels, Modality="CR")))
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    content = pixels.tobytes()
    dataset.PixelData = np.frombuffer(content, "<u2").astype(">u2").tobytes() if vr == "OW" else content
    dataset["PixelData"].VR = vr
    stream = io.BytesIO()
    dcmwrite(stream, dataset, implicit_vr=False, little_endian=False)
    return stream.getvalue()


@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_pixels_of_8_bits_keep_their_place_in_big_endian_words(vr):
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(read(big_endian(pixels, vr)).stored, pixels)


def test_jpeg_with_jfif_is_ycbcr_whatever_the_header_says():
    smooth = cv2.resize(RGB, (64, 64), interpolation=cv2.INTER_CUBIC)
    content = imagecodecs.jpeg8_encode(smooth, level=100)
    assert content[6:10] == b"JFIF"
    elements = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    grey = read(compressed(JPEGBaseline8Bit, content, smooth[..., 0], **elements, Modality="US")).stored
    np.testing.assert_allclose(grey.astype(int), cv2.cvtColor(smooth, cv2.COLOR_RGB2GRAY), atol=4)


def test_a_sign_that_is_neither_0_nor_1_is_refused():
    problem = problem_of(dicom(np.zeros((2, 2), np.uint8), PixelRepresentation=2))
    assert problem.detail == "PixelRepresentation 2, expected 0 or 1"
