"""What a table and a folder of images tell: found out, said and written as an entry of params.yaml."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpipe.config.columns import KNOWN, name_columns
from radpipe.config.parameters import Dataset
from radpipe.config.readers import NobodyChoice, PatientOptions, SpellingChoice, TableOptions
from radpipe.data.delimited_text import DelimitedText, read_delimited
from radpipe.data.patients import Rows, decide_ids
from radpipe.data.readers.registry import read_source
from radpipe.data.readers.table.paths import list_path_columns
from radpipe.errors import ConfigError, DataError
from radpipe.images.files.dicom.file import HEAD, is_dicom
from radpipe.images.files.reading import read_image
from radpipe.images.problems import ImageProblem
from radpipe.tools.init.columns import choose_metadata, drop, find_split
from radpipe.tools.init.entry import format_entry, insert_entry
from radpipe.tools.init.files import FoundPaths, find_root
from radpipe.tools.init.labels import FoundLabels, choose_labels
from radpipe.tools.init.people import choose_patient

KEYS = ("--patient-ids", "--unknown-patients")
SAMPLE = 8  # files whose kind is looked at
MAX_PIXELS = 25_000_000  # of a file that is looked at [px]
LABELLED = 12  # characters before what is said


@dataclass(frozen=True)
class Given:
    """What the user says beside the table and the folder: columns, and decisions on patients."""

    patient: str | None = None
    labels: Sequence[str] | None = None
    patient_ids: SpellingChoice = "ask"
    unknown_patients: NobodyChoice = "refuse"


@dataclass(frozen=True)
class Found:
    """What a table and its images tell.

    Attributes
    ----------
    root, paths
        What the paths start from, and how rows and files belong together.
    patient, people
        Column of the patient, None for nobody; and how sure that is.
    labels
        Where the labels are.
    split, parts
        Column of a published split, if it can be used; and what is to be said of it.
    metadata, left
        Columns that are kept, and those that are not.
    kind, grey
        What the files are; and `image.grey` where the default is not for them.
    """

    root: Path
    paths: FoundPaths
    patient: str | None
    people: str
    labels: FoundLabels
    split: str | None
    parts: str
    metadata: Sequence[str]
    left: Sequence[str]
    kind: str
    grey: str


def init(table: Path, images: Path, name: str, given: Given, params: Path) -> None:
    """Write an entry for a table into params.yaml, and print how it was found.

    Raises
    ------
    ConfigError
        If the name is taken, or a column that is given does not exist.
    DataError
        If the table is none, no row has a file, or who the patient is or where the labels are is not certain.
    """
    if not images.is_dir():
        raise ConfigError(f"--images {images}: no folder, expected the one that the images lie below")
    text = read_delimited(table)
    found = find_out(text, images, given)
    changes = {
        "image": f", grey: {found.grey}" if found.grey else "",
        "split": ", method: official" if found.split else "",
    }
    source = describe_source(table, found)
    entry = format_entry(name, table.name, source, describe_options(table, found, given), changes)
    insert_entry(params, name, entry, read_table)
    for what, words in list_findings(text, found):
        print(f"{what:{LABELLED}}{words}")
    print(f"written to {params}: datasets.{name}. Next: radpipe doctor --dataset {name}")
    print(f"then snakemake results/{name}/report.html")


def read_table(dataset: Dataset) -> None:
    """Read the data set as the step `index` does.

    Raises
    ------
    DataError
        If it cannot be used.
    """
    try:
        read_source(dataset)
    except DataError as error:
        raise DataError(f"{error} (options.path is {find_path(dataset)!r}). Nothing was written") from None


def find_path(dataset: Dataset) -> str:
    """Return the column or pattern of the paths."""
    return dataset.options.path if isinstance(dataset.options, TableOptions) else ""


def find_out(text: DelimitedText, images: Path, given: Given) -> Found:
    """Find out what an entry says."""
    cells = text.cells
    root, paths, files = find_root(cells, images)
    if paths is None:
        raise DataError(
            f"{text.name}: no cell names one of the {files:,} files below {images}; nothing was "
            "written. Give the folder that the images lie below, or add a column with their paths"
        )
    named = list_path_columns(paths.path, [*cells.columns])
    images_of = paths.paths.nunique()
    single = [column for column in named if cells[column].nunique() >= images_of]  # names images, not people
    people_in = cells if given.patient is not None else drop(cells, single)
    patient, people = choose_patient(text.name, people_in, given.patient)
    refuse_doubtful(text, patient, paths, given)
    rest = drop(cells, [*named, patient])
    split, parts = find_split(rest, None if patient is None else cells[patient])
    rest = drop(rest, [split])
    known, _, _ = choose_metadata(rest, text.separator)
    asked = cells if given.labels is not None else drop(rest, known)
    labels = choose_labels(text.name, asked, text.separator, given.labels)
    known, groups, left = choose_metadata(drop(rest, labels.columns), text.separator)
    kind, grey = look_at_files(root, paths)
    return Found(root, paths, patient, people, labels, split, parts, [*known, *groups], left, kind, grey)


def list_findings(text: DelimitedText, found: Found) -> list[tuple[str, str]]:
    """Return what was found out, in words: a name and a line each."""
    cells = text.cells
    there = f"{int(found.paths.there.sum()):,} of {len(cells):,} rows have their file"
    rows = f"{len(cells):,} rows, {cells.shape[1]} columns, divided by {text.separator!r}"
    return [
        ("table", f"{text.name}: {rows}"),
        ("images", f"{found.root / found.paths.path}: {there}; {found.kind}"),
        ("patient", found.people if found.patient is None else f"column {found.patient!r}: {found.people}"),
        ("labels", found.labels.words),
        ("split", found.parts),
        ("metadata", describe_metadata(found.metadata)),
        *([("left out", ", ".join(found.left))] if found.left else []),
        *(("not known", each) for each in list_open(found)),
    ]


def describe_options(table: Path, found: Found, given: Given) -> dict[str, object]:
    """Return the keys of `options`."""
    decided = {"patient_ids": given.patient_ids, "unknown_patients": given.unknown_patients}
    return {
        **{key: value for key, value in decided.items() if value not in ("ask", "refuse")},
        "file": table.name,
        "path": found.paths.path,
        "patient": found.patient,
        "labels": found.labels.columns,
        "separator": found.labels.separator,
        "negative": found.labels.negative,
        "uncertain": found.labels.uncertain,
        "split": found.split,
        "metadata": found.metadata,
    }


def describe_metadata(columns: Sequence[str]) -> str:
    """Return the columns that are kept, and what those are that mean age, sex or view."""
    named = name_columns(columns)
    said = [
        f"{column} (the {name})" if column != name else column if name in KNOWN else f"{column} (no role yet)"
        for column, name in named.items()
    ]
    return ", ".join(said) or "none"


def describe_source(table: Path, found: Found) -> dict[str, object]:
    """Return the keys of the data set beside its sections: where it is, and that rows lack their file."""
    source: dict[str, object] = {"root": found.root.as_posix()}
    if table.parent.resolve() != found.root.resolve():
        source["tables"] = table.parent.as_posix()
    if not found.paths.there.all():
        source["images_on_disk_only"] = True
    return source


def refuse_doubtful(text: DelimitedText, patient: str | None, paths: FoundPaths, given: Given) -> None:
    """Stop if people are spelled in several ways, or rows name nobody, and nothing was decided."""
    if patient is not None:
        lines = pd.Series(text.cells.index, text.cells.index)
        rows = Rows(text.name, text.cells[patient], paths.paths, lines, KEYS)
        decided = PatientOptions(patient_ids=given.patient_ids, unknown_patients=given.unknown_patients)
        decide_ids(rows, decided)


def list_open(found: Found) -> list[str]:
    """Return what the table does not say, and the user has to."""
    questions = [*found.labels.open]
    lacking = int((~found.paths.there).sum())
    if lacking:
        questions.append(
            f"where the files of {lacking:,} rows are: these rows are left out (images_on_disk_only)"
        )
    return questions


def look_at_files(folder: Path, found: FoundPaths) -> tuple[str, str]:
    """Look at some files; return what they are, and `image.grey` where the default is not for them."""
    paths = found.paths[found.there].drop_duplicates()
    chosen = [folder / path for path in paths.iloc[:: max(1, len(paths) // SAMPLE)][:SAMPLE]]
    dicom = [path for path in chosen if is_dicom_file(path)]
    if not dicom:
        return "PNG or JPEG by the first of them", ""
    windows = [has_window(path) for path in dicom]
    grey = "file_window" if all(windows) else "percentile"
    words = "their own windows are used" if all(windows) else "not all have a window: percentiles are used"
    return f"DICOM by the first of them, {words} (image.grey)", grey


def is_dicom_file(path: Path) -> bool:
    """Return whether a file is DICOM; one that cannot be read is none."""
    try:
        with path.open("rb") as stream:
            return is_dicom(stream.read(HEAD))
    except OSError:
        return False


def has_window(path: Path) -> bool:
    """Return whether a DICOM file says how it is displayed."""
    try:
        picture = read_image(path, MAX_PIXELS)
    except ImageProblem:
        return True  # it will be rejected, whatever is chosen
    return bool(picture.windows) or picture.voi_lut is not None
