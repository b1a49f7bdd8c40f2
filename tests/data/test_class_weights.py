import json

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_class_weight
from specs import PATIENTS

from radpipe.config.data import SplitSpec, TargetsSpec
from radpipe.config.readers import NoOptions
from radpipe.data import class_weights, splits
from radpipe.data.readers.nih_cxr14 import reading as nih_cxr14
from radpipe.errors import ConfigError, DataError

# Published with the chest tutorial: (absent, present) of each finding, from its training part.
PUBLISHED = {
    "Atelectasis": (0.5575824102160178, 4.841603608847497),
    "Cardiomegaly": (0.5125868523625383, 20.361995104039167),
    "Consolidation": (0.5213824552606011, 12.191828508611213),
    "Edema": (0.5101034879264086, 25.24393019726859),
    "Effusion": (0.5639332870048644, 4.410326086956522),
    "Emphysema": (0.5123973942371368, 20.66552795031056),
    "Fibrosis": (0.5077912762125698, 32.5871694417238),
    "Hernia": (0.5013259601910588, 189.04261363636365),
    "Infiltration": (0.6081985193309569, 2.810567663456665),
    "Mass": (0.5262562674975879, 10.021536144578315),
    "Nodule": (0.5302062085670577, 8.776444209970984),
    "Pleural_Thickening": (0.5155494607660841, 16.577727952167415),
    "Pneumonia": (0.5065928711725566, 38.41974595842956),
    "Pneumothorax": (0.5249775155024694, 10.509001895135818),
}


def make_targets(too_rare="drop", least=1, kind="binary"):
    return TargetsSpec(include=("a", "b"), kind=kind, too_rare=too_rare, min_positive_patients=least)


def test_a_lone_class_and_an_unknown_rare_finding_stop_where_all_are_included():
    spec = make_targets(kind="categorical").model_copy(update={"include": "all"})
    labels = pd.DataFrame({"canal:mild": [1.0], "canal:severe": [0.0], "left:mild": [1.0]})
    with pytest.raises(
        ConfigError, match=r"targets: kind is categorical, but of \['left'\] there is a single"
    ):
        class_weights.refuse_lone_classes(spec, labels)
    class_weights.refuse_lone_classes(make_targets(), labels)
    weights = {"targets": {"Mass": {}}, "dropped": {"Hernia": {}}}
    class_weights.refuse_unknown(["Mass", "Hernia"], weights)
    with pytest.raises(ConfigError, match=r"train.rare.findings: Edema not among the findings"):
        class_weights.refuse_unknown(["Mass", "Edema"], weights)


def test_weights_of_one_positive_in_four_are_two_thirds_and_two():
    labels = pd.DataFrame({"a": [1, 0, 0, 0]}, dtype="float32")
    row = class_weights.compute_weights(labels, pd.Series(list("pqrs"))).loc["a"]
    assert row["absent"] == pytest.approx(2 / 3)
    assert row["present"] == pytest.approx(2)


def test_unknown_labels_do_not_count():
    labels = pd.DataFrame({"a": [1, 0, np.nan, np.nan]}, dtype="float32")
    row = class_weights.compute_weights(labels, pd.Series(list("pqrs"))).loc["a"]
    assert (row["absent"], row["present"]) == (1, 1)
    assert (row["positives"], row["negatives"]) == (1, 1)


def test_patients_are_counted_once_for_each_class_they_have():
    labels = pd.DataFrame({"a": [1, 1, 0, 0]}, dtype="float32")
    row = class_weights.compute_weights(labels, pd.Series(list("ppqp"))).loc["a"]
    assert (row["positive_patients"], row["negative_patients"]) == (1, 2)


def test_a_rare_finding_is_dropped_with_its_reason_or_stops_the_run():
    labels = pd.DataFrame({"a": [1, 0, 0], "b": [1, 1, 0]}, dtype="float32")
    table = class_weights.compute_weights(labels, pd.Series(list("pqr")))
    kept, reasons = class_weights.drop_rare(table.assign(negative_patients=2), make_targets(least=2))
    assert kept.index.to_list() == ["b"]
    assert reasons == {"a": "1 training patients with it, expected 2 or more"}
    with pytest.raises(DataError, match="targets.too_rare is stop.*a: 1 training patients with it"):
        class_weights.drop_rare(table, make_targets("stop", 2))


