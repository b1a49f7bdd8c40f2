"""The command line: one verb per function of `steps` and `tools`, one option per parameter."""

import argparse
import inspect
import json
import os
import sys
import traceback
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import ValidationError

from radpipe.config import parameters
from radpipe.config.base import Section
from radpipe.errors import ConfigError, DataError, mask_secrets
from radpipe.steps import data, learning, results
from radpipe.tools import verbs as tools

Step = Callable[..., None]
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
    tools.track,
    tools.predict,
    tools.submit,
    tools.show,
    tools.doctor,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one step; return 0, 1 after an error that the user can act on, or 130 after an interruption."""
    sys.excepthook = print_bug
    options = vars(build_parser().parse_args(argv))
    step = options.pop("step")
    try:
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
    print(f"radpipe {step.__name__}: {mask_secrets(message)}", file=sys.stderr)
    return 1


def build_parser() -> argparse.ArgumentParser:
    """Turn the functions of `steps` and `tools` into verbs."""
    parser = argparse.ArgumentParser("radpipe", description="Reproducible training pipelines for radiology.")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    for step in VERBS:
        summary = (inspect.getdoc(step) or "").split("\n")[0]
        verb = verbs.add_parser(step.__name__, help=summary, description=inspect.getdoc(step))
        verb.set_defaults(step=step)
        add_options(verb, step)
    return parser


def add_options(verb: argparse.ArgumentParser, step: Step) -> None:
    """Add one argument per positional parameter to a verb, one option per keyword-only one."""
    hints = get_type_hints(step)
    for name, parameter in inspect.signature(step).parameters.items():
        required = parameter.default is inspect.Parameter.empty
        reader, many = find_reader(hints[name])
        settings: dict[str, Any] = {"type": reader, "metavar": name.upper()}
        if many:
            settings["nargs"] = "+"
        if get_origin(hints[name]) is Literal:
            settings |= {"choices": get_args(hints[name]), "metavar": None}
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            flag = f"--{name.replace('_', '-')}"
            verb.add_argument(
                flag, required=required, default=None if required else parameter.default, **settings
            )
        else:
            verb.add_argument(name, **settings)


def find_reader(hint: Any) -> tuple[Callable[[str], Any], bool]:
    """Return what reads one word of the command line as `hint`, and whether several words are taken."""
    if get_origin(hint) is types.UnionType:  # an optional parameter
        hint = next(kind for kind in get_args(hint) if kind is not type(None))
    if get_origin(hint) is list:
        return find_reader(get_args(hint)[0])[0], True
    if hint is dict or get_origin(hint) is dict:
        return parse_json, False
    if isinstance(hint, type) and issubclass(hint, Section):
        return lambda text: read_section(hint, text), False
    return hint if hint in (int, Path) else str, False


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
