"""The command line: one verb per function of `steps` and `tools`, one option per parameter."""

import argparse
import inspect
import json
import os
import sys
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import ValidationError

from radpipe.config import parameters
from radpipe.config.base import Section
from radpipe.errors import ConfigError, DataError, mask_secrets
from radpipe.steps import data, learning, results
from radpipe.tools import verbs as tools

Step = Callable[..., None]
PARAMS = Path("params.yaml")
MANY = {"nargs": "+", "action": "extend"}  # given twice, an option has the values of both
INTERRUPTED = 130  # as a shell says it
# In the order of the pipeline, then what is used beside it.
VERBS: tuple[Step, ...] = (
    data.phantom,
    data.index,
    data.validate,
    data.pack,
    learning.split,
    learning.audit,
    learning.weigh,
    learning.standardise,
    learning.train,
    results.evaluate,
    results.compare,
    results.explain,
    results.report,
    tools.init,
    tools.track,
    tools.predict,
    tools.submit,
    tools.evaluate_predictions,
    tools.compare_predictions,
    tools.score_boxes,
    tools.show,
    tools.find,
    tools.doctor,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one step; return 0, 1 after an error that the user can act on, or 130 after an interruption."""
    sys.excepthook = print_bug
    options = vars(build_parser().parse_args(argv))
    step = options.pop("step")
    try:
        take_sections(step, options)
        step(**options)
    except (ConfigError, DataError) as error:
        return _say(step, str(error))
    except MemoryError:
        return _say(step, "out of memory; close other programs, or ask for less at once")
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        _say(step, "interrupted; what is finished is kept, run it again to go on")
        return INTERRUPTED
    return 0


def print_bug(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    """Print the traceback of what is no error of the user, without passwords and tokens."""
    sys.stderr.write(mask_secrets("".join(traceback.format_exception(kind, error, trace))))


def _say(step: Step, message: str) -> int:
    """Print the end of a step in one line; return its exit status."""
    print(f"radpipe {name_verb(step)}: {mask_secrets(message)}", file=sys.stderr)
    return 1


def take_sections(step: Step, options: dict[str, Any]) -> None:
    """Fill in the sections that were not given as JSON, from the data set that `--section-of` names."""
    parameters_of = inspect.signature(step).parameters
    kinds = find_sections(step)
    name = options.pop("section_of", None)
    path = options["params"] if "params" in parameters_of else options.pop("params", None)
    missing = [each for each in kinds if options[each] is None]
    needed = [each for each in missing if parameters_of[each].default is inspect.Parameter.empty]
    if name is None and needed:
        flags = ", ".join(f"--{each}" for each in needed)
        raise ConfigError(f"{flags}: missing; name a data set of params.yaml by --section-of, or give JSON")
    if name is None or not missing:
        return
    known = parameters.read(path)
    if name not in known.datasets:
        raise ConfigError(f"--section-of {name}: no data set of {path}, expected one of {[*known.datasets]}")
    for each in missing:
        kind = kinds[each]
        options[each] = known.describe(name) if kind is None else known.find_section(name, kind)


def find_sections(step: Step) -> dict[str, type[Section] | None]:
    """Return the parameters of a step that are sections of params.yaml; None: all of an entry."""
    hints = get_type_hints(step)
    kinds: dict[str, Any] = {name: find_kind(hints[name]) for name in inspect.signature(step).parameters}
    sections: dict[str, type[Section] | None] = {
        name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Section)
    }
    return sections | {name: None for name, kind in kinds.items() if kind is dict}


def find_kind(hint: Any) -> Any:
    """Return the type that a hint names, whether or not it is optional."""
    if get_origin(hint) is types.UnionType:
        hint = next(kind for kind in get_args(hint) if kind is not type(None))
    return get_origin(hint) or hint


def build_parser() -> argparse.ArgumentParser:
    """Turn the functions of `steps` and `tools` into verbs."""
    parser = argparse.ArgumentParser("radpipe", description="Reproducible training pipelines for radiology.")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    for step in VERBS:
        text, helps = read_docstring(step)
        verb = verbs.add_parser(name_verb(step), help=text.split("\n")[0], description=text)
        verb.set_defaults(step=step)
        add_options(verb, step, helps)
    return parser


def name_verb(step: Step) -> str:
    """Return what a step is called on the command line."""
    return step.__name__.replace("_", "-")


def read_docstring(step: Step) -> tuple[str, dict[str, str]]:
    """Return what a docstring says of a step, and of each of its parameters (numpydoc)."""
    text, _, section = (inspect.getdoc(step) or "").partition("\n\nParameters\n----------\n")
    helps: dict[str, str] = {}
    names: list[str] = []
    for line in section.replace("%", "%%").split("\n"):
        if line.startswith(" "):
            helps.update({name: f"{helps.get(name, '')} {line.strip()}".strip() for name in names})
        else:
            names = line.split(", ")
    return text.replace("%", "%%"), helps


def add_options(verb: argparse.ArgumentParser, step: Step, helps: Mapping[str, str]) -> None:
    """Add one argument per positional parameter to a verb, one option per keyword-only one."""
    hints = get_type_hints(step)
    sections = find_sections(step)
    for name, parameter in inspect.signature(step).parameters.items():
        settings = describe_values(name, hints[name])
        settings["help"] = (
            f"{helps.get(name)} As JSON; needed unless --section-of is given."
            if name in sections
            else helps.get(name)
        )
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            required = parameter.default is inspect.Parameter.empty and name not in sections
            default = None if required or name in sections else parameter.default
            verb.add_argument(f"--{name.replace('_', '-')}", required=required, default=default, **settings)
        else:
            verb.add_argument(name, **settings)
    if sections:
        add_source(verb, with_file="params" not in hints)


def describe_values(name: str, hint: Any) -> dict[str, Any]:
    """Return what argparse is told of the values of one parameter."""
    reader, many = find_reader(hint)
    settings: dict[str, Any] = {"type": reader, "metavar": name.upper(), **(MANY if many else {})}
    kind = next((each for each in (hint, *get_args(hint)) if get_origin(each) is Literal), None)
    return settings if kind is None else settings | {"choices": get_args(kind), "metavar": None}


def add_source(verb: argparse.ArgumentParser, with_file: bool) -> None:
    """Add the options that say where sections come from that are not given as JSON."""
    told = "Data set of params.yaml whose sections are used, in the place of JSON"
    verb.add_argument("--section-of", metavar="NAME", help=told)
    if with_file:
        verb.add_argument("--params", type=Path, metavar="PARAMS", default=PARAMS, help="params.yaml")


def find_reader(hint: Any) -> tuple[Callable[[str], Any], bool]:
    """Return what reads one word of the command line as `hint`, and whether several words are taken."""
    kind = find_kind(hint)
    if kind is list:
        single = next(each for each in (hint, *get_args(hint)) if get_origin(each) is list)
        return find_reader(get_args(single)[0])[0], True
    if kind is dict:
        return parse_json, False
    if isinstance(kind, type) and issubclass(kind, Section):
        return lambda text: read_section(kind, text), False
    return kind if kind in (int, Path) else str, False


def parse_json(text: str) -> Any:
    """Read JSON; argparse turns a ValueError into its usage message."""
    return json.loads(text)


def read_section(kind: type[Section], text: str) -> Section:
    """Read one section of params.yaml, as JSON."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        problems = "; ".join(
            parameters.format_problem(problem) for problem in error.errors(include_url=False)
        )
        raise argparse.ArgumentTypeError(f"{kind.__name__}: {problems}") from None
