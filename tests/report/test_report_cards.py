import re
from dataclasses import replace

from results_folder import Plan

from radpipe.report.cards import layout
from radpipe.report.cards.checklist import ITEMS, tabulate_checklist
from radpipe.report.cards.facts import NOT_REPORTED


def values(table):
    return [row.values for row in table.rows]


def shown(table):
    return {cells[0]: cells[-1] for cells in values(table)}


def test_the_data_card_counts_what_was_used(results):
    card = shown(layout.describe_cards(results)["data_card"])
    assert card["Images"] == "240 images in the index, 2 taken out with a reason, 238 of 60 patients used"
    assert card["Reference standard"].startswith("Findings mined from the radiology reports")
    assert card["Kept apart"].startswith("Patients: found 0 patients in two parts")
    unknown = int(results.data.case_labels.isna().to_numpy().sum())
    assert card["Unknown labels"].startswith(f"{unknown:,} of {238 * 2:,}")


def test_both_cards_name_each_doubt_about_persons_with_its_count(results):
    index = {**results.data.summaries["index"], "doubts": {"images taken for people": 1240, "no header": 7}}
    data = replace(results.data, summaries={**results.data.summaries, "index": index})
    tables = layout.describe_cards(replace(results, data=data))
    listed = "In doubt: 1,240 images taken for people, 7 no header"
    assert shown(tables["data_card"])["Kept apart"].endswith(listed)
    assert listed in shown(tables["checklist"])["What is kept apart"]


def test_the_model_card_holds_the_numbers_of_the_comparison(results):
    card = shown(layout.describe_cards(results)["model_card"])
    macro = results.comparison["macro"]["auroc"]
    assert f"AUROC BCE {macro['bce']:.3f}" in card["Performance"]
    assert f"WBCE {macro['wbce']:.3f}" in card["Performance"]
    assert card["Model"] == "small_cnn, 12,345 trainable parameters"
    assert card["Initial weights"].startswith("A local file")
    assert card["Elsewhere"] == NOT_REPORTED


def test_intervals_are_written_beside_their_values(results):
    interval = {"bce": [0.7, 0.85], "wbce": None, "difference": [-0.05, 0.25]}
    macro = {"auroc": {"bce": 0.8, "wbce": 0.9, "difference": 0.1, "interval": interval}}
    macro["average_precision"] = {"bce": None, "wbce": None, "difference": None}
    comparison = {**results.comparison, "macro": {**results.comparison["macro"], **macro}}
    words = shown(layout.describe_cards(replace(results, comparison=comparison))["model_card"])["Performance"]
    assert (
        "AUROC BCE 0.800 (0.700 to 0.850), WBCE 0.900, difference +0.100 (\N{MINUS SIGN}0.050 to +0.250)"
        in words
    )
    assert "BCE undefined" in words


def test_the_checklist_names_the_maps_and_the_failures(results):
    answers = shown(layout.describe_cards(results)["checklist"])
    game = results.data.explained["pointing"]
    hits = f"{100 * game['arms']['bce']['share']:.1f}"
    assert answers["Methods of explanation"].startswith("Grad-CAM at the last feature map (last); maps")
    assert f"BCE {hits}" in answers["Methods of explanation"]
    assert "Look at the cases" in answers["Analysis of the failures"]
    unasked = replace(results.data, explained={**results.data.explained, "cases": 0})
    answers = shown(layout.describe_cards(replace(results, data=unasked))["checklist"])
    assert answers["Methods of explanation"] == answers["Analysis of the failures"] == NOT_REPORTED


def test_what_a_run_does_not_know_is_not_reported(results):
    given = replace(
        results,
        data=None,
        runs=tuple(replace(run, training={}, history=run.history.iloc[:0]) for run in results.runs),
        settings={"evaluate": results.settings["evaluate"], "report": {"title": "Given"}},
    )
    found = layout.describe_cards(given)
    assert found["characteristics"] is None
    assert set(shown(found["data_card"]).values()) == {NOT_REPORTED}
    answers = shown(found["checklist"])
    assert answers["The model"] == answers["Flow, with numbers"] == NOT_REPORTED
    assert answers["Test on data of the same source"] != NOT_REPORTED


def test_item_numbers_have_the_form_of_their_lists():
    for item in ITEMS:
        assert item.claim or item.tripod
        for number in filter(None, item.claim.split(", ")):
            assert 1 <= int(number) <= 44
        for number in filter(None, item.tripod.split(", ")):
            assert re.fullmatch(r"([1-9]|1\d|2[0-7])[a-g]?", number)
    assert len({(item.claim, item.tripod, item.asks) for item in ITEMS}) == len(ITEMS)


def test_an_answer_is_the_fact_of_its_item():
    assert shown(tabulate_checklist({"model": "a network"}))["The model"] == "a network"


def test_characteristics_are_shares_of_the_images_of_each_part(results):
    images = results.data.images.assign(sex="F", age=50.0)
    images.loc[: len(images) // 2, "sex"] = "M"
    data = replace(results.data, images=images)
    table = layout.describe_cards(replace(results, data=data))["characteristics"]
    lines = {cells[0]: cells[1:] for cells in values(table)}
    assert sum(lines["Images"]) == 238
    assert sum(lines["Patients"]) == 60
    assert lines["Age, median (quartiles) [years]"] == ("50 (50 to 50)",) * 3
    train = data.cases[data.cases["split"] == "train"]["row"]
    share = (images.loc[train, "sex"] == "M").mean()
    assert lines["Sex M"][0].startswith(f"{share:.1%}"[:-1])


def test_cards_of_one_arm_name_no_difference(read):
    words = shown(layout.describe_cards(read(Plan(losses=("bce",))))["model_card"])
    assert words["Made for"] == "Measuring one model"
    assert "difference" not in words["Performance"]
