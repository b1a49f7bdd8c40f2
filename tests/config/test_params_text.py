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


def test_the_shipped_text_is_right():
    assert read(PARAMS).run
