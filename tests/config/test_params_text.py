"""The text of params.yaml is checked before anything else reads it."""

import pytest
from places import PARAMS

from radpipe.config.parameters import read
from radpipe.config.text import read_values
from radpipe.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run: [a]\nseeds: [0]\nrun: [b]\n", r"line 3: the key 'run' is given twice \(line 1\)"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", r"line 4: the key 'b' is given twice \(line 2\)"),
        ("a: {b: 1, b: 2}\n", "line 1: the key 'b' is given twice"),
        ("a: 2024-01-01\n", "line 1: timestamp '2024-01-01' is no type of params.yaml"),
        ("a: !!binary aGk=\n", "line 1: binary 'aGk=' is no type"),
        ("a: !!set {x}\n", "line 1: set is no type"),
        ("2024: {b: 1}\n", "line 1: the key '2024' is no text"),
        ("true: 1\n", "line 1: the key 'true' is no text"),
        ("? [a, b]\n: 1\n", "line 1: the key of several values is no text"),
        ("a: !!python/object:os.system {}\n", "is not YAML"),
        ("a: [\n", "is not YAML"),
        ("- a\n", "expected keys and values, found list"),
        ("", "expected keys and values, found NoneType"),
        ("a: *b\n", "is not YAML"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_what_is_wrong_with_the_text_is_one_line(tmp_path, text, message):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        read_values(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_other_bytes_a_folder_and_nothing_are_one_line(tmp_path):
    path = tmp_path / "params.yaml"
    with pytest.raises(ConfigError, match="not found"):
        read_values(path)
    path.mkdir()
    with pytest.raises(ConfigError, match="Is a directory"):
        read_values(path)
    path.rmdir()
    path.write_bytes("a: ü".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"is not UTF-8 text \(byte 3\)"):
        read_values(path)


def test_anchors_are_merged_and_an_own_key_goes_before(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("x: &x {a: 1, b: {c: 2}}\ny: {<<: *x, a: 3}\n")
    assert read_values(path) == {"x": {"a": 1, "b": {"c": 2}}, "y": {"a": 3, "b": {"c": 2}}}


@pytest.mark.parametrize(
    "number", ["010", "1:30", "0x10", "0b1", "1:30.5", "-012", '!!bool "x"', '!!int "x"']
)
def test_a_number_that_yaml_reads_otherwise_than_people_is_refused(tmp_path, number):
    path = tmp_path / "params.yaml"
    path.write_text(f"seeds: [{number}]\n")
    with pytest.raises(ConfigError, match="is no decimal number; write it with digits|is not YAML") as caught:
        read_values(path)
    assert "\n" not in str(caught.value)


def test_numbers_as_people_write_them_are_read(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("x: [0, -1, 1_000, 0.5, .5, 1., 1.0e-3, +2, 1.5e+3]\n")
    assert read_values(path) == {"x": [0, -1, 1000, 0.5, 0.5, 1.0, 0.001, 2, 1500.0]}


def test_the_shipped_text_is_right():
    assert read(PARAMS).run


def test_anchors_that_stand_for_billions_are_refused_at_once(tmp_path):
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    path = tmp_path / "params.yaml"
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigError, match="its anchors stand for more than 1,000,000 values"):
        read(path)
