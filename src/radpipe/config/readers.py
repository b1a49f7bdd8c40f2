"""What single readers let the user choose: the section `options` of a dataset."""

from typing import Annotated, Literal

from pydantic import Field

from radpipe.config.base import Section, Unique


class NoOptions(Section):
    """A reader without a choice: `options: {}`."""


class LumbarOptions(Section):
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


class PneumoniaOptions(Section):
    """Which question is asked of the pneumonia set."""

    targets: Literal["opacity", "classes"] = Field(
        description="Lung opacity alone, or Normal / No Lung Opacity, Not Normal / Lung Opacity"
    )


class TableOptions(Section):
    """The columns of a user's own CSV."""

    file: str = Field(min_length=1, description="The CSV, relative to the folder of the tables")
    path: str = Field(min_length=1, description="Column of the image path, relative to root")
    patient: str = Field(min_length=1, description="Column of the patient id")
    labels: Annotated[tuple[str, ...], Unique] = Field(
        min_length=1, description="Columns of 0, 1 or nothing; or one column of words"
    )
    separator: str | None = Field(description="Between the words of the one label column; null: 0/1 columns")
    negative: str | None = Field(description="The word for none of the findings; null: an empty list")
    split: str | None = Field(description="Column that holds train_val or test; null: none")
    metadata: Annotated[tuple[str, ...], Unique] = Field(description="Columns kept as they are")


ReaderOptions = NoOptions | LumbarOptions | PneumoniaOptions | TableOptions
OPTIONS: dict[str, type[Section]] = {
    "nih_cxr14": NoOptions,
    "rsna_hemorrhage": NoOptions,
    "rsna_lumbar": LumbarOptions,
    "rsna_pneumonia": PneumoniaOptions,
    "table": TableOptions,
}
