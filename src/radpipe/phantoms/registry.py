"""Synthetic twins of published data sets, drawn from a seed: kind -> make(spec, output, threads).

Each `make` writes a raw folder, whole or not at all, whose content depends on `spec` alone, not on `threads`;
`phantom.json`, its receipt, is written last. It raises ConfigError if no population of so few patients can be
split.
"""

from collections.abc import Callable
from pathlib import Path

from radpipe.config.data import PhantomSpec
from radpipe.phantoms.chest import folder as chest
from radpipe.phantoms.head import folder as head
from radpipe.phantoms.lumbar import folder as lumbar
from radpipe.phantoms.pneumonia import folder as pneumonia

PHANTOMS: dict[str, Callable[[PhantomSpec, Path, int], None]] = {
    "chest": chest.make,
    "head": head.make,
    "lumbar": lumbar.make,
    "pneumonia": pneumonia.make,
}
