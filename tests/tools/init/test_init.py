"""A table and a folder of images become an entry; tables of different habits, and what is not certain."""

import shutil

import cv2
import numpy as np
import pandas as pd
import pytest
from places import REPOSITORY

from radpipe.cli import main
from radpipe.config.parameters import read
from radpipe.data.patients import decide_patients
from radpipe.data.readers.registry import READERS, read_source
from radpipe.errors import ConfigError, DataError
from radpipe.tools.init import files, proposing
from radpipe.tools.init.entry import format_value

FINDINGS = ["Mass", "Effusion", "Mass|Effusion", "No Finding"]
ROWS = 40


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with params.yaml."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(REPOSITORY / "params.yaml", "params.yaml")
    return tmp_path


def draw(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.arange(64, dtype=np.uint8).reshape(8, 8))


def write_nih(folder):
    """Names without folder and suffix, a list column, headings of the NIH."""
    names = [f"{person:04d}_{image:03d}" for person in range(10) for image in range(4)]
    for name in names:
        draw(folder / f"images/png/{name}.png")
    table = pd.DataFrame({"image_id": names, "Patient ID": [name[:4] for name in names]})
    table["Finding Labels"] = FINDINGS * 10
    table["Patient Age"] = [f"{30 + row:03d}Y" for row in range(ROWS)]
    table["Patient Gender"] = ["M", "F"] * 20
    table["View Position"] = ["PA", "AP"] * 20
    table["Follow-up #"] = range(ROWS)
    table.to_csv(folder / "labels.csv", index=False)
    return folder / "labels.csv", folder / "images"