def test_a_finding_that_everybody_has_is_too_rare_as_well():
    table = class_weights.compute_weights(pd.DataFrame({"a": [1, 1]}, dtype="float32"), pd.Series(list("pq")))
    with pytest.raises(DataError, match="no finding is left to learn: a: 0 training patients without it"):
        class_weights.drop_rare(table, make_targets())


def test_weights_are_written_for_kept_and_counts_for_dropped_findings():
    labels = pd.DataFrame({"a": [1, 0, 0, 0], "b": [0, 0, 0, 0]}, dtype="float32")
    table = class_weights.compute_weights(labels, pd.Series(list("pqrs")))
    kept, reasons = class_weights.drop_rare(table, make_targets())
    written = json.loads(json.dumps(class_weights.to_json(kept, table, reasons), allow_nan=False))
    assert written["targets"]["a"]["present"] == 2
    assert written["dropped"]["b"]["positives"] == 0


GRADED = pd.DataFrame(
    {"g:mild": [1, 1, 1, 1, 0, 0, np.nan], "g:bad": [0, 0, 0, 0, 1, 1, np.nan]}, dtype="float32"
)


def test_of_classes_only_the_present_one_weighs_and_rare_ones_weigh_more():
    table = class_weights.compute_weights(GRADED, pd.Series(list("abcdefg")), "categorical")
    assert table["present"].to_list() == pytest.approx([6 / (2 * 4), 6 / (2 * 2)])
    assert table["absent"].to_list() == [0, 0]


def test_the_weights_of_classes_are_those_that_scikit_learn_calls_balanced():
    classes = np.random.default_rng(0).choice(3, 100, p=[0.7, 0.2, 0.1])
    labels = pd.DataFrame(np.eye(3, dtype=np.float32)[classes], columns=["g:a", "g:b", "g:c"])
    table = class_weights.compute_weights(labels, pd.Series(range(100)), "categorical")
    expected = compute_class_weight("balanced", classes=np.arange(3), y=classes)
    assert table["present"].to_numpy() == pytest.approx(expected)


def test_a_class_that_is_too_rare_takes_its_grade_along():
    labels = GRADED.assign(**{"h:x": GRADED["g:mild"], "h:y": GRADED["g:bad"]})
    labels.loc[4, "h:y"] = 0
    table = class_weights.compute_weights(labels, pd.Series(list("abcdefg")), "categorical")
    kept, reasons = class_weights.drop_rare(table, make_targets(least=2, kind="categorical"))
    assert kept.index.to_list() == ["g:mild", "g:bad"]
    assert reasons == {
        "h:y": "1 training patients with it, expected 2 or more",
        "h:x": "a class of its grade, h:y, is too rare",
    }


def test_the_order_of_operations_is_the_published_one():
    # 59,671 negatives and 6,872 positives: N / (2 N-) would differ in the last digit of five findings.
    for finding, (negatives, positives) in {"Atelectasis": (59671, 6872), "Hernia": (66367, 176)}.items():
        labels = pd.DataFrame({finding: np.repeat(np.float32([0, 1]), [negatives, positives])})
        row = class_weights.compute_weights(labels, pd.Series(np.arange(len(labels)))).loc[finding]
        assert (row["absent"], row["present"]) == PUBLISHED[finding]


def test_the_published_table_gives_the_28_published_weights(real_table):
    index = nih_cxr14.read(real_table, real_table, NoOptions(**PATIENTS))
    spec = SplitSpec(method="random", test=0.2, val=0.26, folds=None, seed=0)
    parts = splits.assign_splits(index.images, index.labels, spec)
    training = (index.images["patient_id"].map(parts) == "train").to_numpy()
    table = class_weights.compute_weights(index.labels[training], index.images["patient_id"][training])
    found = {name: (row["absent"], row["present"]) for name, row in table.iterrows()}
    assert found == PUBLISHED
