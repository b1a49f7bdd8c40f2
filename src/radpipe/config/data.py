"""The sections that say what the data is and how it is prepared."""

from typing import Annotated, Literal, Self

from pydantic import Field, SerializeAsAny, ValidationInfo, field_validator, model_validator

from radpipe.config.base import AllOrSome, Listed, Number, PathText, Percentage, Section, Seed, Share, Unique
from radpipe.config.readers import OPTIONS, ReaderName
from radpipe.config.targets import refuse_lone_classes

Kind = Literal["binary", "categorical"]


class PhantomSpec(Section):
    """A synthetic twin of a published data set, written below data/phantom/<name>."""

    kind: Literal["chest", "head", "lumbar", "pneumonia"] = Field(
        description="Which published format it imitates"
    )
    seed: Seed
    patients: int = Field(ge=60, le=100_000, description="Patients drawn")
    size: int = Field(ge=32, le=1024, description="Side of an image [px]")


class LinkSpec(Section):
    """Where links below the root may lead, besides the root itself and a DVC cache."""

    follow_links: bool = Field(description="Follow links to files and folders below link_roots")
    link_roots: Annotated[tuple[PathText, ...], Listed, Unique] = Field(
        description="Folders that links may lead into; [] where they are not followed"
    )

    @model_validator(mode="after")
    def _links_lead_somewhere(self) -> Self:
        if self.follow_links != bool(self.link_roots):
            raise ValueError(
                f"link_roots: {len(self.link_roots)} folders with follow_links: {self.follow_links}, expected"
                " the folders that links lead into with true, and none with false"
            )
        return self


class SourceSpec(LinkSpec):
    """Where the published tables and images are, and which part of them is used."""

    reader: ReaderName
    root: PathText = Field(description="Folder of the images, absolute or from the repository")
    tables: PathText | None = Field(description="Folder of the tables; null: the root")
    images_on_disk_only: bool = Field(
        description="Leave out, counted, rows without an image below root: for a part of a published set"
    )
    limit_patients: int | None = Field(ge=10, description="Use this many patients; null: all")
    options: SerializeAsAny[Section] = Field(
        description="What only this reader knows; {} where it has no choice"
    )

    @field_validator("options", mode="before")
    @classmethod
    def _only_the_keys_of_this_reader(cls, value: object, info: ValidationInfo) -> object:
        """Check `options` against the section of this reader; of an unknown one nothing can be said."""
        section = OPTIONS.get(info.data.get("reader", ""))
        if section is None:
            return Section()
        return section.from_values(value) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _options_fit_the_reader(self) -> Self:
        if type(self.options) is not OPTIONS[self.reader]:
            keys = ", ".join(OPTIONS[self.reader].model_fields) or "no keys"
            raise ValueError(f"options: reader {self.reader} takes {keys}")
        return self


class TargetsSpec(Section):
    """Which findings are learned, and what happens to one that is too rare for it."""

    include: AllOrSome = Field(description="all: every finding of the tables, in their order")
    kind: Kind = Field(description="categorical: of the targets <grade>:<class> of a grade one is present")
    too_rare: Literal["drop", "stop"]
    min_positive_patients: int = Field(
        ge=1,
        description="Training patients with, and without, a finding below which it is too rare",
    )

    @model_validator(mode="after")
    def _grades_have_classes(self) -> Self:
        if self.kind == "categorical" and self.include != "all":
            refuse_lone_classes(self.include)
        return self


class ValidateSpec(Section):
    """How closely the images are looked at, and how many may fail."""

    level: Literal["decode", "exists", "none"] = Field(
        description="decode: header and pixels; exists: the path; none: tables without their images"
    )
    max_rejected_share: float = Field(ge=0, le=1, description="Share of rejected images that stops a run")
    max_pixels: int = Field(ge=1, le=10**9, description="Largest image decoded [px]")


class Window(Section):
    """Physical values that become grey: black below, white above (Hounsfield units for CT)."""

    center: Number
    width: Number = Field(ge=1)


class Crop(Section):
    """What is cut out around the mark of an image, where the index has the columns x and y."""

    size: Number = Field(gt=0, description="Side of the square that is cut out [unit]")
    unit: Literal["px", "mm"] = Field(description="mm: by the pixel spacing of the file")


class ImageSpec(Section):
    """How one file becomes one array."""

    size: int = Field(ge=32, le=1024, description="Side of the square [px]")
    fit: Literal["pad", "stretch"] = Field(description="How an oblong image becomes square")
    interpolation: Literal["area", "linear", "cubic"]
    grey: Literal["stored", "window", "file_window", "minmax", "percentile"] = Field(
        description="What black and white are: ends of the stored range, of windows, of the image's values"
    )
    windows: Annotated[tuple[Window, ...], Listed, Unique] = Field(
        max_length=3, description="One channel each; [] unless grey is window"
    )
    window_function: Literal["linear", "linear_exact", "sigmoid", "clip"] = Field(
        description="linear, linear_exact, sigmoid: DICOM PS3.3 C.11.2.1; clip: as notebooks do it"
    )
    percentiles: Annotated[tuple[Percentage, Percentage], Listed] = Field(
        description="Black and white; unused unless grey is percentile"
    )
    equalise: bool = Field(description="Equalise the histogram of each channel")
    crop: Crop | None = Field(description="null: the whole image")

    @model_validator(mode="after")
    def _windows_are_used(self) -> Self:
        if (self.grey == "window") != bool(self.windows):
            raise ValueError(
                f"{len(self.windows)} windows with grey: {self.grey}, expected 1 to 3 for grey: window,"
                " and none for any other"
            )
        if self.percentiles[0] >= self.percentiles[1]:
            raise ValueError("percentiles: expected the lower one first")
        return self

    @property
    def channels(self) -> int:
        """Channels of an array: one for each window, or one."""
        return max(1, len(self.windows))


class SplitSpec(Section):
    """How patients are divided."""

    method: Literal["random", "stratified", "official"]
    test: Share = Field(description="Share of the patients; unused by `official` and with folds")
    val: Share = Field(description="Share of the patients that the test part leaves; unused with folds")
    folds: int | None = Field(
        ge=3,
        le=20,
        description="Patient-level cross-validation: every fold is the test part of one round; null: none",
    )
    seed: Seed

    @model_validator(mode="after")
    def _training_keeps_most_patients(self) -> Self:
        rest = (1 - self.test) * (1 - self.val)
        if rest < 0.3:
            raise ValueError(
                f"test and val leave {rest:.0%} of the patients to train on, expected 30% or more"
            )
        return self

    @model_validator(mode="after")
    def _folds_are_stratified(self) -> Self:
        if self.folds is not None and self.method != "stratified":
            raise ValueError(
                f"folds: {self.folds} with method: {self.method}, expected method: stratified (test and val"
                " are then unused), or folds: null"
            )
        return self


class AuditSpec(Section):
    """What the report lists of the audit, which looks for leaks before anything is trained."""

    near_duplicate_bits: int = Field(
        ge=0,
        le=40,
        description="Differing bits, of 256, up to which the perceptual hashes of two images make them alike",
    )
