"""Kind of phantom -> what differs in it; `driver.make_phantom` makes any of them."""

from typing import Any

from radpipe.phantoms.chest.phantom import CHEST
from radpipe.phantoms.driver import Phantom
from radpipe.phantoms.head.phantom import HEAD
from radpipe.phantoms.lumbar.phantom import LUMBAR
from radpipe.phantoms.pneumonia.phantom import PNEUMONIA

PHANTOMS: dict[str, Phantom[Any, Any]] = {
    "chest": CHEST,
    "head": HEAD,
    "lumbar": LUMBAR,
    "pneumonia": PNEUMONIA,
}