def write_german(folder):
    """European Excel: semicolons, decimal commas, a mark, CRLF; folders of patients; columns of findings."""
    people = [f"P{row // 4:03d}" for row in range(ROWS)]
    for row, person in enumerate(people):
        draw(folder / f"bilder/{person}/{row}.png")
    table = pd.DataFrame({"Datei": [f"{row}.png" for row in range(ROWS)], "Patientennummer": people})
    table["Geschlecht"] = ["w", "m"] * 20
    table["Alter"] = range(30, 70)
    table["Dosis"] = [f"{row},25" for row in range(ROWS)]
    table["Station"] = ["A", "B", "C", "D"] * 10
    table["Erguss"] = [0, 1] * 20
    table["Infiltrat"] = [0, 0, 1, -1] * 10
    table.to_csv(folder / "Befunde.csv", sep=";", index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return folder / "Befunde.csv", folder / "bilder"


def write_without_people(folder):
    """Tabs, a number that is a part of the file's name, one word each, a split, and no patients."""
    for row in range(ROWS):
        draw(folder / f"data/img/img_{row:04d}_xr.png")
    table = pd.DataFrame({"number": [f"{row:04d}" for row in range(ROWS)]})
    table["diagnosis"] = ["pneumonia", "normal", "effusion", "normal"] * 10
    table["split"] = ["train", "valid", "test", "train"] * 10
    table.to_csv(folder / "data/data.tsv", sep="\t", index=False)
    return folder / "data/data.tsv", folder / "data"


def write_paths(folder):
    """Paths as CheXpert writes them, -1 for uncertain, empty cells; the patient is in the path alone."""
    paths = [f"train/patient{row // 4:03d}/study1/view{row}.png" for row in range(ROWS)]
    for path in paths[:-2]:
        draw(folder / "set" / path)
    table = pd.DataFrame({"Path": paths, "Sex": ["Male", "Female"] * 20, "Age": [50, 60] * 20})
    table["AP/PA"] = ["AP", "PA"] * 20
    table["Edema"] = ["1.0", "0.0", "-1.0", ""] * 10
    table["person"] = [path.split("/")[1] for path in paths]
    table.to_csv(folder / "set/train.csv", index=False)
    return folder / "set/train.csv", folder / "set"


KINDS = {
    "nih": (
        write_nih,
        [],
        {"path": "png/{image_id}.png", "patient": "Patient ID", "labels": ("Finding Labels",),
         "separator": "|", "negative": "No Finding",
         "metadata": ("Patient Age", "Patient Gender", "View Position")},
        ["Effusion", "Mass"],
    ),
    "german": (
        write_german,
        [],
        {"path": "{Patientennummer}/{Datei}", "patient": "Patientennummer", "labels": ("Erguss", "Infiltrat"),
         "separator": None, "uncertain": "unknown", "metadata": ("Geschlecht", "Alter", "Station")},
        ["Erguss", "Infiltrat"],
    ),
    "nobody": (
        write_without_people,
        ["--patient", "none"],
        {"path": "img/img_{number}_xr.png", "patient": None, "labels": ("diagnosis",), "negative": "normal",
         "split": "split"},
        ["effusion", "pneumonia"],
    ),
    "paths": (
        write_paths,
        [],
        {"path": "Path", "patient": "person", "labels": ("Edema",), "uncertain": "unknown",
         "metadata": ("Sex", "Age", "AP/PA")},
        ["Edema"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_becomes_an_entry_that_reads_it(folder, kind, capsys):
    write, words, options, findings = KINDS[kind]
    table, images = write(folder)
    before = (folder / "params.yaml").read_bytes()
    assert main(["init", str(table), "--images", str(images), "--name", "mine", *words]) == 0
    assert (folder / "params.yaml").read_bytes().startswith(before)  # no other byte has changed
    dataset = read(folder / "params.yaml").datasets["mine"]
    assert options.items() <= dataset.options.model_dump().items()
    index = READERS["table"].read(images, table.parent, dataset.options)
    index = decide_patients(index, dataset.options)
    assert index.labels.columns.to_list() == findings
    assert index.images["path"].notna().sum() == ROWS - (2 if kind == "paths" else 0)
    assert dataset.images_on_disk_only is (kind == "paths")
    assert dataset.split.method == ("official" if kind == "nobody" else "stratified")
    assert (index.images["patient_id"].nunique() == 10) is (kind != "nobody")
    if kind != "nobody":
        assert index.images[["sex", "age"]].notna().all(axis=None)
    said = capsys.readouterr().out
    assert f"{ROWS} of {ROWS}" in said or kind == "paths"
    assert "datasets.mine. Next: radpipe doctor --dataset mine" in said


def test_what_the_table_does_not_say_is_said(folder, capsys):
    table, images = write_paths(folder)
    main(["init", str(table), "--images", str(images), "--name", "mine"])
    said = capsys.readouterr().out
    assert "not known   what -1 means (10 labels): taken for unknown; see options.uncertain" in said
    assert "not known   where the files of 2 rows are: these rows are left out (images_on_disk_only)" in said
    assert "AP/PA (the view)" in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda table: table.rename(columns={"Patient ID": "code"}),
            "the patient may be named by 'code' (10 people",
        ),
        (
            lambda table: table.assign(subject=np.arange(ROWS) // 2),
            "may be named by 'Patient ID' (10 people, 4.0 images each), 'subject' (20 people",
        ),
        (
            lambda table: table.drop(columns="Patient ID"),
            "no column seems to name the patient; nothing was written",
        ),
        (lambda table: table.drop(columns="Finding Labels"), "no column has 0 and 1, or a few words"),
        (
            lambda table: table.assign(**{"Other Findings": table["Finding Labels"]}),
            "the findings may be in 'Finding Labels', 'Other Findings'",
        ),
        (lambda table: table.assign(image_id="x"), "no cell names one of the 40 files below"),
    ],
    ids=["no name", "two", "none", "no labels", "two lists", "no files"],
)
def test_what_is_not_certain_stops_and_nothing_is_written(folder, change, message, capsys):
    table, images = write_nih(folder)
    change(pd.read_csv(table, dtype="str")).to_csv(table, index=False)
    before = (folder / "params.yaml").read_bytes()
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 1
    assert message in capsys.readouterr().err
    assert (folder / "params.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--name", "phantom_chest"], "--name phantom_chest: params.yaml has a data set of this name"),
        (["--name", "My Set"], "--name My Set: expected small letters"),
        (["--name", "mine", "--patient", "who"], "--patient who: no column of labels.csv"),
        (["--name", "mine", "--labels", "what"], "--labels what: no column of labels.csv"),
        (
            ["--name", "mine", "--labels", "image_id", "Patient ID"],
            "has other cells than 0, 1, -1 and nothing",
        ),
    ],
)
def test_what_the_user_says_is_checked(folder, words, message, capsys):
    table, images = write_nih(folder)
    assert main(["init", str(table), "--images", str(images), *words]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [False, True])
def test_the_entry_stands_behind_the_last_one_and_other_bytes_stay(folder, ending, last):
    table, images = write_nih(folder)
    text = (REPOSITORY / "params.yaml").read_text()
    if not last:
        head, body = text.split("\ndatasets:\n")
        run, rest = head.split("\n", 2)[1], head
        text = f"{rest.replace(run, '')}\ndatasets:\n{body}\n# what runs\n{run}\n"
    content = text.replace("\n", ending).encode()
    (folder / "params.yaml").write_bytes(content)
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 0
    written = (folder / "params.yaml").read_bytes()
    start = written.index(b"  mine:")
    end = len(written) if last else written.index(f"{ending}# what runs".encode())
    assert written[: start - len(ending)] + written[end:] == content
    assert (b"\r\n" in written[start:end]) is (ending == "\r\n")


