"""The text of params.yaml -> plain values, or one line that says what is wrong with it.

The text is checked before anything else reads it: of a key that is given twice, YAML keeps the last, and says
nothing.
"""

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import yaml

from radpipe.errors import ConfigError

MERGE = "tag:yaml.org,2002:merge"  # <<: *name
DECIMAL = re.compile(
    r"[-+]?(0|[1-9][\d_]*)(\.\d*)?([eE][-+]?\d+)?|[-+]?\.\d+([eE][-+]?\d+)?|[-+]?\.(inf|nan)", re.I
)
TEXT = "tag:yaml.org,2002:str"


class _Loader(yaml.SafeLoader):
    """Reads plain values only; a key that is given twice, and other types, are errors."""


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[str, int] = {}
    for name, _ in node.value:
        if name.tag == MERGE:
            continue
        if name.tag != TEXT:
            shown = repr(name.value) if isinstance(name, yaml.ScalarNode) else "of several values"
            _refuse(name, f"the key {shown} is no text; quote it")
        if name.value in seen:
            _refuse(name, f"the key {name.value!r} is given twice (line {seen[name.value]}); remove one")
        seen[name.value] = name.start_mark.line + 1
    loader.flatten_mapping(node)
    construct = partial(loader.construct_object, deep=True)
    return {construct(name): construct(value) for name, value in node.value}


def _refuse_type(_: _Loader, node: yaml.Node) -> None:
    shown = f" {node.value!r}" if isinstance(node, yaml.ScalarNode) else ""
    _refuse(node, f"{node.tag.rpartition(':')[2]}{shown} is no type of params.yaml; quote it as text")


def _construct_number(loader: _Loader, node: yaml.ScalarNode, construct: Callable[..., Any]) -> Any:
    """Read a decimal number; of 010 YAML makes 8, and of 1:30 it makes 90."""
    if not DECIMAL.fullmatch(node.value):
        _refuse(node, f"{node.value!r} is no decimal number; write it with digits and a point, or quote it")
    return construct(loader, node)


def _refuse(node: yaml.Node, problem: str) -> NoReturn:
    raise ConfigError(f"line {node.start_mark.line + 1}: {problem}")


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
for _kind, _construct in (
    ("int", yaml.SafeLoader.construct_yaml_int),
    ("float", yaml.SafeLoader.construct_yaml_float),
):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", partial(_construct_number, construct=_construct))
for _kind in ("timestamp", "binary", "set", "omap", "pairs"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _refuse_type)


def read_values(path: Path) -> dict[str, Any]:
    """Read the text of params.yaml.

    Raises
    ------
    ConfigError
        If the file is absent, a folder, not UTF-8, not YAML, holds a key twice, or other values than text,
        numbers, true, false, null, lists and maps.
    """
    try:
        values = yaml.load(read_text(path), _Loader)
    except ConfigError as error:
        raise ConfigError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None
    except (yaml.YAMLError, ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from None  # !!bool "x"
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(values).__name__}")
    return values


def read_text(path: Path) -> str:
    """Read the file as text; `read_values` says what can be wrong."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: not found, expected the parameters in the current folder") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}, expected the file of parameters") from None


def read_or_exit(path: str) -> None:
    """Check the text for a Snakefile, whose errors end in one line only if they leave Python."""
    try:
        read_values(Path(path))
    except ConfigError as error:
        sys.exit(str(error))
