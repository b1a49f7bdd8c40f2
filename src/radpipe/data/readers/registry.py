"""The published formats: name -> read(root, tables, options) -> Index."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from radpipe.config.base import Section
from radpipe.data.index import Index
from radpipe.data.readers import nih_cxr14
from radpipe.data.readers.rsna_hemorrhage import reading as rsna_hemorrhage
from radpipe.data.readers.rsna_lumbar import reading as rsna_lumbar
from radpipe.data.readers.rsna_pneumonia import reading as rsna_pneumonia
from radpipe.data.readers.table import reading as table

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
