"""Synthetic twins of published data sets, drawn from a seed: kind -> make(spec, output, threads)."""

from collections.abc import Callable
from pathlib import Path

from radpipe.config import PhantomSpec
from radpipe.phantoms import chest, head, lumbar, pneumonia

PHANTOMS: dict[str, Callable[[PhantomSpec, Path, int], None]] = {
    "chest": chest.make,
    "head": head.make,
    "lumbar": lumbar.make,
    "pneumonia": pneumonia.make,
}
