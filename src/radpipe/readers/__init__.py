"""The published formats: name -> read(root, tables) -> Index."""

from collections.abc import Callable
from pathlib import Path

from radpipe.index import Index
from radpipe.readers import nih_cxr14

READERS: dict[str, Callable[[Path, Path], Index]] = {"nih_cxr14": nih_cxr14.read}