def test_a_file_without_anchors_is_left_as_it_is(folder):
    table, images = write_nih(folder)
    text = (
        (folder / "params.yaml")
        .read_text()
        .replace("&explain", "&explained")
        .replace("*explain", "*explained")
    )
    (folder / "params.yaml").write_text(text)
    with pytest.raises(
        ConfigError, match=r"params.yaml.*are the anchors of `defaults` there\? Nothing was written"
    ):
        proposing.init(table, images, "mine", proposing.Given(), folder / "params.yaml")
    assert (folder / "params.yaml").read_text() == text


def test_a_column_that_names_the_images_names_no_people(folder, capsys):
    table, images = write_nih(folder)
    cells = (
        pd.read_csv(table, dtype="str").drop(columns="Patient ID").rename(columns={"image_id": "patientId"})
    )
    cells.to_csv(table, index=False)
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 1
    assert "no column seems to name the patient" in capsys.readouterr().err


def test_a_few_files_of_a_large_table_are_found(folder):
    table, images = write_nih(folder)
    cells = pd.read_csv(table, dtype="str")
    more = pd.concat([cells.assign(image_id=[f"x{i}_{k}" for k in range(ROWS)]) for i in range(50)])
    pd.concat([more, cells, more.assign(image_id="y" + more["image_id"])]).to_csv(table, index=False)
    for name in cells["image_id"][3:]:
        (images / f"png/{name}.png").unlink()
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 0
    dataset = read(folder / "params.yaml").datasets["mine"]
    assert dataset.options.path == "png/{image_id}.png"
    assert dataset.images_on_disk_only


def test_a_table_that_the_reader_refuses_writes_nothing(folder, capsys):
    table, images = write_nih(folder)
    cells = pd.read_csv(table, dtype="str")
    cells.loc[1, "image_id"] = cells.loc[0, "image_id"]
    cells.to_csv(table, index=False)
    before = (folder / "params.yaml").read_bytes()
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 1
    assert "line 3 names the image of line 2 again and gives it other labels" in capsys.readouterr().err
    assert (folder / "params.yaml").read_bytes() == before


def test_patients_in_two_spellings_stop_until_it_is_decided(folder, capsys):
    table, images = write_nih(folder)
    cells = pd.read_csv(table, dtype="str")
    cells.loc[4, "Patient ID"] = "1.0"
    cells.loc[8, "Patient ID"] = None
    cells.to_csv(table, index=False)
    words = ["init", str(table), "--images", str(images), "--name", "mine"]
    assert main(words) == 1
    assert "set --unknown-patients to drop" in capsys.readouterr().err
    assert main([*words, "--unknown-patients", "own"]) == 1
    assert "set --patient-ids to normalised" in capsys.readouterr().err
    assert main([*words, "--unknown-patients", "own", "--patient-ids", "normalised"]) == 0
    dataset = read(folder / "params.yaml").datasets["mine"]
    assert read_source(dataset).images["patient_id"].nunique() == 11


def change(table, **columns):
    cells = pd.read_csv(table, dtype="str", keep_default_na=False).assign(**columns)
    cells.to_csv(table, index=False)


@pytest.mark.parametrize(
    ("findings", "negative", "absent"),
    [
        (["['Mass']", "['Mass', 'Effusion']", "[]", "[]"], "[]", 20),
        (["Mass", "Effusion", "none", "Mass"], "none", 20),
        (["Mass", "Effusion", "Normal", "NA"], "Normal", 20),
        (["Mass", "Effusion", "", "Mass|Effusion"], None, 20),
    ],
)
def test_what_stands_for_no_finding_is_none_of_them(folder, findings, negative, absent):
    table, images = write_nih(folder)
    change(table, **{"Finding Labels": findings * 10})
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 0
    dataset = read(folder / "params.yaml").datasets["mine"]
    assert dataset.options.negative == negative
    labels = read_source(dataset).labels
    assert (labels["Mass"] == 0).sum() == absent
    assert labels["Mass"].isna().sum() == (10 if "NA" in findings else 0)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"smoker": ["0", "1"] * 20}, "may be columns of 0 and 1 (smoker) or the column 'Finding Labels'"),
        ({"Patient ID": list("MF") * 20}, "the patient may be named by 'Patient ID' (2 people"),
    ],
)
def test_cells_that_contradict_a_name_stop(folder, columns, message, capsys):
    table, images = write_nih(folder)
    change(table, **columns)
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "people",
    [[f"x{n}" for n in range(ROWS * 5)], [f"x{n % 4}" for n in range(ROWS * 5)]],
    ids=["each", "four"],
)
def test_a_name_alone_makes_no_patient_certain(folder, people, capsys):
    table, images = write_nih(folder)
    cells = pd.read_csv(table, dtype="str")
    more = pd.concat([cells.assign(image_id=f"{n}_" + cells["image_id"]) for n in range(5)])
    for name in more["image_id"]:
        draw(images / f"png/{name}.png")
    more.assign(**{"Patient ID": people, "case": more["Patient ID"] + "c"}).to_csv(table, index=False)
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 1
    found = capsys.readouterr().err
    assert "the patient may be named by 'Patient ID'" in found
    assert "'case' (10 people" in found


