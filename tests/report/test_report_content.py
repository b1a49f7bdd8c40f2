import json
from dataclasses import replace

import pytest
from results_folder import Plan

from radpipe.config.data import ImageSpec
from radpipe.data.readers.registry import READERS
from radpipe.errors import DataError
from radpipe.report import page
from radpipe.report.sections import classification, examples, findings, flow, outcomes, setup
from radpipe.report.sources import read_results
from radpipe.report.tables import find_ends


def values(table):
    return [row.values for row in table.rows]


def test_flow_counts_every_image_taken_out(results):
    stages = flow.list_stages(results.data)
    assert [(stage.images, dict(stage.taken_out)) for stage in stages] == [
        (240, {}),
        (240, {}),
        (240, {}),
        (239, {"truncated": 1}),
        (238, {"pixel-identical copy in another part": 1}),
    ]


def test_the_arms_of_classes_that_exclude_each_other_are_called_categorical(ready):
    folder, settings = ready
    categorical = settings | {"targets": settings["targets"] | {"kind": "categorical"}}
    meanings = [arm.meaning for arm in read_results(folder, categorical).arms]
    assert meanings == ["plain categorical cross-entropy", "categorical cross-entropy weighted by class"]
    assert read_results(folder, settings).arms[0].meaning == "plain binary cross-entropy"


def test_images_taken_out_are_named_by_row(results):
    assert values(flow.tabulate_removed(results.data)) == [
        ("pack", "truncated", 1, "7"),
        ("split", "pixel-identical copy in another part", 1, "9"),
    ]


def test_a_patient_in_two_parts_is_counted(results):
    twice = results.data.splits.iloc[:1].assign(
        split="val" if results.data.splits["split"].iloc[0] != "val" else "test"
    )
    results.data.splits.loc[len(results.data.splits)] = twice.iloc[0]
    assert values(flow.tabulate_split_checks(results.data))[0] == ("Patients in two parts", 1)


def test_parts_add_up_and_prevalence_is_among_known_labels():
    counts = {"positives": 1, "negatives": 3, "unknown": 2, "positive_patients": 1}
    total = findings.add_counts([counts, counts, counts])
    assert total == {"positives": 3, "negatives": 9, "unknown": 6, "positive_patients": 3, "prevalence": 0.25}


def test_examples_show_each_finding_in_turn_then_none(results):
    chosen = results.data.case_labels.iloc[examples.choose_examples(results.data, 3)].to_numpy()
    assert (chosen[0, 0], chosen[1, 1], chosen[2].sum()) == (1, 1, 0)


def test_boxes_and_the_mark_are_drawn_in_a_crop_too(results):
    # A crop of 20 x 20 px from (10, -6) on, into 32: scale 1.6. The box (4, 8, 16, 8) is cut off left and
    # below: (0, 14, 10, 6) of the crop. The mark (20, 4) is its centre.
    data = results.data
    packed = data.packed.assign(crop_left=10, crop_top=-6, crop_width=20, crop_height=20)
    cropped = replace(data, packed=packed, images=data.images.assign(x=20.0, y=4.0))
    image = results.settings["image"] | {"crop": {"size": 20, "unit": "px"}}
    found = examples.build_example(cropped, ImageSpec.model_validate_json(json.dumps(image)), 0)
    assert found.boxes == (("Effusion", 0.0, 0.7, 0.5, 0.3),)
    assert found.mark == (0.5, 0.5)
    assert found.alt.endswith("; 1 marked with a box; a cross at the mark")


def test_an_example_with_a_box_comes_first_and_its_box_moves_along(results):
    boxed = [e for e in examples.describe_examples(results)["examples"] if e.boxes]
    positive = results.data.case_labels.iloc[:2, 0] == 1
    assert len(boxed) == int(positive.any())
    # 64 x 32 px padded to a 32 px square: half as large, 8 px lower; then in sides of the square.
    assert all(e.boxes == (("Effusion", 2 / 32, (8 + 4) / 32, 8 / 32, 4 / 32),) for e in boxed)


def test_folders_and_weight_files_are_not_among_the_parameters(results):
    shown = dict(row.values[:2] for row in setup.tabulate_parameters(results.settings).rows)
    assert "root" not in shown
    assert "tables" not in shown
    assert shown["train.weights"] == "a local file"
    assert shown["image.size"] == "32"


