"""Name -> reader. A new one is a module of its own, a line here, and one in `radpipe.config.readers`."""

from radpipe.data.readers.nih_cxr14 import reading as nih_cxr14
from radpipe.data.readers.reader import Reader
from radpipe.data.readers.rsna_hemorrhage import reading as rsna_hemorrhage
from radpipe.data.readers.rsna_lumbar import reading as rsna_lumbar
from radpipe.data.readers.rsna_pneumonia import reading as rsna_pneumonia
from radpipe.data.readers.table import reading as table

READERS: dict[str, Reader] = {
    "nih_cxr14": nih_cxr14.READER,
    "rsna_hemorrhage": rsna_hemorrhage.READER,
    "rsna_lumbar": rsna_lumbar.READER,
    "rsna_pneumonia": rsna_pneumonia.READER,
    "table": table.READER,
}
