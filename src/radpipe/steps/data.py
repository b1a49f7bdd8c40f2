"""From a published data set to usable images: phantom, index, validate, pack."""

from contextlib import suppress
from pathlib import Path

import pandas as pd

from radpipe.config.data import ImageSpec, LinkSpec, PhantomSpec, SourceSpec, ValidateSpec
from radpipe.data import index as indexing
from radpipe.data.header_ids import number_header_ids
from radpipe.data.readers.registry import READERS, read_source
from radpipe.errors import ConfigError, DataError
from radpipe.images import identical
from radpipe.images.pack import packing
from radpipe.images.pack.journal import Source
from radpipe.images.validate import rejections
from radpipe.images.validate import validation as validating
from radpipe.outputs import writing as outputs
from radpipe.outputs.receipts import (
    has_keys,
    is_remembered,
    refuse_foreign_file,
    refuse_foreign_files,
    remember,
)
from radpipe.outputs.writing import read_parquet, write_files, write_json, write_table
from radpipe.phantoms.driver import make_phantom
from radpipe.phantoms.registry import PHANTOMS

SUMMARY = "summary.json"


def phantom(*, spec: PhantomSpec, output: Path, threads: int = 1) -> None:
    """Make the synthetic twin of a published data set.

    Parameters
    ----------
    spec
        An entry of `phantoms`.
    output
        Folder that is made; one of radpipe is replaced.
    threads
        Processes that may work at once.
    """
    make_phantom(PHANTOMS[spec.kind], spec, output, threads)


def index(*, spec: SourceSpec, output: Path) -> None:
    """Reshape the published tables into images, labels and boxes.

    Parameters
    ----------
    spec
        Reader, folders and options of the data set.
    output
        Folder for images.parquet, labels.parquet, boxes.parquet and summary.json.
    """
    names = ("images.parquet", "labels.parquet", "boxes.parquet", SUMMARY)
    refuse_foreign_files(output, names, SUMMARY, has_keys("reader", "tables", "counts", "positives"))
    found = read_source(spec)
    source = {"reader": spec.reader, "tables": [outputs.describe_file(path) for path in found.tables]}
    summary = {**source, **indexing.describe_index(found), "data_sheet": READERS[spec.reader].to_json()}
    with write_files(output, names):
        for name in ("images", "labels", "boxes"):
            write_table(output / f"{name}.parquet", getattr(found, name))
        write_json(output / SUMMARY, summary)


def validate(
    *, images: Path, root: Path, spec: ValidateSpec, links: LinkSpec, output: Path, threads: int = 1
) -> None:
    """Look for every image and at its header; reject, with a reason, what cannot be used.

    Parameters
    ----------
    images
        index/images.parquet.
    root
        Folder that the paths are below.
    spec
        The section `validate`.
    links
        Which links are followed.
    output
        Folder for accepted.parquet, rejected.csv, headers.parquet and summary.json.
    threads
        Processes that may work at once.
    """
    names = ("accepted.parquet", "rejected.csv", "headers.parquet", SUMMARY)
    refuse_foreign_files(output, names, SUMMARY, has_keys("level", "checked", "accepted", "rejected"))
    table = read_parquet(images)
    if not {"image_id", "path"} <= set(table) or not pd.api.types.is_string_dtype(table["path"].dropna()):
        raise DataError(f"{images}: no table of images, expected index/images.parquet of the step `index`")
    accepted, rejected, headers = validating.validate(table, root, spec, links, threads)
    _stop_at_many(rejected, len(table), spec, output)
    summary = {"level": spec.level, "checked": len(table), "accepted": len(accepted)}
    with write_files(output, names):
        write_table(output / "accepted.parquet", accepted)
        write_table(output / "rejected.csv", rejected)
        write_table(output / "headers.parquet", number_header_ids(headers))
        write_json(output / SUMMARY, {**summary, "rejected": rejections.count_reasons(rejected)})


def _stop_at_many(rejected: pd.DataFrame, checked: int, limits: ValidateSpec, output: Path) -> None:
    """Stop if too many images were rejected; the list of them stays, which Snakemake would remove."""
    kept = output.with_name(f"{output.name}.stopped") / "rejected.csv"
    try:
        rejections.refuse_many(rejected, checked, limits)
    except DataError as error:
        refuse_foreign_file(kept, is_remembered)
        write_table(kept, rejected)
        remember(kept)
        raise DataError(f"{error}. All are listed in {kept}") from None
    if kept.is_file() and is_remembered(kept):
        kept.unlink()  # of an earlier run
        with suppress(OSError):  # somebody else's files may lie there
            kept.parent.rmdir()


def pack(
    *,
    accepted: Path,
    index: Path,
    root: Path,
    spec: ImageSpec,
    limits: ValidateSpec,
    links: LinkSpec,
    output: Path,
    threads: int = 1,
) -> None:
    """Decode each accepted image once, into one array; reject what does not decode or contradicts itself.

    Parameters
    ----------
    accepted
        validate/accepted.parquet.
    index
        Folder that the step `index` wrote.
    root
        Folder that the paths are below.
    spec
        The section `image`.
    limits
        The section `validate`.
    links
        Which links are followed.
    output
        Folder for pixels.npy, rows.parquet, rejected.csv and summary.json.
    threads
        Processes that may work at once.
    """
    if limits.level == "none":
        raise ConfigError("validate.level is none: no image was looked at; set it to decode to pack them")
    names = ("pixels.npy", "rows.parquet", "rejected.csv", SUMMARY)
    refuse_foreign_files(output, names, SUMMARY, has_keys("packed", "rejected", "identical"))
    table = read_parquet(accepted)
    with write_files(output, names):
        rows, undecoded = packing.pack(table, Source(root, links, limits.max_pixels), spec, output, threads)
        images = read_parquet(index / "images.parquet")
        labels = read_parquet(index / "labels.parquet").loc[images["unit_id"]].reset_index(drop=True)
        used, conflicting = identical.reject_conflicts(rows, labels)
        rejected = pd.concat([undecoded, conflicting]).sort_values("row", ignore_index=True)
        rejected["path"] = rejected["row"].map(images["path"])
        _stop_at_many(rejected, len(table), limits, output)
        write_table(output / "rows.parquet", used)
        write_table(output / "rejected.csv", rejected)
        copies = identical.count_identical(used, images["patient_id"])
        reasons = rejections.count_reasons(rejected)
        write_json(output / SUMMARY, {"packed": len(used), "rejected": reasons, "identical": copies})
