"""The sections Operating points, Calibration and Subgroups."""

import dataclasses

import pytest
from explored_results import explore

from radpipe.report.arms import ARMS
from radpipe.report.figures.drawers import draw_figures
from radpipe.report.figures.exploring import draw_calibration, draw_operating, draw_subgroups
from radpipe.report.sections import calibration, operating, subgroups
from radpipe.report.tables import Column, Table, build_rows, format_interval


@pytest.fixture(scope="module")
def explored():
    return explore()


def test_rates_and_flags_of_an_arm_have_intervals(explored):
    table = operating.tabulate_operating_points(explored, ARMS["wbce"])
    entry = explored.comparison["operating_points"]["choices"]["youden"]["findings"]["a"]
    name, threshold, recall, ends, *_ = table.rows[0].values
    assert (name, threshold) == ("a", entry["threshold"]["wbce"])
    assert (recall, ends) == (entry["recall"]["wbce"], entry["recall"]["interval"]["wbce"])
    assert 1000 * entry["flagged"]["wbce"] in table.rows[0].values
    assert table.groups[-1][0] == "NPV at prevalence 0.05"
    assert table.rows[-1].values[0] == "Macro"


def test_every_rule_is_a_row_and_the_main_one_is_named(explored):
    names = [row.values[0] for row in operating.tabulate_rules(explored).rows]
    assert names == ["Youden (main)", "Wanted recall", "Wanted specificity", "Cost", "0.5"]


def test_calibration_shows_the_arms_before_and_after(explored):
    trained, undone, platt = calibration.tabulate_calibration(explored).rows
    assert [row.values[0] for row in (trained, undone, platt)] == [
        "as predicted",
        "class weights undone",
        "Platt scaling",
    ]
    assert undone.values[1:10:2] == pytest.approx(trained.values[1:10:2])  # nothing to undo without weights
    assert undone.values[2:11:2] == pytest.approx(undone.values[1:10:2])  # the shift was log(3 / 0.6)


def test_the_planted_difference_heads_the_list(explored):
    described = subgroups.describe_subgroups(explored)
    first = described["subgroup_gaps"].rows[0].values
    assert first[:2] == ("view: AP", "a")
    assert first[4] > 0.2
    assert {row.values[1] for row in described["subgroup_gaps"].rows} == {"a"}
    assert explored.comparison["subgroups"]["columns"]["age"]["groups"].keys() == {"40 to under 60"}
    assert "sex" in explored.comparison["subgroups"]["absent"]


def test_too_few_positives_are_a_note_and_dashes(explored):
    table = subgroups.tabulate_column(explored, "view")
    row = next(row for row in table.rows if row.values[0] == "AP: b")
    assert "too few" in row.note
    assert set(row.values[3:]) == {None}


def test_without_the_images_there_are_no_subgroups(explored, tmp_path):
    given = dataclasses.replace(explored, comparison={**explored.comparison, "subgroups": None})
    assert subgroups.describe_subgroups(given) is None
    assert draw_subgroups(given, tmp_path) is None


@pytest.mark.parametrize("draw", [draw_operating, draw_calibration, draw_subgroups])
def test_figures_say_what_they_show(explored, tmp_path, draw):
    drawing = draw(explored, tmp_path)
    assert (tmp_path / f"{drawing.name}.png").stat().st_size > 5000
    assert len(drawing.alt) > 40


def test_the_page_holds_the_sections_of_predictions(results, tmp_path):
    assert {"operating", "calibration"} <= set(draw_figures(results, tmp_path))


def test_an_interval_is_two_columns_of_the_csv():
    table = Table(
        "t", "T", (Column("A"), Column("I", format_interval)), build_rows([("x", [0.1, 0.25]), ("y", None)])
    )
    assert table.csv == 'A,"I, low","I, high"\nx,0.1,0.25\ny,,\n'
    assert table.columns[1].format_cell([0.1, 0.25]) == "0.100 to 0.250"
