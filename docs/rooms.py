"""Draw the rooms of the package and who imports whom, from the imports, into CONTRIBUTING.md.

Rooms that nearly all import (the contracts and config) are left out, and so is an arrow where a longer way
leads to the same room. `python docs/rooms.py` writes the picture, `--check` only says whether it is true.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "radpipe"
PAGE = ROOT / "CONTRIBUTING.md"
EVERYWHERE = {"errors", "outputs", "predictions", "config"}
PICTURE = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)


def find_rooms() -> dict[str, set[str]]:
    """Return each room with the rooms that it imports."""
    rooms: dict[str, set[str]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own.startswith("__") or own in EVERYWHERE:
            continue
        found = {name.split(".")[1] for name in find_imports(file)}
        rooms.setdefault(own, set()).update(found - EVERYWHERE - {own})
    return rooms


def find_imports(file: Path) -> list[str]:
    """List the modules of the package that a file imports."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    found = [f"{node.module}.{alias.name}" for node in nodes for alias in node.names]
    return [name for name in found if name.startswith("radpipe.")]


def reach(rooms: dict[str, set[str]], room: str) -> set[str]:
    """Return the rooms that a room imports, itself or through others."""
    return rooms[room].union(*(reach(rooms, other) for other in rooms[room]))


def draw(rooms: dict[str, set[str]]) -> str:
    """Return the picture as Mermaid text."""
    lines = [
        f"  {room} --> {other}"
        for room, found in sorted(rooms.items())
        for other in sorted(found)
        if not any(other in reach(rooms, between) for between in found)
    ]
    alone = sorted(room for room in rooms if not any(room in line.split() for line in lines))
    return "\n".join(["```mermaid", "flowchart LR", *lines, *(f"  {room}" for room in alone), "```", ""])


def main() -> int:
    """Write the picture, or say that it is not true."""
    text = PAGE.read_text()
    drawn = PICTURE.sub(lambda _: draw(find_rooms()), text, count=1)
    if "--check" in sys.argv:
        if drawn != text:
            print(f"{PAGE.name}: the picture of the rooms is not true: python docs/rooms.py", file=sys.stderr)
        return int(drawn != text)
    PAGE.write_text(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
