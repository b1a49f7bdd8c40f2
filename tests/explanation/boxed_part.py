"""A test part whose positives are marked with boxes."""

import numpy as np
import pandas as pd
from specs import CHEST

from radpipe.predictions import Predictions

SPEC = CHEST.image.model_copy(update={"size": 32})


def tables(number=3, boxes=((0, "Mass", 0, 0, 50, 50),), labels=None):
    """Return a test part of 100 x 100 px images with two findings, its rows and its boxes."""
    ids = [f"image{i}" for i in range(number)]
    cases = pd.DataFrame({"id": ids, "row": range(number), "patient_id": ids, "split": "test"})
    labels = np.ones((number, 2), np.float32) if labels is None else np.array(labels, np.float32)
    whole = {"crop_left": 0, "crop_top": 0, "crop_width": 100, "crop_height": 100}
    rows = pd.DataFrame({"row": range(number), **whole})
    columns = ["image_id", "target", "x", "y", "width", "height"]
    listed = pd.DataFrame([(ids[image], *rest) for image, *rest in boxes], columns=columns)
    return Predictions(cases, ("Hernia", "Mass"), labels, labels), rows, listed
