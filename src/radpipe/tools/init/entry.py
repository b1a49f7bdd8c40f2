"""An entry of params.yaml as text, and where it is written; every other byte of the file stays."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from radpipe.config.parameters import Dataset, load
from radpipe.config.text import read_values
from radpipe.errors import ConfigError
from radpipe.outputs.writing import write_whole

NAME = re.compile(r"[a-z][a-z0-9_]*")
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./ -]*")
HEAD = """  {name}:  # by `radpipe init` from {table}; correct what is wrong
    <<: *source
    reader: table
"""
# All sections of a data set; what an entry says beside the anchors is put in.
SECTIONS = """    targets: {<<: *targets, include: all}
    validate: {<<: *validate}
    image: {<<: *image%(image)s}
    split: {<<: *split%(split)s}
    audit: {<<: *audit}
    train: {
      <<: *train, head: {<<: *head}, fine_tune: {<<: *fine_tune}, rare: {<<: *rare}, augment: {<<: *augment}
    }
    evaluate: {<<: *evaluate}
    compare: {
      <<: *compare, endpoint: {<<: *endpoint}, intervals: {<<: *intervals}, subgroups: {<<: *subgroups}
    }
    explain: {<<: *explain}
    report: {<<: *report, title: %(title)s}
"""


def format_entry(
    name: str, table: str, source: Mapping[str, Any], options: Mapping[str, Any], changes: Mapping[str, str]
) -> str:
    """Return the text of an entry.

    Parameters
    ----------
    source
        Keys of the data set: root, tables ...
    options
        Keys of `options`.
    changes
        `image` and `split`: further keys of these sections, each with a comma before it.
    """
    lines = [HEAD.format(name=name, table=" ".join(table.split())).rstrip("\n")]
    lines += [f"    {key}: {format_value(value)}" for key, value in source.items()]
    lines += ["    options:", "      <<: *options"]
    lines += [f"      {key}: {format_value(value)}" for key, value in options.items()]
    filled = {"image": "", "split": "", "title": format_value(name), **changes}
    return "\n".join(lines) + "\n" + SECTIONS % filled


def format_value(value: Any) -> str:
    """Return a value as YAML in one line: plain where that reads back, in quotes otherwise."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(format_value, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = str(value)
    if PLAIN.fullmatch(text) and text == text.strip() and yaml.safe_load(text) == text:
        return text
    quoted = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**6)
    return quoted.strip()


def insert_entry(path: Path, name: str, entry: str, check: Callable[[Dataset], None]) -> None:
    """Write an entry behind the last data set of params.yaml.

    Parameters
    ----------
    check
        Raises an error if the data set cannot be used: nothing is written then.

    Raises
    ------
    ConfigError
        If the name is none or exists, or the file would not be valid afterwards; nothing is written then.
    """
    before = read_values(path)
    if not NAME.fullmatch(name) or yaml.safe_load(name) != name:
        raise ConfigError(f"--name {name}: expected small letters, digits and _, a letter first")
    if name in before.get("datasets", {}):
        raise ConfigError(
            f"--name {name}: {path} has a data set of this name; choose another, or remove that one"
        )
    text = path.read_bytes().decode("utf-8")
    written = put_behind_datasets(text, entry, path)
    with write_whole(path.resolve()) as draft:  # where a link leads
        draft.write_bytes(written.encode("utf-8"))
        check(load(read_values_of(draft, path), str(path)).datasets[name])
        if {key: value for key, value in read_values(draft)["datasets"].items() if key != name} != before[
            "datasets"
        ]:
            raise ConfigError(f"{path}: the entry would change other data sets; nothing was written")
        shutil.copymode(path, draft)


def read_values_of(draft: Path, path: Path) -> dict[str, Any]:
    """Read a draft; say what is wrong of the file that it is for."""
    try:
        return read_values(draft)
    except ConfigError as error:
        words = str(error).replace(str(draft), str(path))
        raise ConfigError(f"{words}; are the anchors of `defaults` there? Nothing was written") from None


def put_behind_datasets(text: str, entry: str, path: Path) -> str:
    """Return the text of params.yaml with an entry behind the last one."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    starts = [
        place for place, line in enumerate(lines) if re.match(r"datasets\s*:\s*(#.*)?$", line.rstrip("\r\n"))
    ]
    if len(starts) != 1:
        raise ConfigError(
            f"{path}: expected one line `datasets:` with the entries below it; nothing was written"
        )
    end = next(
        (place for place in range(starts[0] + 1, len(lines)) if re.match(r"[^\s#]", lines[place])), len(lines)
    )
    while end > starts[0] + 1 and not lines[end - 1].startswith(
        " "
    ):  # blank lines, and comments of the next key
        end -= 1
    if not lines[end - 1].endswith(("\n", "\r")):
        lines[end - 1] += newline
    indents = [re.match(r"( +)[^ #]", line) for line in lines[starts[0] + 1 : end]]
    indent = next((found[1] for found in indents if found), "  ")
    moved = "".join(f"{indent[2:]}{line}\n" for line in entry.splitlines())
    block = newline + moved.replace("\n", newline)
    return "".join([*lines[:end], block, *lines[end:]])
