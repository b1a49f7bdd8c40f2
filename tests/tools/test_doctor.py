import copy
from pathlib import Path

import pytest
import yaml
from places import PARAMS

from radpipe import cli
from radpipe.config import parameters
from radpipe.tools.doctor import check_dataset, format_duration

ROWS = [(f"{n:08d}_000.png", ("Mass", "No Finding")[n % 2], str(n), "57") for n in range(1, 41)]


@pytest.fixture
def values():
    return copy.deepcopy(yaml.safe_load(PARAMS.read_text(encoding="utf-8")))


def test_a_phantom_needs_nothing(values):
    lines, problems = check_dataset("phantom_chest", parameters.load(values))
    assert problems == []
    assert "the workflow makes it" in lines[0]


def test_room_is_for_all_channels(values):
    lines, _ = check_dataset("phantom_head", parameters.load(values))
    drawn = values["phantoms"]["head"]["patients"] * 16
    assert f"disk space: {drawn * 64 * 64 * 3 / 1e9:.2f} GB" in lines[1]


def test_the_rounds_of_a_cross_validation_count(values):
    values["datasets"]["phantom_chest"]["split"]["folds"] = 5
    lines, _ = check_dataset("phantom_chest", parameters.load(values))
    assert "2 runs of 5 rounds of up to 10 epochs" in lines[-1]


def test_a_missing_folder_is_named_with_its_key(values):
    values["datasets"]["nih_cxr14"]["root"] = "nowhere"
    _, problems = check_dataset("nih_cxr14", parameters.load(values))
    assert problems == [
        "nih_cxr14: no folder nowhere; put the data there, or correct datasets.nih_cxr14.root"
    ]


def test_missing_images_are_counted(values, write_entries):
    folder = write_entries(ROWS)
    values["datasets"]["nih_cxr14"]["split"]["method"] = "stratified"
    (folder / "images").mkdir()
    for name, *_ in ROWS[:-1]:
        (folder / "images" / name).touch()
    values["datasets"]["nih_cxr14"]["root"] = str(folder)
    lines, problems = check_dataset("nih_cxr14", parameters.load(values))
    assert "  images: 39 of them have their file below root" in lines
    assert "1 images are missing, more than validate.max_rejected_share" in problems[0]
    assert f"the first is 00000040_000.png, looked for below {folder}" in problems[0]
    values["datasets"]["nih_cxr14"]["images_on_disk_only"] = True
    assert check_dataset("nih_cxr14", parameters.load(values))[1] == []


@pytest.fixture
def chest(values, write_entries):
    """The entry for a folder of two images."""
    folder = write_entries(ROWS)
    (folder / "images").mkdir()
    for name, *_ in ROWS:
        (folder / "images" / name).touch()
    entry = values["datasets"]["nih_cxr14"]
    entry["root"] = str(folder)
    entry["split"]["method"] = "stratified"
    return entry


def examine(values):
    return check_dataset("nih_cxr14", parameters.load(values))


def test_a_folder_in_order_has_no_problem(values, chest):
    assert examine(values)[1] == []


def test_the_notes_of_the_reader_are_told(values, write_entries):
    values["datasets"]["nih_cxr14"]["root"] = str(
        write_entries([*ROWS, ("00000099_000.png", "Mass", "99", "411")])
    )
    assert "  note: ages that are impossible or not understood, set to unknown: 1" in examine(values)[0]


@pytest.mark.parametrize(
    ("section", "changes", "problem"),
    [
        ("targets", {"include": ["Mass", "Covid"]}, "targets.include: Covid not among the findings "),
        ("train", {"rare": {"findings": ["Covid"]}}, "train.rare.findings: Covid not among the findings "),
        ("split", {"method": "official"}, "split.method is official, but no published list"),
        ("image", {"crop": {"size": 32, "unit": "px"}}, "image.crop: the tables have no marks"),
        ("evaluate", {"score": "hemorrhage"}, "evaluate.score: hemorrhage knows none of the targets"),
        (
            "targets",
            {"too_rare": "stop"},
            "targets: fewer than min_positive_patients 5 patients",
        ),
        ("targets", {"min_positive_patients": 50}, "targets: fewer than min_positive_patients 50 patients"),
    ],
)
def test_what_the_tables_lack_is_told_before_anything_is_decoded(values, chest, section, changes, problem):
    chest["train"]["rare"]["findings"] = []
    for key, value in changes.items():
        chest[section][key] = {**chest[section][key], **value} if key == "rare" else value
    (found,) = examine(values)[1]
    assert found.startswith(f"nih_cxr14: {problem}")


