"""Step -> the source files that its result depends on, for the workflow to watch.

Read from the text, never by import: the workflow is planned in a second, Keras alone takes eight.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NAME = PACKAGE.name
# What a step takes from them arrives as its parameters, or leaves as no output of a rule.
APART = tuple(f"{NAME}.{room}" for room in ("config", "errors", "tools.external", "tracking"))
NAMES = tuple(
    f"{NAME}.config.{module}" for module in ("metrics", "runs", "targets")
)  # rules of names: code, not values


def code(step: str) -> list[Path]:
    """List the modules that a step uses, with all that these import inside the package.

    Parameters
    ----------
    step
        Name of a function in steps/. Its file is not in the list: `own_text` watches what it uses there.

    Returns
    -------
    list of Path
        Sorted, relative to the repository; with the templates beside a module, without the faces of rooms:
        an `__init__.py` with a docstring alone changes nothing.
    """
    found: set[str] = set()
    waiting = [name for node in _find_definitions(step) for name in _find_uses(node, _find_home(step))]
    while waiting:
        module = waiting.pop()
        if module in found or (module.startswith(APART) and module not in NAMES):
            continue
        found.add(module)
        waiting += _find_imports(_parse(_find_file(module)))
    files = {file for module in found for file in _list_files(module)}
    return sorted(file.relative_to(PACKAGE.parents[1]) for file in files)


def own_text(step: str) -> str:
    """Return a hash of a step's own text: its function and what it uses of its file, but for imports."""
    source = _find_home(step).read_text(encoding="utf-8")
    texts = [ast.get_source_segment(source, node) or "" for node in _find_definitions(step)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


@cache
def _find_definitions(step: str) -> tuple[ast.stmt, ...]:
    """Return the definitions that a step is made of, in the order of its file."""
    definitions = {name: node for node in _parse(_find_home(step)).body for name in _find_defined(node)}
    found: set[str] = set()
    waiting = [step]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in found:
            found.add(name)
            waiting += _find_names(definitions[name])
    chosen = {id(definitions[name]): definitions[name] for name in found}.values()
    return tuple(sorted(chosen, key=lambda node: node.lineno))


def _find_uses(node: ast.stmt, home: Path) -> Iterator[str]:
    """Yield the modules of the package behind the names of a definition, and those that it imports itself."""
    imported = {
        name: module
        for statement in _parse(home).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for name, module in _find_bound(statement)
    }
    yield from _find_imports(node)
    yield from (imported[name] for name in _find_names(node) if name in imported)


def _find_imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of the package that are imported anywhere below a node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (module for _, module in _find_bound(node))


def _find_bound(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Yield each name that an import binds, with its module of the package; others are left out."""
    for alias in node.names:
        name = alias.asname or alias.name
        module = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        if isinstance(node, ast.ImportFrom) and not _is_module(module):
            module = str(node.module)  # a function, class or constant of that module
        if module.split(".")[0] == NAME and module != NAME:
            yield name, module


def _find_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that a definition takes from outside; its parameters are often named like a step."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    own = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    own |= {each.id for each in names if isinstance(each.ctx, ast.Store)}
    return (each.id for each in names if each.id not in own)


def _find_defined(node: ast.stmt) -> Iterable[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _list_files(module: str) -> Iterator[Path]:
    """Yield the files that run when a module is imported, and the templates beside it."""
    names = module.split(".")
    for depth in range(2, len(names) + 1):
        file = _find_file(".".join(names[:depth]))
        if len(_parse(file).body) > 1 or ast.get_docstring(_parse(file)) is None:
            yield file
    yield from (other for other in _find_file(module).parent.glob("templates/*") if other.is_file())


def _find_file(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _is_module(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] == NAME and _find_file(module).is_file()


def _find_home(step: str) -> Path:
    """Find the file in steps/ that defines a step."""
    for file in sorted((PACKAGE / "steps").glob("*.py")):
        if any(step in _find_defined(node) for node in _parse(file).body):
            return file
    raise ValueError(f"steps/ has no function {step!r}")


@cache
def _parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