def test_columns_of_yes_and_no_and_empty_labels_are_told(folder, capsys):
    table, images = write_german(folder)
    cells = pd.read_csv(table, sep=";", dtype="str", encoding="utf-8-sig", keep_default_na=False)
    cells.assign(Pneu=["yes", "no"] * 20, Erguss=["0", "1", "", "1"] * 10).to_csv(table, sep=";", index=False)
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 0
    said = capsys.readouterr().out
    assert "not known   whether Pneu are findings: labels are 0 and 1, not yes and no" in said
    assert "not known   what an empty label means (10 of them): taken for unknown" in said
    assert "Station (no role yet)" in said


def test_findings_that_nothing_divides_are_said_to_be_single(folder, capsys):
    table, images = write_nih(folder)
    change(table, **{"Finding Labels": [f"finding {n % 35} of" for n in range(ROWS)]})
    main(["init", str(table), "--images", str(images), "--name", "mine", "--labels", "Finding Labels"])
    said = capsys.readouterr().out
    assert "35 findings, one in each cell" in said
    assert "or lists that are divided by blanks" in said


@pytest.mark.parametrize("above", ["images/", "set/images/"])
def test_paths_may_start_above_the_folder_of_the_images(folder, above):
    table, images = write_nih(folder)
    (folder / "set").mkdir()
    images.rename(folder / "set/images")
    names = pd.read_csv(table, dtype="str")["image_id"]
    change(table, image_id=above + "png/" + names + ".png")
    assert main(["init", str(table), "--images", str(folder / "set/images"), "--name", "mine"]) == 0
    dataset = read(folder / "params.yaml").datasets["mine"]
    assert dataset.root == str(folder if above.startswith("set") else folder / "set")
    assert dataset.options.path == "image_id"
    assert read_source(dataset).images["path"].notna().all()


def test_links_out_of_the_folder_stop_before_anything_is_written(folder, capsys):
    table, images = write_nih(folder)
    images.rename(folder / "elsewhere")
    (images / "png").mkdir(parents=True)
    for file in (folder / "elsewhere/png").iterdir():
        (images / "png" / file.name).symlink_to(file)
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 1
    assert "a link that leads out of the root" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["null", "yes", "on", "no"])
def test_a_name_that_yaml_takes_for_something_else_is_refused(folder, name, capsys):
    table, images = write_nih(folder)
    assert main(["init", str(table), "--images", str(images), "--name", name]) == 1
    assert f"--name {name}: expected small letters" in capsys.readouterr().err


def test_an_entry_is_indented_as_the_others(folder):
    table, images = write_nih(folder)
    head, body = (folder / "params.yaml").read_text().split("\ndatasets:\n")
    deeper = "\n".join(f"  {line}" if line else line for line in body.splitlines()) + "\n"
    (folder / "params.yaml").write_text(f"{head}\ndatasets:\n{deeper}")
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 0
    assert "\n    mine:" in (folder / "params.yaml").read_text()


def test_a_split_that_patients_cross_is_not_used(folder, capsys):
    table, images = write_nih(folder)
    cells = pd.read_csv(table, dtype="str").assign(split=["train", "test"] * 20)
    cells.to_csv(table, index=False)
    assert main(["init", str(table), "--images", str(images), "--name", "mine"]) == 0
    assert (
        "'split' is not used: 10 patients are in its training and in its test set" in capsys.readouterr().out
    )
    assert read(folder / "params.yaml").datasets["mine"].split.method == "stratified"


def test_hidden_files_and_links_to_folders_are_not_listed(tmp_path):
    draw(tmp_path / "a/1.png")
    draw(tmp_path / ".cache/2.png")
    (tmp_path / "b").symlink_to("a")
    assert files.list_files(tmp_path) == ["a/1.png"]


@pytest.mark.parametrize(
    "text",
    ["yes", "1", "a: b", "#x", "", " x", "x ", "null", "|", "{a}", "*a", "ä/ö.csv", "it's", 'a "b"', "a\tb"],
)
def test_any_text_reads_back(text):
    import yaml

    assert yaml.safe_load(f"key: {format_value(text)}") == {"key": text}


def test_a_table_that_is_none_is_one_line(folder):
    with pytest.raises(DataError, match="not found"):
        proposing.init(folder / "no.csv", folder, "mine", proposing.Given(), folder / "params.yaml")
