"""What all sections share: frozen, strict, no unknown keys; and the types they are made of."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic import StringConstraints as Text


class Section(BaseModel):
    """A section of params.yaml."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Check plain values, as YAML and JSON hold them: lists become tuples, as strict models want them."""
        return cls.model_validate_json(json.dumps(values))


WORD, SEVERAL = "<word>", "<list>"  # kinds of one value, which are no keys


def _read_number(value: object) -> object:
    """Read `1e-3`, which is text in YAML 1.1, as a number."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _refuse_repeats(values: tuple[Any, ...]) -> tuple[Any, ...]:
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands twice")
    return values


def _refuse_blank(value: str) -> str:
    if not value.strip() or "\0" in value:
        raise ValueError("a path is expected")
    return str(PurePosixPath(value))


Number = Annotated[float, BeforeValidator(_read_number)]
Percentage = Annotated[Number, Field(ge=0, le=100)]
Share = Annotated[Number, Field(gt=0, lt=1)]
Name = Annotated[str, Text(pattern=r"^[a-z][a-z0-9_]*$")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Unique = AfterValidator(_refuse_repeats)  # for tuples: no value is repeated
Listed = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)  # JSON, YAML
# Some findings, or all: what is wrong is said of the one kind that was given.
AllOrSome = Annotated[
    Annotated[Literal["all"], Tag(WORD)]
    | Annotated[tuple[str, ...], Unique, Field(min_length=1), Tag(SEVERAL)],
    Discriminator(lambda value: WORD if isinstance(value, str) else SEVERAL),
]
PathText = Annotated[str, AfterValidator(_refuse_blank)]
