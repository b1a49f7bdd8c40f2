"""Name -> reader. A new one is a module of its own, a line here, and one in `radpipe.config.readers`."""

from pathlib import Path

from radpipe.config.data import SourceSpec
from radpipe.data import index as indexing
from radpipe.data.index import Index
from radpipe.data.patients import decide_patients
from radpipe.data.readers.nih_cxr14 import reading as nih_cxr14
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.rsna_hemorrhage import reading as rsna_hemorrhage
from radpipe.data.readers.rsna_lumbar import reading as rsna_lumbar
from radpipe.data.readers.rsna_pneumonia import reading as rsna_pneumonia
from radpipe.data.readers.table import reading as table
from radpipe.errors import DataError
from radpipe.images.validate.paths import list_paths, refuse_links

READERS: dict[str, Reader] = {
    "nih_cxr14": nih_cxr14.READER,
    "rsna_hemorrhage": rsna_hemorrhage.READER,
    "rsna_lumbar": rsna_lumbar.READER,
    "rsna_pneumonia": rsna_pneumonia.READER,
    "table": table.READER,
}


def read_source(spec: SourceSpec) -> Index:
    """Read a data set as the section `source` says, with its patients decided and its links looked at.

    Raises
    ------
    DataError
        If the root is absent, a table cannot be used, patients are in doubt, or a link leads out of the root.
    """
    root = Path(spec.root)
    if not root.is_dir():
        raise DataError(f"root: no folder {root}; put the data there, or correct root in params.yaml")
    found = READERS[spec.reader].read(root, Path(spec.tables or spec.root), spec.options)
    found = decide_patients(found, spec.options)
    refuse_links(list_paths(found.images), root, spec)
    if spec.images_on_disk_only:
        found = indexing.keep_found(found)
    if spec.limit_patients is not None:
        found = indexing.keep_patients(found, spec.limit_patients)
    return found
