import pytest
from places import REAL

from radpipe.errors import DataError
from radpipe.tools.external.boxes import (
    read_boxes,
    read_submission,
    score_boxes,
)

LABELS = "patientId,x,y,width,height,Target\na,0,0,10,10,1\na,20,0,10,10,1\nb,,,,,0\nc,,,,,0\n"
PUBLISHED = REAL / "rsna_pneumonia" / "stage_2_train_labels.csv"


@pytest.fixture
def write(tmp_path):
    def write(predictions, labels=LABELS):
        paths = tmp_path / "predictions.csv", tmp_path / "labels.csv"
        for path, text in zip(paths, (predictions, labels), strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return write


def test_every_image_of_the_labels_counts(write):
    paths = write("patientId,PredictionString\na,0.9 0 0 10 10 0.5 20 0 10 10\nb,\n")
    expected = {"score": 1, "images": 3, "scored": 1, "images_without_row": 1}
    assert score_boxes(*paths).items() >= expected.items()


def test_an_image_without_a_row_is_one_in_which_no_box_was_found(write):
    labels = LABELS.replace("c,,,,,0", "c,0,0,5,5,1")
    found = score_boxes(*write("patientId,PredictionString\na,0.9 0 0 10 10 0.5 20 0 10 10\nb,\n", labels))
    assert found.items() >= {"score": 0.5, "images": 3, "scored": 2, "images_without_row": 1}.items()


def test_boxes_are_read_in_the_order_confidence_x_y_width_height(write):
    images, boxes = read_submission(write("patientId,PredictionString\na,0.9 1 2 3 4 .5 5 6 7 8\nb,\n")[0])
    assert images.tolist() == ["a", "b"]
    assert boxes.to_numpy().tolist() == [["a", 0.9, 1, 2, 3, 4], ["a", 0.5, 5, 6, 7, 8]]


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        ("patientId,Boxes\na,\n", r"columns \['PredictionString'\] are missing"),
        ("patientId,PredictionString\na,\na,\n", "line 3 holds the patientId 'a' again"),
        ("patientId,PredictionString\na,0.9 1 2\n", "line 2 holds '0.9 1 2' in .*, expected five numbers"),
        ("patientId,PredictionString\na,0.9 1 2 3 x\n", "line 2 holds '0.9 1 2 3 x' in .*, expected numbers"),
        ("patientId,PredictionString\na,0.9 1 2 0 5\n", "expected numbers, and a box of some area"),
        ("patientId,PredictionString\nz,\n", "1 of 1 patientIds are not in .*, such as 'z'"),
        ("", "predictions.csv: is empty"),
    ],
)  # fmt: skip
def test_a_wrong_submission_is_refused_in_one_line(write, predictions, message):
    with pytest.raises(DataError, match=message):
        score_boxes(*write(predictions))


def test_a_label_table_whose_targets_and_boxes_disagree_is_refused(write):
    with pytest.raises(DataError, match="line 4 holds Target '1', expected 1 with a box"):
        score_boxes(*write("patientId,PredictionString\na,\n", LABELS.replace("b,,,,,0", "b,,,,,1")))


def test_an_absent_file_is_named(tmp_path):
    (tmp_path / "predictions.csv").write_text("patientId,PredictionString\na,\n", encoding="utf-8")
    with pytest.raises(DataError, match="labels.csv: not found"):
        score_boxes(tmp_path / "predictions.csv", tmp_path / "labels.csv")


@pytest.mark.slow  # 26,684 images: seconds that make test-fast does not have
def test_the_true_boxes_of_the_real_table_score_one(tmp_path):
    if not PUBLISHED.is_file():
        pytest.skip("the real pneumonia table is not beside the repository (../shared/data/rsna_pneumonia)")
    true = read_boxes(PUBLISHED)
    words = true.dropna().groupby("image_id")[["x", "y", "width", "height"]].apply(
        lambda rows: " ".join(f"1 {x:g} {y:g} {w:g} {h:g}" for x, y, w, h in rows.to_numpy())
    )  # fmt: skip
    words.reindex(true["image_id"].unique()).rename("PredictionString").rename_axis("patientId").to_csv(
        tmp_path / "own.csv"
    )
    found = score_boxes(tmp_path / "own.csv", PUBLISHED)
    assert (found["score"], found["images"], found["scored"]) == (1, 26_684, 6_012)


@pytest.mark.parametrize("confidence", ["nan", "high"])
def test_a_confidence_that_is_no_number_is_refused(write, confidence):
    predictions, labels = write(f"patientId,PredictionString\na,{confidence} 10 20 100 50\n")
    with pytest.raises(DataError, match="expected numbers"):
        score_boxes(predictions, labels)


def test_a_box_that_stands_twice_is_one_box(write):
    labels = "patientId,x,y,width,height,Target\nc,10,20,100,50,1\nc,10.0,20.0,100,50,1\n"
    found = score_boxes(*write("patientId,PredictionString\nc,.9 10 20 100 50\n", labels))
    assert found["score"] == 1


def test_an_image_with_and_without_a_box_is_refused(write):
    labels = "patientId,x,y,width,height,Target\nc,10,20,100,50,1\nc,,,,,0\n"
    with pytest.raises(DataError, match="both Target 0 and 1"):
        score_boxes(*write("patientId,PredictionString\nc,\n", labels))
