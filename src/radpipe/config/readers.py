"""The readers by name, and what each lets the user choose: the section `options` of a dataset."""

from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticKnownError

from radpipe.config.base import PathText, Section, Unique

ColumnName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# What later steps add to the table of images: a column of the user's by that name would be taken for it.
RESERVED = {
    "image_id", "unit_id", "patient_id", "path", "official_split", "row", "width", "height", "bytes",
    "crop_left", "crop_top", "crop_width", "crop_height", "sha256", "pixel_row", "split", "id", "study_id",
    "series_id", "position", "spacing", "follow_up", "fold", "round", "assigned", "expected_modality",
    "nameless", "patient_spelling",
}  # fmt: skip


SpellingChoice = Literal["ask", "exact", "normalised"]
NobodyChoice = Literal["refuse", "drop", "own"]
UncertainChoice = Literal["refuse", "unknown", "positive", "negative"]


class PatientOptions(Section):
    """Who is a person: what every reader lets the user choose."""

    patient_ids: SpellingChoice = Field(
        description="Ids that differ only by zeros, `.0`, case or blanks: stop, several people, or one"
    )
    unknown_patients: NobodyChoice = Field(
        description="Rows that name no patient (empty, NA, unknown): stop, leave out, or a person each"
    )


class NoOptions(PatientOptions):
    """A reader without a choice of its own."""


class LumbarOptions(PatientOptions):
    """How the lumbar grades become rows and targets."""

    unit: Literal["image", "annotation", "study"] = Field(
        description="What carries labels: a marked image, one mark (to crop around), or all images of a study"
    )
    missing: Literal["mask", "exclude"] = Field(
        description="Rows without any known grade: kept, their loss masked, or left out and counted"
    )
    targets: Literal["cumulative", "categorical"] = Field(
        description="P(>= moderate) and P(>= severe) as two binary targets, or three classes"
    )


class PneumoniaOptions(PatientOptions):
    """Which question is asked of the pneumonia set."""

    targets: Literal["opacity", "classes"] = Field(
        description="Lung opacity alone, or Normal / No Lung Opacity, Not Normal / Lung Opacity"
    )


class TableOptions(PatientOptions):
    """The columns of a user's own CSV."""

    file: PathText = Field(description="The CSV or TSV, below the folder of the tables; .gz as well")
    path: ColumnName = Field(
        description="Column of the image path, relative to root, or a pattern of columns: png/{image_id}.png"
    )
    patient: ColumnName | None = Field(
        description="Column of the patient id; null: nobody knows, each image is its own person"
    )
    labels: Annotated[tuple[ColumnName, ...], Unique] = Field(
        min_length=1, description="Columns of 0, 1 or nothing; or one column of words"
    )
    separator: str | None = Field(
        min_length=1, description="Between the words of the one label column; null: 0/1 columns"
    )
    negative: ColumnName | None = Field(
        description="The word for none of the findings, nothing being unknown; null: nothing is none"
    )
    uncertain: UncertainChoice = Field(
        description="What -1 means in a column of 0 and 1 (uncertain, as in CheXpert)"
    )
    split: ColumnName | None = Field(
        description="Column of train_val or test (train and val count as train_val); null: none"
    )
    metadata: Annotated[tuple[ColumnName, ...], Unique] = Field(
        description="Columns kept: age [years], sex, view, x and y [px] by these names, any other as text"
    )

    @model_validator(mode="after")
    def _columns_have_one_meaning_each(self) -> Self:
        if PurePosixPath(self.file).is_absolute() or ".." in PurePosixPath(self.file).parts:
            raise ValueError(f"file: expected a path below the folder of the tables. Received: {self.file!r}")
        if self.separator is not None and len(self.labels) > 1:
            raise ValueError(
                f"separator: words stand in one column, labels names {len(self.labels)}; "
                "set it to null for columns of 0 and 1"
            )
        if self.separator is None and self.negative is not None:
            raise ValueError("negative: a word is expected only with a separator; set it to null")
        if self.split in self.labels or self.path in self.labels or self.patient in self.labels:
            raise ValueError("labels: a column of path, patient or split is named as a label too")
        reserved = sorted({name.lower() for name in self.metadata} & RESERVED)
        if reserved:
            raise ValueError(
                f"metadata: {', '.join(reserved)} is a name of later tables; rename the column in the CSV"
            )
        return self


# Name of a reader -> its options. What it reads stands in `radpipe.data.readers.registry`.
OPTIONS: dict[str, type[Section]] = {
    "nih_cxr14": NoOptions,
    "rsna_hemorrhage": NoOptions,
    "rsna_lumbar": LumbarOptions,
    "rsna_pneumonia": PneumoniaOptions,
    "table": TableOptions,
}


def _refuse_unknown(name: object) -> object:
    """Refuse what no reader is called, as a Literal would; the names are those of `OPTIONS` at that time."""
    names = list(OPTIONS)
    if name not in names:
        expected = f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
        raise PydanticKnownError("literal_error", {"expected": expected})
    return name


ReaderName = Annotated[str, BeforeValidator(_refuse_unknown)]
