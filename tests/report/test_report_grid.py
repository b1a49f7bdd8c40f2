import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from radpipe.config.data import ImageSpec
from radpipe.data.index import Grid, build_empty_boxes
from radpipe.report.data import Data
from radpipe.report.figures.drawers import draw_figures
from radpipe.report.page import render_page
from radpipe.report.sections import classification, examples, grid

NAN = np.nan
CELL = ("canal:moderate", "canal:severe"), ("recess:moderate", "recess:severe")
CUMULATIVE = Grid(
    "Condition", "Level", "Severity", ("Canal", "Recess"), ("L1/L2",), ("Mild", "Moderate", "Severe"),
    ("Moderate or worse", "Severe"), True, tuple((cell,) for cell in CELL),
)  # fmt: skip
# Units a to e: canal severe, moderate, mild, unknown, mild; recess unknown but for c, moderate, d, severe.
LABELS = [[1, 1, NAN, NAN], [1, 0, NAN, NAN], [0, 0, 1, 0], [NAN, NAN, 1, 1], [0, 0, NAN, NAN]]


def make(layout=CUMULATIVE, labels=LABELS):
    units = list("abcdde")  # d has two images
    patients = list("ppqrrs")
    images = pd.DataFrame(
        {"image_id": list("uvwxyz"), "unit_id": units, "patient_id": patients, "view": "PA"}
    )
    images["unit_id"] = [*"abcd", "d", "e"]
    table = pd.DataFrame(labels, list("abcde"), [name for row in layout.targets for c in row for name in c])
    packed = pd.DataFrame({"row": range(6), "pixel_row": range(6)}).assign(
        crop_left=0, crop_top=0, crop_width=8, crop_height=8
    )
    splits = pd.DataFrame({"patient_id": list("pqrs"), "split": ["train", "train", "val", "test"]})
    summaries = {
        "index": {"grid": json.loads(json.dumps(asdict(layout)))},
        "split": {"excluded": []},
        "weights": {"targets": dict.fromkeys(table)},
    }
    pixels = np.zeros((6, 8, 8, 1), np.uint8)
    return Data(summaries, images, packed, packed, table, build_empty_boxes(),
                splits, pixels, {}, {}, pixels[:0])  # fmt: skip


def lines_of(table):
    return [row.values for row in table.rows]  # noqa: PD011 (no pandas)


def test_a_class_is_how_many_cumulative_targets_hold_and_a_unit_counts_once():
    data = make()
    np.testing.assert_array_equal(
        grid.compute_grades(data, data.grid)[..., 0], [[2, NAN], [1, NAN], [0, 1], [NAN, 2], [0, NAN]]
    )
    assert lines_of(grid.tabulate_cell_counts(data, data.grid)) == [
        ("Canal", 2, 1, 1), ("Recess", 0, 1, 1), ("All", 2, 2, 2),
    ]  # fmt: skip


def test_a_table_of_counts_has_the_columns_of_each_class_side_by_side():
    layout = replace(CUMULATIVE, rows=("Canal",), columns=("L1/L2", "L2/L3"), targets=(CELL,))
    table = grid.tabulate_cell_counts(make(layout), layout)
    assert [column.group for column in table.columns[1:]] == [
        *["Mild"] * 2,
        *["Moderate"] * 2,
        *["Severe"] * 2,
    ]
    assert lines_of(table)[0] == ("Canal", 2, 0, 1, 1, 1, 1)


def test_a_categorical_class_is_the_target_that_holds():
    layout = replace(
        CUMULATIVE, rows=("Canal",), questions=CUMULATIVE.classes, cumulative=False,
        targets=((("c:mild", "c:moderate", "c:severe"),),),
    )  # fmt: skip
    data = make(layout, [[0, 0, 1], [1, 0, 0], [0, 1, 0], [NAN] * 3, [0, 0, 1]])
    assert lines_of(grid.tabulate_cell_counts(data, data.grid)) == [("Canal", 1, 1, 2), ("All", 1, 1, 2)]


