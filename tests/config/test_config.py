import copy
import inspect

import pytest
import yaml
from places import PARAMS
from specs import PATIENTS

from radpipe.config import parameters
from radpipe.config.base import Section
from radpipe.errors import ConfigError


@pytest.fixture
def values():
    return copy.deepcopy(yaml.safe_load(PARAMS.read_text(encoding="utf-8")))


def refuse(values, message):
    with pytest.raises(ConfigError, match=message) as caught:
        parameters.load(values)
    return str(caught.value)


def leaves(section):
    """Every key below a section class, with dots."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        key = field.alias or name
        if inspect.isclass(kind) and issubclass(kind, Section):
            yield from (f"{key}.{inner}" for inner in leaves(kind))
        else:
            yield key


def test_the_shipped_parameters_are_valid(values):
    assert parameters.load(values).run == ("phantom_chest",)


def test_no_key_has_a_default_so_that_every_value_stands_in_the_file(values):
    for key in leaves(parameters.Dataset):
        broken = copy.deepcopy(values)
        section = broken["datasets"]["phantom_chest"]
        *path, last = key.split(".")
        for step in path:
            section = section[step]
        del section[last]
        refuse(broken, f"phantom_chest.{key}: this key is missing")


def test_an_unknown_key_is_refused(values):
    values["datasets"]["phantom_chest"]["train"]["epoch"] = 3
    refuse(values, "datasets.phantom_chest.train.epoch: unknown key, remove it or correct its name")


def test_a_wrong_value_is_named_with_key_expectation_and_what_was_found(values):
    values["datasets"]["nih_cxr14"]["image"]["size"] = 4096
    values["seeds"] = ["one"]
    message = refuse(values, "params.yaml is not valid")
    assert (
        "datasets.nih_cxr14.image.size: Input should be less than or equal to 1024. Received: 4096" in message
    )
    assert "seeds.0: Input should be a valid integer. Received: 'one'" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epochs", True),
        ("epochs", 2.5),
        ("learning_rate", float("nan")),
        ("deterministic", "yes"),
        ("model", "Dense"),
    ],
)
def test_values_of_another_type_are_not_bent_into_shape(values, key, value):
    values["datasets"]["phantom_chest"]["train"][key] = value
    refuse(values, f"phantom_chest.train.{key}")


def test_a_number_in_exponent_notation_is_a_number(values):
    values["datasets"]["phantom_chest"]["train"]["learning_rate"] = "1e-4"
    assert parameters.load(values).datasets["phantom_chest"].train.learning_rate == 1e-4


def test_cross_checks_name_what_does_not_fit(values):
    values["run"] = ["chest"]
    refuse(values, "run: chest not among datasets")


def test_a_split_that_leaves_too_little_to_train_on_is_refused(values):
    values["datasets"]["phantom_chest"]["split"].update(test=0.6, val=0.6)
    refuse(values, "split: test and val leave 16% of the patients to train on")


def test_subgroups_of_a_table_are_columns_that_it_keeps(values):
    mine = values["datasets"]["phantom_chest"]
    options = {"file": "t.csv", "path": "file", "patient": "patient", "labels": ["mass"], "separator": None}
    mine |= {
        "reader": "table",
        "options": {
            **PATIENTS,
            **options,
            "negative": None,
            "uncertain": "refuse",
            "split": None,
            "metadata": ["ward"],
        },
    }
    mine["compare"]["subgroups"]["columns"] = ["sex", "ward"]
    parameters.load(values)
    mine["compare"]["subgroups"]["columns"] = ["scanner"]
    refuse(values, "compare.subgroups.columns: scanner not among options.metadata: ward")


def test_rare_findings_and_phantoms_have_to_exist(values):
    values["datasets"]["phantom_chest"]["train"]["rare"]["findings"] = ["Hernia"]
    refuse(values, "train.rare.findings: Hernia not among targets.include")
    values["datasets"]["phantom_chest"]["train"]["rare"]["findings"] = []
    values["datasets"]["phantom_chest"]["root"] = "data/phantom/knee"
    refuse(values, "datasets.phantom_chest.root: no phantom 'knee'")


def test_all_findings_are_known_when_the_tables_are(values):
    entry = values["datasets"]["phantom_chest"]
    entry["targets"]["include"] = "all"
    entry["targets"]["kind"] = "categorical"
    entry["train"]["rare"]["findings"] = ["Hernia"]
    parameters.load(values)
    entry["targets"]["include"] = "every"
    refuse(values, "datasets.phantom_chest.targets.include: ")


def test_classes_need_company_and_their_score_needs_classes(values):
    values["datasets"]["phantom_chest"]["evaluate"]["score"] = "classes"
    refuse(values, "evaluate.score: classes, but targets.kind is binary, expected categorical")
    values["datasets"]["phantom_chest"]["targets"].update(kind="categorical", include=["a:x", "a:y", "b:x"])
    refuse(values, r"targets: kind is categorical, but of \['b'\] there is a single class")


def test_delong_knows_auroc_alone(values):
    values["datasets"]["phantom_chest"]["compare"]["intervals"]["method"] = "delong"
    parameters.load(values)
    values["datasets"]["phantom_chest"]["compare"]["endpoint"]["metric"] = "average_precision"
    refuse(values, "compare: intervals.method: delong makes .* auroc alone, found .* average_precision")


def test_a_repeated_arm_is_refused(values):
    values["losses"] = ["bce", "bce"]
    refuse(values, "losses: bce stands twice")


def test_a_missing_or_broken_file_is_one_line(tmp_path):
    with pytest.raises(ConfigError, match="params.yaml: not found"):
        parameters.read(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("run: [a", encoding="utf-8")
    with pytest.raises(ConfigError, match="params.yaml is not YAML"):
        parameters.read(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text("- a", encoding="utf-8")
    with pytest.raises(ConfigError, match="expected keys and values, found list"):
        parameters.read(tmp_path / "params.yaml")


def test_a_dataset_knows_its_phantom_and_hands_out_its_sections(values):
    datasets = parameters.load(values).datasets
    assert datasets["phantom_chest"].phantom == "chest"
    assert datasets["nih_cxr14"].phantom is None
    assert datasets["nih_cxr14"].find_section("source").model_dump() == {
        "reader": "nih_cxr14", "root": "data/raw/nih_cxr14", "tables": None,
        "follow_links": False, "link_roots": (), "images_on_disk_only": False,
        "limit_patients": None, "options": PATIENTS,
    }  # fmt: skip
    assert datasets["nih_cxr14"].find_section("validate").level == "decode"
