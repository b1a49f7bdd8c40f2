"""The sections on what is computed from predictions, and on what is shown."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from radpipe.config.base import Listed, Number, Section, Seed, Share, Unique


class EvaluateSpec(Section):
    """What is computed, and how an operating point is chosen on the validation set."""

    score: Literal["none", "hemorrhage", "lumbar", "classes"] = Field(
        description="The competition's score of the test part; classes: macro F1 of the most probable class"
    )
    threshold: Literal["youden", "recall", "specificity", "cost"] = Field(
        description="What the threshold chosen on the validation part has to reach"
    )
    recall: Share = Field(description="The wanted recall; used by `recall`")
    specificity: Share = Field(description="The wanted specificity; used by `specificity`")
    cost_ratio: Number = Field(gt=0, description="Cost of a missed positive in false alarms; used by `cost`")
    specificities: Annotated[tuple[Share, ...], Unique] = Field(
        min_length=1, description="Specificities at which recall is read from the ROC curve"
    )


class EndpointSpec(Section):
    """The prespecified macro metric on which the verdict rests."""

    metric: Literal["auroc", "average_precision", "recall@matched_fpr"]
    margin: Number = Field(gt=0, lt=1, description="Largest difference that does not matter")


class IntervalsSpec(Section):
    """How uncertainty is estimated."""

    method: Literal["bootstrap", "delong", "none"] = Field(
        description="bootstrap: of patients; delong: of AUROC, only where every patient has one image"
    )
    resamples: int = Field(ge=200, le=100_000)
    seed: Seed
    level: Share = Field(description="Confidence level")
    min_positive_patients: int = Field(
        ge=2, description="Patients with, and without, a finding below which it gets no interval"
    )


class SubgroupsSpec(Section):
    """Which columns of the index divide the test set."""

    columns: Annotated[tuple[str, ...], Unique] = Field(description="[]: no subgroups")
    age_edges: Annotated[tuple[Number, ...], Listed] = Field(description="Where an age band ends [years]")
    min_positives: int = Field(ge=1, description="Positive cases below which nothing is concluded")

    @model_validator(mode="after")
    def _edges_rise(self) -> Self:
        if list(self.age_edges) != sorted(set(self.age_edges)):
            raise ValueError(f"age_edges: expected rising numbers, found {list(self.age_edges)}")
        return self


class CompareSpec(Section):
    """What is compared between the arms, and with which certainty."""

    endpoint: EndpointSpec
    intervals: IntervalsSpec
    prevalence: Share | None = Field(
        description="A stated prevalence for predictive values, beside the data's own; null: none"
    )
    bins: int = Field(ge=2, le=100, description="Bins of equal mass of the calibration error")
    subgroups: SubgroupsSpec

    @model_validator(mode="after")
    def _delong_knows_auroc_alone(self) -> Self:
        if self.intervals.method == "delong" and self.endpoint.metric != "auroc":
            raise ValueError(
                f"intervals.method: delong makes intervals of auroc alone, found endpoint.metric "
                f"{self.endpoint.metric}; use bootstrap"
            )
        return self


class ExplainSpec(Section):
    """Which cases are shown with what the network looked at."""

    cases: int = Field(ge=0, le=10, description="Of each kind and finding; 0: none")


class ReportSpec(Section):
    """What the page shows."""

    title: str
    examples: int = Field(ge=0, le=24, description="Example images shown")