def test_classes_are_counted_in_each_part_with_their_share():
    mild, moderate, severe, total = lines_of(grid.tabulate_classes(make(), CUMULATIVE))
    # Training holds canal severe, moderate, mild and recess moderate.
    assert mild == ("Mild", 2, pytest.approx(2 / 6), 1, 0.25, 0, 0, 1, 1)
    assert moderate == ("Moderate", 2, pytest.approx(2 / 6), 2, 0.5, 0, 0, 0, 0)
    assert severe == ("Severe", 2, pytest.approx(2 / 6), 1, 0.25, 1, 1, 0, 0)
    assert total == ("All", 6, None, 4, None, 1, None, 1, None)


def test_labels_are_named_by_cell_and_the_first_class_only_if_it_is_all_that_is_known():
    data = make()
    named = [grid.list_present_cells(CUMULATIVE, data.labels.loc[unit]) for unit in "abce"]
    assert named == [
        ("Canal, L1/L2: Severe",), ("Canal, L1/L2: Moderate",), ("Recess, L1/L2: Moderate",),
        ("Canal, L1/L2: Mild",),
    ]  # fmt: skip
    none = pd.Series(0.0, data.labels.columns)
    assert grid.list_present_cells(CUMULATIVE, none) == ()


def test_examples_show_each_row_of_the_last_class_first(results):
    data = make()
    assert examples.list_wanted_targets(data) == [
        ["canal:severe"],
        ["recess:severe"],
        ["canal:moderate"],
        ["recess:moderate"],
    ]
    rows = data.cases["row"].iloc[examples.choose_examples(data, 5)].tolist()
    assert rows == [0, 3, 1, 2, 5]  # the last one has none of them
    spec = ImageSpec.model_validate_json(json.dumps(results.settings["image"]))
    assert examples.build_example(data, spec, 0).findings == ("Canal, L1/L2: Severe",)


@pytest.fixture
def gridded(results):
    """Return results whose two findings are the two questions of one cell."""
    layout = replace(CUMULATIVE, rows=("Canal",), targets=((results.targets,),))
    summaries = {
        **results.data.summaries,
        "index": {**results.data.summaries["index"], "grid": asdict(layout)},
    }
    return replace(results, data=replace(results.data, summaries=summaries))


def test_auroc_stands_by_cell_with_every_arm_and_the_difference(gridded):
    content = grid.describe_grid(gridded)
    assert content["title"] == "AUROC by condition and level"
    entry = gridded.comparison["findings"]["Effusion"]["auroc"]
    first, second = content["tables"]
    assert first.caption == "AUROC: Moderate or worse"
    assert lines_of(first) == [("Canal", entry["bce"], entry["wbce"], entry["difference"])]
    assert [column.group for column in first.columns] == ["", "BCE", "WBCE", "WBCE \N{MINUS SIGN} BCE"]
    assert [column.name for column in first.columns[1:]] == ["L1/L2"] * 3
    del gridded.comparison["findings"][gridded.targets[1]]  # too rare to learn
    assert lines_of(grid.tabulate_auroc(gridded, gridded.grid, 1)) == [("Canal", None, None, None)]
    assert lines_of(second)[0][1] is not None


def test_a_grid_stands_before_the_long_lists(results, gridded, tmp_path):
    page = render_page(gridded, draw_figures(gridded, tmp_path))
    assert page.index('id="table-grid-counts"') < page.index('id="table-findings"')
    assert (tmp_path / "grid.png").stat().st_size > 5000
    assert grid.describe_grid(results) is None


def test_the_confusion_of_classes_is_added_up_over_seeds(results):
    score = {"confusion": {"classes": ["normal_mild", "severe"], "counts": [[3, 1], [0, 0]]}}
    runs = tuple(replace(run, metrics={**run.metrics, "score": score}) for run in results.runs)
    once = replace(results, runs=runs)
    twice = replace(results, runs=(*runs, *runs))
    table = classification.tabulate_confusion(once, results.arms[0])
    assert lines_of(table) == [("normal mild", 3, 1, 0.75), ("severe", 0, 0, None)]
    table = classification.tabulate_confusion(twice, results.arms[0])
    assert lines_of(table)[0] == ("normal mild", 6, 2, 0.75)
    assert table.caption.endswith(", sum of 2 seeds")
    assert classification.tabulate_confusion(results, results.arms[0]) is None
