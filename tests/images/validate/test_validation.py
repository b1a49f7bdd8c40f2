import numpy as np
import pandas as pd
import pytest
from dicom_files import dicom
from specs import NO_LINKS

from radpipe.images.validate.validation import validate

HASHED = ".dvc/cache/files/md5/0f/123456789abcdef0123456789abcde"


@pytest.fixture
def root(tmp_path, png, ramp):
    """A root with one good image, beside a folder that does not belong to it."""
    good = png(ramp)
    for place in ("root/images/good.png", "elsewhere/good.png", "rooted/good.png"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_bytes(good)
    return tmp_path / "root"


@pytest.fixture
def reason_of(root, validate_spec):
    """Validate one path; return its reason, or None if it is accepted."""

    def find(path, **options):
        images = pd.DataFrame({"image_id": ["a"], "path": pd.Series([path], dtype="str")})
        accepted, rejected, _ = validate(images, root, validate_spec(**options), NO_LINKS, threads=1)
        assert len(accepted) + len(rejected) == 1
        return None if rejected.empty else rejected["reason"].item()

    return find


def test_a_good_image_is_accepted_with_its_header(root, validate_spec):
    images = pd.DataFrame({"image_id": ["a"], "path": ["images/good.png"]}, index=[7])
    accepted, rejected, _ = validate(images, root, validate_spec(), NO_LINKS, threads=2)
    size = (root / "images/good.png").stat().st_size
    assert accepted.to_dict("records") == [
        {"image_id": "a", "row": 7, "path": "images/good.png", "width": 4, "height": 3, "bytes": size}
    ]
    assert accepted.dtypes[["row", "width", "height", "bytes"]].astype(str).tolist() == [
        "int64", "Int32", "Int32", "Int64",
    ]  # fmt: skip
    assert rejected.empty
    assert list(rejected) == ["row", "path", "reason", "detail"]


def test_accepted_and_rejected_keep_their_row_numbers_and_order(root, validate_spec):
    paths = ["images/good.png", None, "images/good.png", "images/none.png"] * 300
    images = pd.DataFrame(
        {"image_id": [str(row) for row in range(1200)], "path": pd.Series(paths, dtype="str")}
    )
    accepted, rejected, _ = validate(images, root, validate_spec(), NO_LINKS, threads=3)
    assert accepted["row"].tolist() == list(range(0, 1200, 2))
    assert rejected["row"].tolist() == list(range(1, 1200, 2))
    assert accepted["image_id"].tolist() == [str(row) for row in range(0, 1200, 2)]


@pytest.mark.parametrize("path", [None, "images/none.png", "none/good.png", "images/good.png/x"])
def test_an_absent_file_is_missing(reason_of, path):
    assert reason_of(path) == "missing"


@pytest.mark.parametrize("path", ["../elsewhere/good.png", "images/../images/good.png", ".."])
def test_a_path_that_climbs_is_outside_the_root(reason_of, path):
    assert reason_of(path) == "outside the root"


def test_an_absolute_path_is_outside_the_root(reason_of, root):
    assert reason_of(str(root / "images/good.png")) == "outside the root"


def test_a_link_within_the_root_is_accepted(reason_of, root):
    (root / "images/link.png").symlink_to("good.png")
    assert reason_of("images/link.png") is None


def test_a_link_out_of_the_root_is_outside_the_root(reason_of, root):
    (root / "images/link.png").symlink_to(root.parent / "elsewhere/good.png")
    assert reason_of("images/link.png") == "outside the root"


def test_a_linked_folder_out_of_the_root_is_outside_the_root(reason_of, root):
    (root / "more").symlink_to(root.parent / "elsewhere")
    assert reason_of("more/good.png") == "outside the root"


def test_a_folder_whose_name_begins_like_the_root_is_outside_it(reason_of, root):
    (root / "images/link.png").symlink_to(root.parent / "rooted/good.png")
    assert reason_of("images/link.png") == "outside the root"


@pytest.mark.parametrize("cache", ["", "shared-cache/"])
def test_a_link_into_a_dvc_cache_is_accepted(reason_of, root, cache):
    target = root.parent / (HASHED if not cache else HASHED.replace(".dvc/cache/", cache))
    target.parent.mkdir(parents=True)
    (root / "images/good.png").rename(target)
    (root / "images/good.png").symlink_to(target)
    assert reason_of("images/good.png") is None


def test_another_file_inside_a_dvc_folder_is_outside_the_root(reason_of, root):
    target = root.parent / ".dvc/cache/files/md5/good.png"
    target.parent.mkdir(parents=True)
    (root / "images/good.png").rename(target)
    (root / "images/good.png").symlink_to(target)
    assert reason_of("images/good.png") == "outside the root"


def test_a_root_that_is_a_link_itself_is_followed(root, validate_spec):
    (root.parent / "alias").symlink_to(root)
    images = pd.DataFrame({"image_id": ["a"], "path": ["images/good.png"]})
    assert len(validate(images, root.parent / "alias", validate_spec(), NO_LINKS, threads=1)[0]) == 1


def test_links_in_a_circle_are_unreadable(reason_of, root):
    (root / "images/link.png").symlink_to("link.png")
    assert reason_of("images/link.png") == "unreadable"


def test_a_folder_is_unreadable(reason_of):
    assert reason_of("images") == "unreadable"


def test_an_empty_file_is_empty(reason_of, root):
    (root / "images/good.png").write_bytes(b"")
    assert reason_of("images/good.png") == "empty"


def test_an_image_above_the_limit_is_too_large(reason_of):
    assert reason_of("images/good.png", max_pixels=11) == "too large"
    assert reason_of("images/good.png", max_pixels=12) is None


def test_a_text_file_is_an_unsupported_format(reason_of, root):
    (root / "images/good.png").write_text("not an image")
    assert reason_of("images/good.png") == "unsupported format"


def test_level_exists_does_not_open_files(reason_of, root):
    (root / "images/good.png").write_text("not an image")
    assert reason_of("images/good.png", level="exists") is None
    assert reason_of("images/none.png", level="exists") == "missing"
    assert reason_of("../elsewhere/good.png", level="exists") == "outside the root"


@pytest.mark.parametrize("path", ["images/none.png", None])
def test_level_none_accepts_everything_unseen(reason_of, path):
    assert reason_of(path, level="none") is None


def test_what_was_not_read_is_missing_in_the_table(root, validate_spec):
    images = pd.DataFrame({"image_id": ["a"], "path": ["images/good.png"]})
    accepted = validate(images, root, validate_spec(level="exists"), NO_LINKS, threads=1)[0]
    assert accepted["width"].isna().all()
    assert accepted["bytes"].item() > 0
    accepted = validate(images, root / "absent", validate_spec(level="none"), NO_LINKS, threads=1)[0]
    assert accepted[["width", "height", "bytes"]].isna().all(axis=None)


def test_no_detail_names_a_file(root, validate_spec):
    (root / "images/00000001.png").write_bytes(np.random.default_rng(0).bytes(50))
    paths = ["images/00000001.png", "images/00000002.png", "../00000003.png"]
    images = pd.DataFrame({"image_id": list("abc"), "path": paths})
    details = validate(images, root, validate_spec(), NO_LINKS, threads=1)[1]["detail"]
    assert len(details) == 3
    assert not details.str.contains("0000").any()


def test_whom_headers_name_is_told_of_accepted_images_and_kept_out_of_their_table(root, validate_spec):
    levels = np.arange(12, dtype=np.int16).reshape(3, 4)
    (root / "a.dcm").write_bytes(dicom(levels, PatientID="p1", StudyInstanceUID="1.2"))
    (root / "b.dcm").write_bytes(dicom(levels, PatientID="p2", Modality="MR"))
    (root / "c.dcm").write_bytes(dicom(levels, StudyInstanceUID="1.3"))
    (root / "d.dcm").write_bytes(dicom(levels))
    paths = ["images/good.png", "a.dcm", "b.dcm", "c.dcm", "d.dcm"]
    images = pd.DataFrame({"image_id": paths, "path": paths, "expected_modality": "CT"})
    accepted, _, headers = validate(images, root, validate_spec(), NO_LINKS, threads=1)
    assert accepted["row"].to_list() == [0, 1, 3, 4]
    assert list(accepted) == ["image_id", "row", "path", "width", "height", "bytes"]
    assert headers.fillna("-").to_numpy().tolist() == [[1, "a.dcm", "p1", "1.2"], [3, "c.dcm", "-", "1.3"]]
    assert validate(images, root, validate_spec(level="exists"), NO_LINKS, threads=1)[2].empty
