"""Links: within the root, into a DVC cache, and into the folders that the user lists; nowhere else."""

import os

import pandas as pd
import pytest
from pydantic import ValidationError

from radpipe.config.data import LinkSpec
from radpipe.errors import DataError
from radpipe.images.problems import ImageProblem
from radpipe.images.validate.paths import build_locator, refuse_links

NO = LinkSpec(follow_links=False, link_roots=())


@pytest.fixture
def root(tmp_path):
    """A root with a file, links of all kinds, and a store beside it."""
    store, root = tmp_path / "store", tmp_path / "root"
    (store / "deep").mkdir(parents=True)
    (root / "images").mkdir(parents=True)
    for place in (store / "a.png", store / "deep/b.png", root / "images/own.png", tmp_path / "other.png"):
        place.write_bytes(b"x")
    (root / "a.png").symlink_to(store / "a.png")
    (root / "folder").symlink_to(store / "deep")
    (root / "inside.png").symlink_to(root / "images/own.png")
    (root / "other.png").symlink_to(tmp_path / "other.png")
    (root / "device.png").symlink_to("/dev/null")
    (root / "circle.png").symlink_to(root / "circle.png")
    (root / "broken.png").symlink_to(root / "absent.png")
    cache = tmp_path / "cache/files/md5/ab"
    cache.mkdir(parents=True)
    (cache / ("c" * 30)).write_bytes(b"x")
    (root / "cached.png").symlink_to(cache / ("c" * 30))
    return root


def links(*roots):
    return LinkSpec(follow_links=bool(roots), link_roots=tuple(map(str, roots)))


def outcome(root, path, spec):
    try:
        build_locator(root, spec)(path)
    except ImageProblem as problem:
        return problem.reason
    return "found"


INSIDE = ("images/own.png", "inside.png", "cached.png")


@pytest.mark.parametrize("path", INSIDE)
def test_links_within_the_root_and_into_a_dvc_cache_are_always_followed(root, path):
    assert outcome(root, path, NO) == "found"
    refuse_links([path, None], root, NO)


@pytest.mark.parametrize("path", ["a.png", "folder/b.png", "other.png", "device.png"])
def test_links_out_of_the_root_are_refused_with_the_first_path(root, path):
    assert outcome(root, path, NO) == "outside the root"
    with pytest.raises(DataError) as caught:
        refuse_links([*INSIDE, path], root, NO)
    named = root / ("folder" if path.startswith("folder") else path)
    assert str(caught.value).startswith(f"{named}: ")
    assert "set follow_links: true and link_roots" in str(caught.value)


@pytest.mark.parametrize("path", ["a.png", "folder/b.png"])
def test_links_into_a_listed_folder_are_followed(root, path):
    spec = links(root.parent / "store")
    assert outcome(root, path, spec) == "found"
    refuse_links([*INSIDE, path], root, spec)


def test_links_elsewhere_are_refused_whatever_is_listed(root):
    spec = links(root.parent / "store")
    assert outcome(root, "other.png", spec) == "outside the root"
    with pytest.raises(DataError, match=r"other\.png"):
        refuse_links(["a.png", "other.png"], root, spec)
    (root.parent / "storehouse").mkdir()
    (root.parent / "storehouse/c.png").write_bytes(b"x")
    (root / "c.png").symlink_to(root.parent / "storehouse/c.png")
    assert outcome(root, "c.png", spec) == "outside the root"


def test_devices_and_circles_are_refused_whatever_is_listed(root):
    assert outcome(root, "device.png", links("/dev")) == "unreadable"
    assert outcome(root, "circle.png", links("/")) == "unreadable"
    assert outcome(root, "broken.png", links("/")) == "missing"
    refuse_links(["circle.png", "broken.png", "absent/x.png"], root, NO)  # each is a problem of its image


def test_the_root_itself_may_be_a_link(root):
    (root.parent / "alias").symlink_to(root)
    assert outcome(root.parent / "alias", "images/own.png", NO) == "found"


@pytest.mark.parametrize(("follow", "roots"), [(True, ()), (False, ("/data",))])
def test_following_needs_roots_and_roots_need_following(follow, roots):
    with pytest.raises(ValidationError, match="link_roots"):
        LinkSpec(follow_links=follow, link_roots=roots)


def test_a_folder_of_many_links_is_listed_once(root, monkeypatch):
    calls = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda place: calls.append(place) or real(place))
    refuse_links(pd.Series(["images/own.png"] * 100).tolist(), root, NO)
    assert len(calls) == 1