def test_an_undefined_finding_says_why_and_macro_says_over_how_many(read):
    table = outcomes.tabulate_comparisons(read(Plan(never="Effusion")))[0]
    notes = {row.values[0]: row.note for row in table.rows}
    assert notes["Effusion"] == "undefined: no positive case"
    assert notes["Macro"] == "mean of 1 of 2 findings"
    assert table.rows[0].values[1] is None


def test_one_arm_has_no_differences(read):
    table = outcomes.tabulate_headline(read(Plan(losses=("bce",))))
    assert [column.name for column in table.columns][1:] == ["BCE"]


def test_each_arm_knows_its_interval(results):
    entry = results.comparison["macro"]["auroc"]
    shown = values(outcomes.tabulate_headline(results))[0]
    assert [find_ends(value) for value in shown[1:3]] == [entry["interval"]["bce"], entry["interval"]["wbce"]]


def test_seeds_show_the_range_of_their_differences(read):
    results = read(Plan(seeds=(0, 1)))
    entry = results.comparison["macro"]["recall@0.5"]
    low, high = sorted(entry["per_seed"])
    shown = values(outcomes.tabulate_headline(results))[2]
    interval = entry["interval"]["difference"]
    assert shown[1:] == (
        entry["bce"], entry["wbce"], entry["difference"], interval, f"{low:+.3f} to {high:+.3f}",
    )  # fmt: skip


def test_published_rates_stand_beside_the_same_reader_only(results):
    assert ("WBCE", classification.ELSEWHERE, 0.8662, 0.4484) in values(
        classification.tabulate_detection(results)
    )
    index = {**results.data.summaries["index"], "data_sheet": READERS["table"].to_json()}
    summaries = {**results.data.summaries, "index": index}
    foreign = replace(results, data=replace(results.data, summaries=summaries))
    assert len(classification.tabulate_detection(foreign).rows) == 2


def test_a_missing_file_says_which(tmp_path):
    with pytest.raises(DataError, match=r"pixels\.npy: not found, expected the output of an earlier step"):
        read_results(tmp_path, {})


def given_without(results, **reasons):
    made = {**results.comparison["intervals"], "without": reasons}
    return replace(results, comparison={**results.comparison, "intervals": made})


def test_findings_without_an_interval_are_named_and_that_the_macro_values_hold_them(results):
    first, *others = results.targets
    found = outcomes.describe_comparison(given_without(results, **{first: "3 patients with it"}))
    assert found["without"] == {first: "3 patients with it"}
    assert found["rare_in_macro"] == [first]
    # none has one: the averages are no findings, and have no interval that could be too narrow
    reasons = dict.fromkeys([*results.targets, "macro", "pooled"], "few")
    found = outcomes.describe_comparison(given_without(results, **reasons))
    assert list(found["without"]) == [first, *others]
    assert found["rare_in_macro"] == []


def test_no_finding_is_left_out_where_all_are_included(results):
    chosen = results.settings | {"targets": results.settings["targets"] | {"include": ["Effusion"]}}
    rest = [name for name in results.data.labels.columns if name != "Effusion"]
    assert findings.describe_findings(replace(results, settings=chosen))["not_asked"] == rest
    every = results.settings | {"targets": results.settings["targets"] | {"include": "all"}}
    assert findings.describe_findings(replace(results, settings=every))["not_asked"] == []


def list_terms(results, settings):
    return dict(setup.list_run_facts(replace(results, settings=settings)))


def test_metadata_without_a_role_are_named(results):
    settings = results.settings | {"options": {"metadata": ["Gender", "ward", "x", "y"]}}
    found = list_terms(results, settings)["Metadata without a role"]
    assert found.startswith("ward, x, y: no role in this run")
    settings["compare"] = settings["compare"] | {
        "subgroups": settings["compare"]["subgroups"] | {"columns": ["sex", "ward"]}
    }
    cropped = settings | {"image": settings["image"] | {"crop": {"size": 9, "unit": "px"}}}
    assert "Metadata without a role" not in list_terms(results, cropped)
    assert "Metadata without a role" not in list_terms(results, results.settings)


def test_the_log_names_metadata_without_a_role(results):
    settings = results.settings | {"options": {"metadata": ["ward"]}}
    assert page.format_unused(settings) == "metadata without a role in this run: ward"
    assert page.format_unused(results.settings) is None


def test_a_page_of_the_user_that_names_radpipe_is_no_page_of_it(tmp_path):
    (tmp_path / "mine.html").write_text("<!doctype html><p>Results of radpipe report")
    assert not page.is_page(tmp_path / "mine.html")
