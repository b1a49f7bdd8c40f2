"""`dvc exp run -S` changes the named leaf and no other: no two entries share a map of params.yaml."""

import shutil

import pytest
import yaml
from places import PARAMS

pytestmark = pytest.mark.workflow

BASE = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
NAMES = list(BASE["datasets"])
ENTRIES = (NAMES[0], NAMES[len(NAMES) // 2], NAMES[-1])


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path


def change(path, number):
    """Return another value for a leaf, of its type where it is a number; each number gives another."""
    place = BASE
    for name in path:
        place = place[name]
    if isinstance(place, bool):
        return not place
    return number if isinstance(place, int | float) else f"other{number}"


def override(tmp_path, changes):
    """Return params.yaml as DVC writes it with these leaves changed."""
    from dvc.utils.hydra import apply_overrides

    path = tmp_path / "params.yaml"
    shutil.copy(PARAMS, path)
    words = [f"{'.'.join(leaf)}={str(value).lower()}" for leaf, value in changes.items()]
    apply_overrides(str(path), words)
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def expect(changes):
    """Return params.yaml with these leaves changed and nothing else."""
    expected = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    for leaf, value in changes.items():
        place = expected
        for name in leaf[:-1]:
            place = place[name]
        place[leaf[-1]] = value
    return expected


@pytest.mark.parametrize("entry", ENTRIES)
def test_all_leaves_of_an_entry_are_its_own(tmp_path, entry):
    paths = [("datasets", entry, *path) for path in leaves(BASE["datasets"][entry])]
    changes = {path: change(path, 1000 + number) for number, path in enumerate(paths)}
    assert len(changes) > 70
    assert override(tmp_path, changes) == expect(changes)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("leaf", ["split.seed", "train.head.dropout", "compare.intervals.level", "tables"])
def test_one_leaf_changes_alone(tmp_path, entry, leaf):
    path = ("datasets", entry, *leaf.split("."))
    changes = {path: change(path, 7)}
    assert override(tmp_path, changes) == expect(changes)


def test_the_parameters_fit_on_few_screens():
    assert len(PARAMS.read_text(encoding="utf-8").splitlines()) <= 320
