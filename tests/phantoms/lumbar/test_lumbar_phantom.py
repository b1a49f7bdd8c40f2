"""The folder that the lumbar phantom writes, and that its reader reads it."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pydicom
import pytest
from phantom_files import check_receipt, contents
from specs import PATIENTS

from radpipe.config.data import PhantomSpec
from radpipe.config.readers import LumbarOptions
from radpipe.data.readers.registry import READERS
from radpipe.data.readers.rsna_lumbar.grades import GRADES as PUBLISHED
from radpipe.phantoms.driver import choose_population, make_phantom
from radpipe.phantoms.lumbar.anatomy import draw_spine, find_place, map_to_pixels
from radpipe.phantoms.lumbar.drawing import draw_slice
from radpipe.phantoms.lumbar.plan import Series, Slice
from radpipe.phantoms.lumbar.population import CONDITIONS, GRADES
from radpipe.phantoms.registry import PHANTOMS

SPEC = PhantomSpec(kind="lumbar", seed=3, patients=60, size=48)
SAGITTAL = Series(1, "Sagittal T1", 64, 64, 220 / 64, ())


@pytest.fixture(scope="module")
def drawn():
    return choose_population(PHANTOMS["lumbar"], SPEC)


@pytest.fixture(scope="module")
def index(folder):
    options = LumbarOptions(**PATIENTS, unit="annotation", missing="mask", targets="cumulative")
    return READERS["rsna_lumbar"].read(folder, folder, options)


def picture(view, place, strengths):
    """Draw one slice of a spine of which only the strengths differ."""
    series = Series(1, view, 96, 96, (110 if view == "Axial T2" else 220) / 96, ())
    spine = draw_spine(np.random.default_rng(0))
    return series, spine, draw_slice(series, Slice(place, 1), spine, strengths, np.random.default_rng(1))


def test_number_of_threads_changes_no_byte(folder, tmp_path):
    make_phantom(PHANTOMS["lumbar"], SPEC, tmp_path / "again", 1)
    assert contents(tmp_path / "again") == contents(folder)


def test_receipt_lists_every_other_file_with_its_size_and_hash(folder):
    check_receipt(folder, SPEC)


def test_headers_are_those_of_the_published_tables(folder):
    first = {path.name: path.read_text().splitlines()[0] for path in folder.glob("*.csv")}
    assert GRADES == PUBLISHED
    assert first["train.csv"] == ",".join(["study_id", *GRADES])
    assert first["train_label_coordinates.csv"] == "study_id,series_id,instance_number,condition,level,x,y"
    assert first["train_series_descriptions.csv"] == "study_id,series_id,series_description"
    assert first["truth.csv"].startswith("study_id,spinal_canal_stenosis_l1_l2:moderate,")


def test_grades_and_truth_are_those_of_the_population(folder, drawn):
    table = pd.read_csv(folder / "train.csv")
    words = {"Normal/Mild": 0, "Moderate": 1, "Severe": 2}
    found = table[list(GRADES)].map(words.get, na_action="ignore").to_numpy(float).reshape(60, 5, 5)
    np.testing.assert_array_equal(found, np.where(drawn.graded, drawn.labels, np.nan))
    truth = pd.read_csv(folder / "truth.csv")
    assert truth["study_id"].tolist() == table["study_id"].tolist()
    np.testing.assert_allclose(truth.iloc[:, 1:], drawn.truth.reshape(60, 50), rtol=1e-11)


def test_reader_finds_every_mark_its_grade_and_its_image(index, receipt):
    counts, notes = receipt["counts"], index.notes
    assert len(index.images) == counts["marks"]
    assert index.images["path"].notna().all()
    assert index.labels.notna().any(axis=1).all()
    assert notes["grades Severe"] == counts["severe"]
    assert notes["grades missing, kept unknown"] == counts["not graded"] > 0
    assert notes["marked images not on disk"] == notes["marks whose series is not described"] == 0
    assert notes["marks in another view than their condition's"] == 0


def test_each_oddity_is_there_as_often_as_the_receipt_says(index, receipt):
    counts, notes = receipt["counts"], index.notes
    assert notes["studies lacking Axial T2"] == counts["without Axial T2"] >= 1
    assert notes["studies lacking Sagittal T1"] == counts["without Sagittal T1"] >= 1
    assert notes["studies left out, without a mark"] == counts["without marks"] >= 1
    assert notes["studies with several Axial T2 series"] == counts["studies with two axial series"] >= 1
    assert (index.images["instance"] > 200).any()


def test_files_are_mr_of_several_sizes_and_name_themselves_in_their_headers(folder, index, receipt):
    paths = sorted((folder / "train_images").rglob("*.dcm"))
    assert len(paths) == receipt["counts"]["images"]
    assert len(paths) > index.images["path"].nunique()  # some carry no mark
    sizes = set()
    for path in paths[::7]:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        instance, study = str(header.InstanceNumber), header.StudyInstanceUID
        assert (study, instance) == (path.parts[-3], path.stem)
        assert header.Modality == "MR"
        assert header.PixelSpacing[0] > 0
        sizes.add((header.SeriesDescription, header.Rows, header.Columns))
    assert len({view for view, *_ in sizes}) == 3
    assert len(sizes) > 3


def test_one_marked_file_is_truncated_and_all_others_decode(folder, index):
    failed = 0
    for path in index.images["path"].unique():
        dataset = pydicom.dcmread(folder / path)
        failed += len(dataset.PixelData) < 2 * dataset.Rows * dataset.Columns
    assert failed == 1


@pytest.mark.parametrize(
    ("condition", "view", "place"),
    [
        (0, "Sagittal T2/STIR", 0),
        (1, "Sagittal T1", 20),
        (2, "Sagittal T1", -20),
        (3, "Axial T2", 3),
        (4, "Axial T2", 3),
    ],
)
def test_more_narrowing_darkens_the_marked_place_of_its_own_picture_step_by_step(condition, view, place):
    means = []
    for strength in (0.0, 0.25, 0.5, 0.75, 1.0):
        strengths = np.zeros((5, 5))
        strengths[condition, 3] = strength
        series, spine, drawn = picture(view, place, strengths)
        x, y = map_to_pixels(series, spine.shift, *find_place(spine, CONDITIONS[condition], 3))
        half = 8 / series.spacing
        rows, columns = slice(round(y - half), round(y + half)), slice(round(x - half), round(x + half))
        means.append(drawn[rows, columns].mean())
    assert all(before > after + 0.01 for before, after in pairwise(means))


@pytest.mark.parametrize(("condition", "side"), [(3, 1), (4, -1)])
def test_left_of_the_patient_is_right_in_an_axial_picture(condition, side):
    strengths = np.zeros((5, 5))
    strengths[condition, 2] = 1
    (_, _, narrow), (_, _, wide) = picture("Axial T2", 2, strengths), picture("Axial T2", 2, np.zeros((5, 5)))
    change = np.abs(narrow - wide).sum(axis=0)
    assert side * (change[48:].sum() - change[:48].sum()) > 10
