"""The schema of params.yaml: types, units, limits and cross-checks. Only params.yaml contains values.

Sections are frozen, refuse unknown keys and have no defaults, so that every value in force can be
read in one file and tracked by DVC leaf by leaf.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from radpipe.config.base import SEVERAL, WORD, Name, Section, Seed, Unique
from radpipe.config.columns import KNOWN
from radpipe.config.data import (
    AuditSpec,
    Crop,
    ImageSpec,
    Kind,
    LinkSpec,
    PhantomSpec,
    SourceSpec,
    SplitSpec,
    TargetsSpec,
    ValidateSpec,
    Window,
)
from radpipe.config.evaluation import (
    CompareSpec,
    EndpointSpec,
    EvaluateSpec,
    ExplainSpec,
    IntervalsSpec,
    ReportSpec,
    SubgroupsSpec,
)
from radpipe.config.readers import TableOptions
from radpipe.config.text import read_values
from radpipe.config.training import TrainSpec
from radpipe.errors import ConfigError

__all__ = [
    "AuditSpec", "CompareSpec", "Crop", "Dataset", "EndpointSpec", "EvaluateSpec", "ExplainSpec", "ImageSpec",
    "IntervalsSpec", "Kind", "Loss", "Parameters", "PhantomSpec", "ReportSpec", "SourceSpec", "SplitSpec",
    "SubgroupsSpec", "TargetsSpec", "TrainSpec", "ValidateSpec", "Window", "load", "read",
]  # fmt: skip

# Sections whose keys lie beside the others, in no map of their own.
SHARED: dict[str, type[LinkSpec]] = {"source": SourceSpec, "links": LinkSpec}
MOST_VALUES = 1_000_000  # of the whole file, each use of an anchor counted
PHANTOM_ROOT = Path("data/phantom")
Loss = Literal["bce", "wbce"]


class Dataset(SourceSpec):
    """One entry of `datasets:`; the wildcard `{dataset}` of the workflow."""

    targets: TargetsSpec
    validation: ValidateSpec = Field(alias="validate")
    image: ImageSpec
    split: SplitSpec
    audit: AuditSpec
    train: TrainSpec
    evaluate: EvaluateSpec
    compare: CompareSpec
    explain: ExplainSpec
    report: ReportSpec

    def find_section(self, name: str) -> Section:
        """Return the section that a step is given: `source` and `links` are listed beside the others."""
        if name in SHARED:
            return SHARED[name](**{key: getattr(self, key) for key in SHARED[name].model_fields})
        section: Section = getattr(self, "validation" if name == "validate" else name)
        return section

    @property
    def phantom(self) -> str | None:
        """Name of the phantom that makes the root, None for any other folder."""
        root = Path(self.root)
        return root.name if root.parent == PHANTOM_ROOT else None

    @model_validator(mode="after")
    def _rare_findings_are_targets(self) -> Self:
        include = self.targets.include
        foreign = [] if include == "all" else sorted(set(self.train.rare.findings) - set(include))
        if foreign:
            raise ValueError(f"train.rare.findings: {', '.join(foreign)} not among targets.include")
        return self

    @model_validator(mode="after")
    def _subgroups_are_known(self) -> Self:
        if isinstance(self.options, TableOptions):
            known = {*KNOWN, *self.options.metadata}
            foreign = [name for name in self.compare.subgroups.columns if name not in known]
            if foreign:
                raise ValueError(
                    f"compare.subgroups.columns: {', '.join(foreign)} not among options.metadata:"
                    f" {', '.join(self.options.metadata) or 'none'}"
                )
        return self

    @model_validator(mode="after")
    def _classes_exclude_each_other(self) -> Self:
        if self.evaluate.score == "classes" and self.targets.kind != "categorical":
            raise ValueError("evaluate.score: classes, but targets.kind is binary, expected categorical")
        return self


class Parameters(Section):
    """The whole of params.yaml."""

    run: Annotated[tuple[str, ...], Unique] = Field(min_length=1, description="Datasets built by default")
    losses: Annotated[tuple[Loss, ...], Unique] = Field(min_length=1)
    seeds: Annotated[tuple[Seed, ...], Unique] = Field(min_length=1)
    phantoms: dict[Name, PhantomSpec]
    defaults: dict[str, Any] = Field(
        default_factory=dict, description="Anchors, merged into the entries; nothing else reads them"
    )
    datasets: dict[Name, Dataset] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        unknown = sorted(set(self.run) - set(self.datasets))
        if unknown:
            raise ValueError(f"run: {', '.join(unknown)} not among datasets: {', '.join(self.datasets)}")
        for name, dataset in self.datasets.items():
            if dataset.phantom is not None and dataset.phantom not in self.phantoms:
                raise ValueError(f"datasets.{name}.root: no phantom {dataset.phantom!r} among phantoms")
        return self

    def describe(self, name: str) -> dict[str, Any]:
        """Return all that is said about one data set, as plain values: the settings of its page."""
        shared = self.model_dump(mode="json", include={"losses", "seeds"})
        return {"dataset": name, **shared, **self.datasets[name].model_dump(mode="json", by_alias=True)}

    def find_section(self, name: str, kind: type[Section]) -> Section:
        """Return the section of a data set that is of a kind, or the phantom that makes its folder."""
        dataset = self.datasets[name]
        if kind is PhantomSpec:
            if dataset.phantom is None:
                raise ConfigError(f"datasets.{name}: its folder is made by no phantom")
            return self.phantoms[dataset.phantom]
        if kind in SHARED.values():
            return dataset.find_section(next(each for each, own in SHARED.items() if own is kind))
        (key,) = [key for key, field in Dataset.model_fields.items() if field.annotation is kind]
        section: Section = getattr(dataset, key)
        return section


def load(values: Mapping[str, Any], name: str = "params.yaml") -> Parameters:
    """Check the whole configuration.

    Raises
    ------
    ConfigError
        One line for each wrong key: its path, what was expected, what was found.
    """
    refuse_bomb(values, name)
    try:
        return Parameters.from_values(values)
    except ValidationError as error:
        lines = [f"  {format_problem(problem)}" for problem in error.errors(include_url=False)]
        raise ConfigError("\n".join([f"{name} is not valid:", *lines])) from None


def refuse_bomb(values: Any, name: str) -> None:
    """Stop if anchors stand for more values than any file has: ten lines may stand for billions."""
    sizes: dict[int, int] = {}

    def count(value: Any) -> int:
        if not isinstance(value, dict | list):
            return 1
        if id(value) not in sizes:
            inside = value.values() if isinstance(value, dict) else value
            sizes[id(value)] = 1 + sum(map(count, inside))
        return sizes[id(value)]

    try:
        found = count(values)
    except RecursionError:
        found = MOST_VALUES + 1
    if found > MOST_VALUES:
        raise ConfigError(f"{name}: its anchors stand for more than {MOST_VALUES:,} values; write them out")


def format_problem(problem: Mapping[str, Any]) -> str:
    """Return in one line what pydantic found wrong with one key."""
    names = [str(name) for name in problem["loc"] if name not in ("__root__", WORD, SEVERAL)]
    key = ".".join(names)
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "missing":
        return f"{key}: this key is missing"
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key, remove it or correct its name"
    if problem["type"] == "value_error":
        return f"{key}: {message}" if key else message
    return f"{key}: {message}. Received: {problem['input']!r}"


def read(path: Path) -> Parameters:
    """Read and check a params.yaml.

    Raises
    ------
    ConfigError
        If the file is absent, is not YAML, or contains a wrong value.
    """
    return load(read_values(path), str(path))
