import cv2
import numpy as np
import pandas as pd
import pytest

from radpipe.errors import DataError
from radpipe.images.problems import ImageProblem
from radpipe.tools.show import COLOURS, draw_image, format_image, show


@pytest.fixture
def image(tmp_path, png):
    path = tmp_path / "00000001_000.png"
    grey = np.zeros((60, 80), np.uint16)
    grey[0, 0] = 65535
    path.write_bytes(png(grey, depth=16))
    return path


def boxes(*rows):
    return pd.DataFrame(rows, columns=["target", "x", "y", "width", "height"])


def test_header_and_grey_levels_are_described(image):
    lines = format_image(image, 10_000).splitlines()
    assert lines[1] == "size       80 x 60 px (width x height)"
    assert lines[2] == "samples    1 (grey), 16 bits each"
    assert lines[3] == "grey       0 to 65535, mean 13.7, uint16"  # 65535 / 4800


def test_the_name_of_the_file_is_not_repeated(image):
    assert "00000001" not in format_image(image, 10_000)


def test_a_truncated_file_still_shows_its_header(image):
    image.write_bytes(image.read_bytes()[:-5])
    text = format_image(image, 10_000)
    assert "80 x 60 px" in text
    assert "rejected   truncated" in text


def test_a_box_is_drawn_on_its_edges(image, tmp_path):
    draw_image(image, boxes(("Mass", 20.0, 30.0, 40.0, 20.0)), tmp_path / "show.png", 10_000)
    picture = cv2.imread(str(tmp_path / "show.png"), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (60, 80, 3)
    assert picture[0, 0].tolist() == [255, 255, 255]
    for x, y in ((20, 30), (60, 50), (40, 50), (60, 40)):
        assert picture[y, x].tolist() == list(COLOURS[0])


def test_the_target_is_written_even_where_a_box_touches_the_top(image, tmp_path):
    draw_image(image, boxes(("Mass", 20.0, 0.0, 40.0, 50.0)), tmp_path / "show.png", 10_000)
    picture = cv2.imread(str(tmp_path / "show.png"), cv2.IMREAD_UNCHANGED)
    assert picture[3:20, 22:58].any()


def test_an_image_without_boxes_is_drawn_as_it_is(image, tmp_path):
    draw_image(image, boxes(), tmp_path / "show.png", 10_000)
    picture = cv2.imread(str(tmp_path / "show.png"), cv2.IMREAD_UNCHANGED)
    assert picture.sum() == 3 * 255


def test_a_picture_of_a_bad_image_is_not_begun(tmp_path):
    (tmp_path / "image.png").touch()
    with pytest.raises(ImageProblem, match="empty"):
        draw_image(tmp_path / "image.png", boxes(), tmp_path / "show.png", 10_000)
    assert not (tmp_path / "show.png").exists()


def test_only_the_boxes_of_the_image_are_drawn(image, tmp_path, capsys):
    table = boxes(("Mass", 20.0, 30.0, 40.0, 20.0), ("Edema", 1.0, 1.0, 5.0, 5.0))
    table.assign(image_id=[image.name, "another.png"]).to_parquet(tmp_path / "boxes.parquet")
    show(image, tmp_path / "boxes.parquet", tmp_path / "show.png")
    assert capsys.readouterr().out.splitlines()[-1].startswith("boxes      1, drawn in ")
    assert not cv2.imread(str(tmp_path / "show.png"))[6, 1:6].any()


def test_an_image_is_shown_without_a_table_of_boxes(image, tmp_path):
    show(image, None, tmp_path / "show.png")
    assert (tmp_path / "show.png").exists()


@pytest.mark.parametrize("content", [None, b"not a table"])
def test_a_file_that_is_no_table_of_boxes_is_refused(image, tmp_path, content):
    if content:
        (tmp_path / "boxes.parquet").write_bytes(content)
    with pytest.raises(DataError, match="not a table of boxes"):
        show(image, tmp_path / "boxes.parquet", tmp_path / "show.png")
