"""A file that cannot be written costs one line, is not half-written, and is written by the next run.

The limit on the size of a file stands for a full disk: the system writes up to it, in the middle of an image,
and then says no.
"""

import errno
import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
from dicom_files import dicom
from specs import CHEST, NO_LINKS, PATIENTS

from radpipe.config.data import SourceSpec, ValidateSpec
from radpipe.config.readers import TableOptions
from radpipe.errors import DataError
from radpipe.images.pack import packing
from radpipe.outputs.writing import find_reason, write_json, write_whole

IMAGES = 60
LINKS = NO_LINKS.model_dump_json()
LIMITS = ValidateSpec(level="decode", max_rejected_share=0, max_pixels=10_000)
TARGETS = CHEST.targets.model_copy(update={"include": ("Mass",)})
LIMIT = {"pack": 1536}  # bytes; the middle of the second image of 1,024
SMALL = 1000  # bytes; every Parquet file here is larger
CHILD = textwrap.dedent(
    """
    import json, pathlib, resource, sys
    from radpipe.cli import main
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    found = {}
    for verb, (limit, options) in json.loads(pathlib.Path(sys.argv[1]).read_text()).items():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        print(f"== {verb}", file=sys.stderr, flush=True)
        codes = [main([verb, *options])]
        left = sorted(str(path) for path in pathlib.Path().rglob("*") if path.is_file())
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        print(f"== {verb} again", file=sys.stderr, flush=True)
        codes.append(main([verb, *options]))
        found[verb] = [codes, left]
    print(json.dumps(found))
    """
)


@pytest.fixture
def steps(tmp_path, image_spec):
    """Return the command lines of four steps on 60 slices, in order."""
    root = tmp_path / "root"
    root.mkdir()
    random = np.random.default_rng(0)
    names = [f"{number:02}.dcm" for number in range(IMAGES)]
    for name in names:
        (root / name).write_bytes(dicom(random.integers(0, 200, (32, 32)).astype(np.int16)))
    table = {
        "file": names,
        "person": [f"p{n // 2}" for n in range(IMAGES)],
        "Mass": [n // 2 % 2 for n in range(IMAGES)],
    }
    pd.DataFrame(table).to_csv(root / "mine.csv", index=False)
    columns = {"file": "mine.csv", "path": "file", "patient": "person", "labels": ("Mass",)}
    nothing = {"separator": None, "negative": None, "split": None, "metadata": (), "uncertain": "refuse"}
    options = TableOptions(**PATIENTS, **columns, **nothing)
    source = SourceSpec(
        reader="table",
        root=str(root),
        tables=None,
        options=options,
        limit_patients=None,
        images_on_disk_only=False,
        follow_links=False,
        link_roots=(),
    )
    image = image_spec(grey="minmax", size=32).model_dump_json()
    packed = [
        "--accepted",
        "validate/accepted.parquet",
        "--index",
        "index",
        "--root",
        str(root),
        "--spec",
        image,
    ]
    rows = ["--rows", "pack/rows.parquet", "--index", "index", "--targets", TARGETS.model_dump_json()]
    return {
        "index": ["--spec", source.model_dump_json(), "--output", "index"],
        "validate": [
            "--images", "index/images.parquet", "--root", str(root), "--spec", LIMITS.model_dump_json(),
            "--links", LINKS, "--output", "validate",
        ],
        "pack": [*packed, "--limits", LIMITS.model_dump_json(), "--links", LINKS, "--output", "pack"],
        "split": [*rows, "--spec", CHEST.split.model_dump_json(), "--output", "split.parquet"],
    }  # fmt: skip


def test_each_step_says_one_line_leaves_no_half_and_is_made_up_for(tmp_path, steps):
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({verb: (LIMIT.get(verb, SMALL), steps[verb]) for verb in steps}))
    child = [sys.executable, "-c", CHILD, str(plan)]
    ran = subprocess.run(child, cwd=tmp_path, capture_output=True, text=True, check=True)
    said = dict(zip(ran.stderr.split("== ")[1:][::2], ran.stderr.split("== ")[2:][::2], strict=True))
    for (failed, _), (verb, (codes, left)) in zip(said.items(), json.loads(ran.stdout).items(), strict=True):
        assert codes == [1, 0]
        (line,) = [line for line in failed.splitlines()[1:] if line.startswith("radpipe ")]
        assert line.startswith(f"radpipe {verb}: ")
        assert "could not be written (File too large)" in line
        assert "Traceback" not in failed
        written = [name for name in left if not name.startswith((".radpipe", "root", "plan"))]
        finished = list(steps)[: list(steps).index(verb)]
        assert {name.split("/")[0] for name in written} <= set(finished)
    pixels = np.load(tmp_path / "pack/pixels.npy")
    assert pixels.shape == (IMAGES, 32, 32, 1)
    assert (pixels.max((1, 2, 3)) == 255).all()


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    calls = []

    def write_some(file, content, start):
        calls.append(len(content))
        return real(file, bytes(content[:700]), start)

    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", write_some)
    square = np.arange(2048, dtype=np.uint16).view(np.uint8).reshape(64, 64, 1)
    path = tmp_path / "pixels"
    path.write_bytes(bytes(10))
    file = os.open(path, os.O_WRONLY)
    packing.write_pixels(file, square, 10)
    os.close(file)
    assert path.read_bytes()[10:] == square.tobytes()
    assert calls == [4096, 3396, 2696, 1996, 1296, 596]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "x"),
        OSError(errno.EDQUOT, "x"),
        OSError(errno.EROFS, "x"),
        OSError("Unable to create file (errno = 28, error message = 'No space left on device')"),
        RuntimeError("Can't write data (file write failed: errno = 28, error message = 'x')"),
        OSError("512 requested and 20 written"),
    ],
    ids=str,
)
def test_what_libraries_say_of_a_full_disk_is_understood(tmp_path, error):
    assert find_reason(error, tmp_path / "a")


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError(errno.ENOENT, "x"), OSError("something else"), RuntimeError("no errno")],
    ids=str,
)
def test_other_errors_stay_what_they_are(tmp_path, error):
    assert find_reason(error, tmp_path / "a") is None


def test_a_place_that_is_not_writable_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DataError, match=r"could not be written"):
        write_json(tmp_path / "file" / "a.json", {})

    def deny(path, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.write_text", deny)
    with pytest.raises(DataError, match=r"a.json: could not be written \(Permission denied\)"):
        write_json(tmp_path / "a.json", {})


def test_a_denied_reading_inside_is_not_taken_for_a_denied_writing(tmp_path):
    def read():
        with write_whole(tmp_path / "out" / "a"):
            raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere/b")

    with pytest.raises(PermissionError):
        read()
