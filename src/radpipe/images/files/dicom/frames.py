"""One frame of a DICOM data set -> levels, whatever its transfer syntax.

Uncompressed grey frames, most of all files, are looked at where they lie, without a copy. Uncompressed
colours go through pydicom, RLE and the JPEG family to imagecodecs: one decoder for each syntax, whatever
else is installed, so that the same file gives the same levels everywhere. A compressed frame is decoded only
if its own stream says the size that the header says, and into no more memory than that takes.
"""

import io
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, uid
from pydicom.encaps import get_frame
from pydicom.pixels.processing import convert_color_space
from pydicom.pixels.utils import pixel_array

from radpipe.images.files.dicom import jpeg_2000
from radpipe.images.files.dicom.colours import refuse_colour_space
from radpipe.images.files.dicom.elements import build_damage_problem, find_bytes, find_tag
from radpipe.images.files.dicom.pixel_description import Shape, find_syntax
from radpipe.images.files.dicom.run_lengths import decode_rle
from radpipe.images.files.stream_size import StreamSize, read_jpeg_size
from radpipe.images.picture import Levels
from radpipe.images.problems import ImageProblem

JPEG = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1)
JPEG_LS = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)
JPEG_2000 = (uid.JPEG2000Lossless, uid.JPEG2000)
UNCOMPRESSED = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)
PIXEL_DATA = find_tag("PixelData")
JFIF = b"JFIF"  # behind the first marker of a file whose colours are YCbCr (ITU-T T.871, section 7)
TRANSFORMED = ("YBR_ICT", "YBR_RCT")  # colour spaces of a multiple component transformation
END_MARK = b"\xff\xd9"  # EOI of JPEG and JPEG-LS, EOC of JPEG 2000


def decode_frame(dataset: Dataset, shape: Shape, frame: int) -> Levels:
    """Decode one frame.

    Parameters
    ----------
    dataset : Dataset
        With its pixels.
    shape : Shape
        From `read_shape(dataset)`.
    frame : int
        From 0.

    Returns
    -------
    (height, width) or (height, width, 3) integers
        With all their allocated bits, in the byte order of this machine; colours are red, green, blue. May
        be a view of the data set.

    Raises
    ------
    ImageProblem
        no pixels, truncated, unsupported format or unreadable.
    """
    try:
        if find_bytes(dataset, "PixelData") is None:
            raise ImageProblem("no pixels", "the file holds no pixels, or ends before them")
        syntax = find_syntax(dataset)
        decoder, colour_spaces = DECODERS.get(syntax, (None, ()))
        if decoder is None:
            raise ImageProblem("unsupported format", f"transfer syntax {syntax.name}")
        refuse_colour_space(shape, colour_spaces, syntax.name)
        levels = decoder(dataset, shape, frame)
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise build_damage_problem(error) from None
    size = (shape.height, shape.width)
    if levels.shape != (size if shape.samples == 1 else (*size, shape.samples)):
        raise ImageProblem("unreadable", f"decodes to {levels.shape}, the header says another size")
    return levels.view(f"{'i' if shape.signed else 'u'}{levels.dtype.itemsize}")


