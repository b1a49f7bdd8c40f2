"""The published images themselves; run where they are, in shared/data beside the repository."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from radpipe.images.files import read_image
from radpipe.images.headers import read_header
from radpipe.images.pack import pack
from radpipe.images.validate import validate

DATA = Path(__file__).parents[3] / "shared" / "data"
LIMIT = 2**21


@pytest.fixture(params=[("nih_cxr14", 113, 3), ("nih_cxr14_64px", 1000, 21)], ids=lambda case: case[0])
def real(request):
    """Return the root of a published set, how many images it holds, and how many of them are RGBA."""
    name, images, with_transparency = request.param
    root = DATA / name
    if not root.exists():
        pytest.skip(f"the real images are absent: shared/data/{name}")
    return root, images, with_transparency


def test_every_published_image_is_packed(real, tmp_path, monkeypatch, validate_spec, image_spec):
    monkeypatch.chdir(tmp_path)
    root, count, _ = real
    paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.png"))
    images = pd.DataFrame({"image_id": [Path(path).name for path in paths], "path": paths})
    accepted, refused = validate(images, root, validate_spec(max_pixels=LIMIT), 2)
    rows, rejected = pack(accepted, root, image_spec(size=48), LIMIT, tmp_path / "out", 2)
    assert len(rows) == count
    assert refused.empty
    assert rejected.empty
    sizes = accepted[["width", "height"]].astype("int32")
    pd.testing.assert_frame_equal(rows[["width", "height"]], sizes)
    assert np.load(tmp_path / "out/pixels.npy").any(axis=(1, 2, 3)).all()


def test_the_rgba_files_among_them_hold_three_equal_channels(real):
    root, _, count = real
    files = [path for path in root.rglob("*.png") if read_header(path).channels == 4]
    assert len(files) == count
    for path in files:
        colours = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(read_image(path, LIMIT).stored, colours[:, :, 1])
