"""What people may import: each function has an example that runs, and each array its shape and dtype."""

import ast
import doctest
import importlib
import re

import pytest
from places import REPOSITORY, SOURCE

LISTED = re.findall(r"`(radpipe\.[\w.]+)`", (REPOSITORY / "docs/api.md").read_text(encoding="utf-8"))
# (rows,), (cases, findings), (1 + resamples, patients), (..., classes)
SHAPE = re.compile(r"\((?:\.\.\.|[\w+* -]+),(?: [\w+* -]+)*(?:, [\w+* -]+)*\)")
DTYPE = re.compile(r"float|int|bool|str|object")
MODULES = sorted(SOURCE.rglob("*.py"))


def find(name):
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module), function)


def test_twenty_functions_are_named():
    assert len(LISTED) >= 20
    assert len(set(LISTED)) == len(LISTED)


@pytest.mark.parametrize("name", LISTED)
def test_the_examples_of_a_function_run(name):
    function = find(name)
    (test,) = doctest.DocTestFinder(recurse=False).find(function, function.__name__)
    assert test.examples, f"{name} has no example"
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert runner.run(test, out=said.append).failed == 0, "".join(said)


def read_module(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def is_array(node, aliases):
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return bool(names & {"NDArray", *aliases})


def list_aliases(tree):
    """Names of a module that stand for arrays: `Floats = NDArray[np.float64]`."""
    return {
        each.targets[0].id
        for each in tree.body
        if isinstance(each, ast.Assign)
        and isinstance(each.targets[0], ast.Name)
        and is_array(each.value, set())
    }


DEFINED = {
    "radpipe." + ".".join(path.relative_to(SOURCE).with_suffix("").parts): list_aliases(read_module(path))
    for path in MODULES
}


def list_functions(path):
    """Public functions and methods that take or return an array."""
    tree = read_module(path)
    aliases = list_aliases(tree)
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom):
            aliases |= {name.name for name in each.names} & DEFINED.get(each.module, set())
    bodies = [tree.body, *(each.body for each in tree.body if isinstance(each, ast.ClassDef))]
    for each in (each for body in bodies for each in body):
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
            arguments = [*each.args.posonlyargs, *each.args.args, *each.args.kwonlyargs]
            notes = [*(argument.annotation for argument in arguments), each.returns]
            if any(note is not None and is_array(note, aliases) for note in notes):
                yield each


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_function_of_arrays_gives_their_shapes_and_dtypes(path):
    for function in list_functions(path):
        text = ast.get_docstring(function) or ""
        assert SHAPE.search(text), f"{function.name}: no shape such as (cases, findings)"
        assert DTYPE.search(text), f"{function.name}: no dtype"


def test_functions_of_arrays_are_found():
    assert sum(len(list(list_functions(path))) for path in MODULES) > 200
