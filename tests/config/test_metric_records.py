from typing import get_args

import pytest

from radpipe.config.evaluation import EndpointSpec
from radpipe.config.metrics import METRICS, Place, select_metrics


def test_keys_and_labels_are_unique():
    assert len({metric.key for metric in METRICS}) == len(METRICS)
    assert len({metric.label for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize("place", get_args(Place))
def test_every_place_shows_some_metric(place):
    assert select_metrics(place)


def test_an_endpoint_is_better_when_it_is_higher_as_its_verdict_takes_for_granted():
    endpoints = select_metrics("endpoint")
    assert set(endpoints) == set(get_args(EndpointSpec.model_fields["metric"].annotation))
    assert {metric.better for metric in endpoints.values()} == {"higher"}


def test_metrics_json_shows_what_the_page_shows_first():
    assert list(select_metrics("headline_metrics")) == [
        "auroc", "average_precision", "brier", "recall@0.5", "specificity@0.5", "recall@matched_fpr",
    ]  # fmt: skip


def test_a_label_begins_small_within_a_sentence_but_for_an_acronym():
    endpoints = select_metrics("endpoint")
    assert [metric.phrase for metric in endpoints.values()] == [
        "AUROC", "average precision", "recall at the same false-positive rate",
    ]  # fmt: skip
