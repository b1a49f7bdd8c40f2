"""The published formats: name -> read(root, tables, options) -> Index."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from radpipe.config.base import Section
from radpipe.index import Index
from radpipe.readers import nih_cxr14, rsna_hemorrhage, rsna_lumbar, rsna_pneumonia, table

READERS: dict[str, Callable[[Path, Path, Section], Index]] = {
    "nih_cxr14": nih_cxr14.read,
    "rsna_hemorrhage": rsna_hemorrhage.read,
    "rsna_lumbar": rsna_lumbar.read,
    "rsna_pneumonia": rsna_pneumonia.read,
    "table": table.read,
}
SUBMISSIONS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "rsna_hemorrhage": rsna_hemorrhage.to_submission,
}