def decode_uncompressed(dataset: Dataset, shape: Shape, frame: int) -> NDArray[Any]:
    """View the bytes of the file as levels.

    Returned (height, width), or (height, width, 3) of colours: integers of 8 to 32 bits.
    """
    content = find_bytes(dataset, "PixelData") or b""
    expected = (frame + 1) * shape.frame_bytes
    if len(content) < expected:
        raise ImageProblem("truncated", f"{len(content)} of {expected} pixel bytes")
    if shape.samples > 1:
        return decode_colours(dataset, shape, frame)
    size = shape.height * shape.width
    if shape.allocated == 1:
        first = frame * size
        packed = np.frombuffer(content, np.uint8)[first // 8 : (first + size + 7) // 8]
        bits = np.unpackbits(packed, bitorder="little")[first % 8 :][:size]
        return bits.reshape(shape.height, shape.width)
    order = "<" if find_syntax(dataset).is_little_endian else ">"
    if shape.allocated == 8 and order == ">" and dataset.get_item(PIXEL_DATA).VR == "OW":
        content = swap_pairs(content)
    dtype = np.dtype(f"{order}{'i' if shape.signed else 'u'}{shape.allocated // 8}")
    levels = np.frombuffer(content, dtype, size, frame * shape.frame_bytes)
    return levels.reshape(shape.height, shape.width).astype(dtype.newbyteorder("="), copy=False)


def swap_pairs(content: bytes) -> bytes:
    """Exchange the bytes of each word: words of two pixels of 8 bits are big endian (PS3.5 annex D.1)."""
    whole = content[: len(content) // 2 * 2]
    return np.frombuffer(whole, ">u2").astype("<u2").tobytes() + content[len(whole) :]


def decode_colours(dataset: Dataset, shape: Shape, frame: int) -> NDArray[Any]:
    """Let pydicom arrange planes, byte order and colour space.

    Returned (height, width, 3) integers.
    """
    syntax = find_syntax(dataset)
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = syntax
    index = frame if shape.frames > 1 else None
    return pixel_array(dataset, index=index)


def build_decoder(
    codec: Callable[[bytes, Shape], NDArray[Any]], read_size: Callable[[bytes], StreamSize]
) -> Callable[..., NDArray[Any]]:
    """Return a decoder that gives the bytes of one frame to `codec`.

    What the decoder returns is (height, width), or (height, width, 3) of colours: integers.
    """

    def decode(dataset: Dataset, shape: Shape, frame: int) -> NDArray[Any]:
        content = get_frame(dataset.PixelData, frame, number_of_frames=shape.frames)
        if not content.rstrip(b"\0\xff").endswith(END_MARK[1:]):  # padding bytes are 0 or 255
            raise ImageProblem("truncated", "the compressed pixels end before their end mark")
        size = read_size(content)
        refuse_other_size(size, shape)
        return fit_bits(codec(content, shape), size.bits, shape)

    return decode


def refuse_other_size(found: StreamSize, shape: Shape) -> None:
    """Raise ImageProblem, before any memory is taken, unless the compressed image is what the header says."""
    if found[:2] != (shape.height, shape.width) or found.channels != shape.samples:
        detail = f"the compressed image has {found.width} x {found.height} px and {found.channels} samples"
        raise ImageProblem(
            "unreadable", f"{detail}, the header says {shape.width} x {shape.height} and {shape.samples}"
        )
    if found.bits < shape.bits:
        detail = f"the compressed image has {found.bits} bits, the header says {shape.bits}"
        raise ImageProblem("unreadable", detail)
    if shape.high_bit + 1 != shape.bits:
        raise ImageProblem("unsupported format", f"HighBit {shape.high_bit} of compressed pixels")


def fit_bits(levels: NDArray[Any], bits: int, shape: Shape) -> NDArray[Any]:
    """Return levels of so many bits, which a codec may leave without their sign, if they fit the header.

    `levels` (height, width), or (height, width, 3) of colours: integers; returned likewise.
    """
    if bits == shape.bits:
        return levels
    spare = 8 * levels.dtype.itemsize - bits
    kind = f"{'i' if shape.signed else 'u'}{levels.dtype.itemsize}"
    extended: NDArray[Any] = (levels.view(kind) << spare) >> spare if spare > 0 else levels.view(kind)
    if not has_only_stored_bits(extended, shape):
        found = f"the compressed image has {bits} bits, the header says {shape.bits}"
        raise ImageProblem("unreadable", f"{found}, and some levels need more")
    return extended


def read_stream_size(content: bytes) -> StreamSize:
    """Read the size of a JPEG or JPEG-LS image."""
    return read_jpeg_size(io.BytesIO(content))


def decode_jpeg(content: bytes, shape: Shape) -> NDArray[Any]:
    """Decode JPEG; its three channels are what the header says, unless JFIF says that they are YCbCr.

    Returned (height, width), or (height, width, 3) of colours: uint8 or uint16.
    """
    if shape.samples == 1:
        return imagecodecs.jpeg8_decode(content)
    space = "RGB" if shape.photometric == "RGB" and content[6:10] != JFIF else "YCBCR"
    return imagecodecs.jpeg8_decode(content, colorspace=space, outcolorspace="RGB")


def decode_jpeg_ls(content: bytes, shape: Shape) -> NDArray[Any]:
    """Decode JPEG-LS, which knows no colour spaces.

    Returned (height, width), or (height, width, 3) of colours: uint8 or uint16.
    """
    pixels = imagecodecs.jpegls_decode(content)
    return convert_color_space(pixels, "YBR_FULL", "RGB") if shape.photometric == "YBR_FULL" else pixels


def decode_jpeg_2000(content: bytes, shape: Shape) -> NDArray[Any]:
    """Decode JPEG 2000; where its components were transformed, the codec undoes that.

    Returned (height, width), or (height, width, 3) of colours: integers.
    """
    jpeg_2000.refuse_descriptions(content, shape.height * shape.width * shape.samples, shape.samples)
    if shape.samples > 1:
        refuse_other_colours(content, shape.photometric)
    pixels = imagecodecs.jpeg2k_decode(content)
    return convert_color_space(pixels, "YBR_FULL", "RGB") if shape.photometric == "YBR_FULL" else pixels


def refuse_other_colours(content: bytes, photometric: str) -> None:
    """Raise ImageProblem unless a codestream of colours is coded as the header says.

    Files of RGB that were transformed are widespread, and mean what the codec makes of them. Boxes around the
    codestream, which DICOM does not allow, may say other things of its colours.
    """
    if jpeg_2000.is_boxed(content):
        raise ImageProblem("unsupported format", "colours of a JP2 file within the file")
    transformed = {coding.multiple_component for coding in jpeg_2000.read_coding(content)}
    if len(transformed) > 1 or (photometric != "RGB" and transformed != {photometric in TRANSFORMED}):
        words = "without" if False in transformed else "with"
        found = f"PhotometricInterpretation {photometric} {words} a transformation of the components"
        raise ImageProblem("unsupported format", found)


def keep_stored_bits(levels: NDArray[Any], shape: Shape) -> Levels:
    """Keep the stored bits, up to the high bit: what lies around them may be an overlay, or repeat the sign.

    JPEG-LS knows no sign, and JPEG 2000 files exist that contradict their header: the header holds.

    `levels` (height, width), or (height, width, 3) of colours: integers; returned likewise.
    """
    above = 8 * levels.dtype.itemsize - 1 - shape.high_bit
    below = shape.high_bit + 1 - shape.bits
    if below == 0 and (above <= 0 or has_only_stored_bits(levels, shape)):
        return levels
    return (levels << max(above, 0)) >> (max(above, 0) + below)


def has_only_stored_bits(levels: Levels, shape: Shape) -> bool:
    """Return whether all levels fit into the stored bits: comparing is quicker than shifting.

    `levels` (height, width), or (height, width, 3) of colours: integers.
    """
    magnitude = 2 ** (shape.bits - shape.signed)
    return bool(levels.max() < magnitude and (not shape.signed or levels.min() >= -magnitude))


# By transfer syntax: the decoder, and the colour spaces that PS3.5 8.2 allows.
DECODERS: dict[str, tuple[Callable[[Dataset, Shape, int], NDArray[Any]], tuple[str, ...]]] = {
    **dict.fromkeys(UNCOMPRESSED, (decode_uncompressed, ("RGB", "YBR_FULL", "YBR_FULL_422"))),
    **dict.fromkeys(
        JPEG, (build_decoder(decode_jpeg, read_stream_size), ("RGB", "YBR_FULL", "YBR_FULL_422"))
    ),
    **dict.fromkeys(JPEG_LS, (build_decoder(decode_jpeg_ls, read_stream_size), ("RGB", "YBR_FULL"))),
    **dict.fromkeys(
        JPEG_2000,
        (build_decoder(decode_jpeg_2000, jpeg_2000.read_size), ("RGB", "YBR_FULL", *TRANSFORMED)),
    ),
    uid.RLELossless: (decode_rle, ("RGB", "YBR_FULL")),
}
