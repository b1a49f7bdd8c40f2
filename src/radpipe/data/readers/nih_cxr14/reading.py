"""NIH ChestX-ray14: 112,120 frontal radiographs, 14 findings mined from reports.

Source : Wang et al., CVPR 2017, https://arxiv.org/abs/1705.02315
Files  : Data_Entry_2017_v2020.csv or the older Data_Entry_2017.csv, whose labels differ;
         BBox_List_2017.csv, train_val_list.txt, test_list.txt where present; each also as .gz;
         images_001/images/*.png to images_012/images/*.png, or images/*.png, or both
         (8-bit grey, 1024 x 1024; a few are RGBA)
Unit   : the image. Patients have several: split by `Patient ID`, never by row.
"""

from pathlib import Path

import pandas as pd

from radpipe.config.base import Section
from radpipe.data.demographics import IMPOSSIBLE, read_demographics
from radpipe.data.index import Index
from radpipe.data.readers.folders import find_images, find_table, record_warnings
from radpipe.data.readers.nih_cxr14.tables import (
    complete_patients,
    drop_repeated,
    encode_findings,
    read_boxes,
    read_entries,
    read_lists,
    refuse_other_patients,
)
from radpipe.data.readers.reader import Reader
from radpipe.errors import DataError

TABLES = ("Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv")  # the newer labels first
DEMOGRAPHICS = {"Patient Age": "age", "sex": "sex", "View Position": "view"}
FROM_NAME = "rows without a patient that are given the one that the name of their image states"


def read(root: Path, tables: Path, options: Section) -> Index:
    """Read the published tables in `tables` and find their images below `root`.

    Raises
    ------
    DataError
        If a table is absent, or holds what its format does not know.
    """
    path = find_table(tables, TABLES)
    if path is None:
        raise DataError(
            f"{tables}: found neither {TABLES[0]} nor {TABLES[1]} (nor one with .gz); "
            "download it from https://nihcc.app.box.com/v/ChestXray-NIHCC into this folder"
        )
    table, repeated = drop_repeated(read_entries(path), path.name)
    refuse_other_patients(table["Image Index"], table["Patient ID"], table["line"], path.name)
    table, stated = complete_patients(table)
    found, twice = find_images(root, ("images", "images/images", "images_*", "images_*/images"), ".png")
    boxes, boxes_path = read_boxes(tables, table["Image Index"])
    lists, list_paths = read_lists(tables, table["Image Index"])
    known, unclear = read_demographics(table[list(DEMOGRAPHICS)].rename(columns=DEMOGRAPHICS))
    images = describe_images(table, known, found, lists)
    notes = {
        "repeated rows dropped": repeated,
        "images found in two folders": twice,
        IMPOSSIBLE: 0,
        "files on disk without a row": len(found) - int(images["path"].notna().sum()),
    }
    record_warnings(notes, unclear | ({FROM_NAME: stated} if stated else {}))
    labels = encode_findings(table["Finding Labels"], path.name).set_index(images["unit_id"])
    return Index(images, labels, boxes, notes, (path, *boxes_path, *list_paths), lines=table["line"])


def describe_images(
    table: pd.DataFrame, known: pd.DataFrame, found: dict[str, str], lists: dict[str, str]
) -> pd.DataFrame:
    """Build the image table of the index from the published rows, in their order."""
    name = table["Image Index"]
    return pd.DataFrame(
        {
            "image_id": name,
            "unit_id": name,
            "patient_id": table["Patient ID"],
            "path": name.map(found).astype("str"),
            "age": known["age"],
            "sex": known["sex"],
            "view": known["view"],
            "follow_up": table["Follow-up #"],
            "official_split": name.map(lists).astype("str"),
        }
    )


READER = Reader(
    read=read,
    description=(
        "NIH ChestX-ray14: frontal chest radiographs; 14 findings taken from the radiology reports by text "
        "mining, not read from the images again (Wang et al. 2017)"
    ),
    reference="Findings mined from the radiology reports by software, not read from the images again",
    mined_labels=True,
    published={"images": 112_120, "patients": 30_805},
    published_rates={"wbce": (0.8662, 0.4484), "bce": (0.1031, 0.9854)},
)
