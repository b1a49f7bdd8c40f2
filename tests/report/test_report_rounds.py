"""The page of a cross-validation: its folds, its rounds, and the AUROC joined and by round."""

import re

import pytest
from crossed_folder import write_crossed

from radpipe.report.page import write_report
from radpipe.report.sections import findings, flow, outcomes, setup, weights
from radpipe.report.sources import read_results


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """Return the folder and its settings."""
    folder = tmp_path_factory.mktemp("crossed")
    return folder, write_crossed(folder)


@pytest.fixture
def results(crossed):
    return read_results(*crossed)


def test_the_flow_ends_in_the_folds(results):
    folds = [(key, name, patients) for key, name, _, patients in flow.list_splits(results.data)]
    assert folds == [("0", "Fold 0", 12), ("1", "Fold 1", 12), ("2", "Fold 2", 36)]
    checks = [row.values for row in flow.tabulate_split_checks(results.data).rows]
    assert ("Patients in two folds", 0) in checks
    assert ("Pixel-identical images in two folds", 0) in checks


def test_findings_are_counted_fold_by_fold_and_add_up(results):
    table = findings.tabulate_findings_by_split(results.data)
    assert [column.group for column in table.columns[1:]] == ["Fold 0"] * 2 + ["Fold 1"] * 2 + ["Fold 2"] * 2
    name, *counts = table.rows[0].values
    assert sum(counts[::2]) == findings.count_findings(results.data)[name]["positives"]


def test_the_weights_have_a_range_over_the_rounds(results):
    assert weights.tabulate_weights(results.data).rows[0].values[-1] == "2.000 to 4.000"


def test_every_network_has_a_line_of_its_own(results):
    lines = [row.values[:4] for row in setup.tabulate_runs(results).rows]
    assert lines == [(arm, 0, number, 3) for arm in ("BCE", "WBCE") for number in range(3)]


def test_both_aurocs_are_stated(results):
    first, second, *_ = outcomes.tabulate_headline(results).rows
    assert (first.values[0], second.values[0]) == ("AUROC", "AUROC, mean over the rounds")
    assert second.values[1] == results.comparison["macro"]["auroc_by_round"]["bce"]
    assert first.values[1] != second.values[1]


def test_the_page_says_that_no_network_has_seen_whom_it_tests(crossed, tmp_path):
    write_report(*crossed, tmp_path / "report.html")
    page = re.sub(r"\s+", " ", (tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "Patient-level cross-validation, 3 rounds" in page
    assert "Every test prediction is by a network that has not seen the patient." in page
    assert "Forman and Scholz" in page