def test_findings_that_are_no_classes_of_one_grade_are_told(values, chest):
    chest["train"]["rare"]["findings"] = []
    chest["targets"] |= {"kind": "categorical", "include": ["Mass", "Effusion"]}
    found = [each for each in examine(values)[1] if "kind is categorical" in each]
    assert found == [
        "nih_cxr14: targets: kind is categorical, but 20 rows have none or several classes of the findings"
    ]


def test_a_lone_class_is_told_before_anything_is_decoded(values, chest, monkeypatch):
    chest["targets"] |= {"kind": "categorical", "include": "all"}
    monkeypatch.setattr("radpipe.tools.doctor.find_lone_classes", lambda names: [names[0]])
    assert "kind is categorical, but of ['Atelectasis'] there is a single class" in examine(values)[1][0]


def test_tables_alone_are_no_alarm_and_promise_no_time(values, write_entries):
    entry = values["datasets"]["nih_cxr14_tutorial"]
    entry["root"] = str(write_entries(ROWS))
    entry["targets"]["too_rare"] = "drop"
    lines, problems = check_dataset("nih_cxr14_tutorial", parameters.load(values))
    assert problems == []
    assert lines[-1] == "  tables only (validate.level none): no image is looked at, packed or learned"
    assert not any("disk space" in line or "time" in line for line in lines)


def test_an_empty_folder_is_told_where_only_the_images_on_disk_count(values, chest, tmp_path):
    for path in Path(chest["root"]).glob("images/*"):
        path.unlink()
    chest["images_on_disk_only"] = True
    assert "no image of the table was found below root" in examine(values)[1][0]


def test_fewer_patients_need_less(values, write_entries):
    rows = [(f"{person:08d}_000.png", "Mass", str(person), "57") for person in range(1, 13)]
    values["datasets"]["nih_cxr14"] |= {"root": str(write_entries(rows)), "limit_patients": 10}
    assert examine(values)[0][1].endswith("; 10 rows are used")


def test_pretrained_weights_are_looked_for_before_a_run(values):
    train = values["datasets"]["phantom_head"]["train"]
    assert not any("weights" in line for line in check_dataset("phantom_head", parameters.load(values))[0])
    train |= {"model": "VGG16", "weights": "imagenet"}
    lines, problems = check_dataset("phantom_head", parameters.load(values))
    assert problems == []
    assert any(line.startswith("  weights: imagenet; Keras fetches them") for line in lines)
    train["weights"] = "nowhere.h5"
    _, problems = check_dataset("phantom_head", parameters.load(values))
    assert problems == [
        "phantom_head: train.weights: nowhere.h5 not found, expected none, imagenet or a file"
    ]


def test_a_folder_without_tables_is_a_problem_and_no_crash(values, tmp_path):
    values["datasets"]["nih_cxr14"]["root"] = str(tmp_path)
    assert (
        "found neither Data_Entry_2017_v2020.csv" in check_dataset("nih_cxr14", parameters.load(values))[1][0]
    )


def test_durations_are_said_in_a_fitting_unit():
    assert [format_duration(seconds) for seconds in (12, 600, 36000)] == ["12 s", "10 min", "10.0 h"]


def test_doctor_ends_with_1_and_the_list_of_problems(values, tmp_path, capsys):
    values["run"] = ["nih_cxr14"]
    values["datasets"]["nih_cxr14"]["root"] = "nowhere"
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    assert cli.main(["doctor", "--params", str(path)]) == 1
    assert "1 to put right:\n  nih_cxr14: no folder nowhere" in capsys.readouterr().err
    assert cli.main(["doctor", "--params", str(path), "--dataset", "x"]) == 1
    assert "no dataset 'x'" in capsys.readouterr().err
