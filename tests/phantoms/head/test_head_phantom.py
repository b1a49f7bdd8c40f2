"""The folder that the head phantom writes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from phantom_files import check_receipt, contents
from pydicom import dcmread
from specs import PATIENTS

from radpipe.config.data import PhantomSpec
from radpipe.config.readers import NoOptions
from radpipe.data.readers.registry import READERS
from radpipe.images.files.reading import read_image
from radpipe.images.problems import ImageProblem
from radpipe.phantoms.driver import Contents, choose_population, write_images
from radpipe.phantoms.head.dicom import SCANNERS, encode
from radpipe.phantoms.head.population import TARGETS
from radpipe.phantoms.head.tables import name_rows
from radpipe.phantoms.registry import PHANTOMS

SPEC = PhantomSpec(kind="head", seed=3, patients=60, size=32)
MAX_PIXELS = 10**6


@pytest.fixture(scope="module")
def drawn():
    return choose_population(PHANTOMS["head"], SPEC)


@pytest.fixture(scope="module")
def names(drawn):
    return name_rows(drawn, SPEC)


@pytest.fixture
def file_of(folder, names, drawn):
    """Return the path of the nth file of an oddity."""
    return lambda kind, n=0: folder / "stage_2_train" / f"{names.rows[int(drawn.oddities[kind][n])]}.dcm"


@pytest.fixture(scope="module")
def index(folder):
    return READERS["rsna_hemorrhage"].read(folder, folder, NoOptions(**PATIENTS))


def test_number_of_threads_changes_no_byte(folder, tmp_path, drawn, names):
    first = replace(names, rows=names.rows[:100])
    write_images(tmp_path, PHANTOMS["head"], Contents(SPEC, drawn, first), 1)
    again = contents(tmp_path)
    assert len(again) >= 98
    assert again == {name: (folder / name).read_bytes() for name in again}


def test_seed_changes_every_name_and_spec_alone_the_content(drawn, names):
    assert name_rows(drawn, SPEC).rows.equals(names.rows)
    assert name_rows(drawn, SPEC).instances == names.instances
    other = name_rows(drawn, SPEC.model_copy(update={"seed": SPEC.seed + 1}))
    assert not set(other.rows) & set(names.rows)


def test_receipt_lists_every_other_file_with_its_size_and_hash(folder):
    check_receipt(folder, SPEC)


def test_the_reader_finds_all_labels_patients_and_studies(index, drawn, names, receipt):
    labels = pd.DataFrame(drawn.labels, index=names.rows, columns=list(TARGETS))
    np.testing.assert_array_equal(index.labels, labels.loc[index.labels.index])
    readable = index.images[~index.images["patient_id"].str.startswith("unknown:")]
    assert len(index.images) - len(readable) == 2  # the missing and the empty file
    assert readable["patient_id"].nunique() == receipt["counts"]["patients"] == 60
    assert readable["study_id"].nunique() == receipt["counts"]["studies"]
    assert index.notes["repeated rows dropped"] == receipt["counts"]["repeated rows"] == 24


def test_heights_are_those_of_the_slices(index, drawn, names):
    z = index.images.set_index("image_id")["z"].reindex(names.rows)
    np.testing.assert_allclose(z.dropna(), 150 * drawn.images["height"][z.notna().to_numpy()], atol=1e-3)


def test_truth_is_that_of_the_population(folder, drawn, names):
    truth = pd.read_csv(folder / "truth.csv", index_col="image_id").loc[names.rows]
    np.testing.assert_allclose(truth[list(TARGETS)], drawn.truth, rtol=1e-11)


@pytest.mark.parametrize("scanner", SCANNERS, ids=["16 signed", "12 unsigned", "12 with an offset"])
def test_every_scanner_stores_values_that_read_back_in_hounsfield_units(scanner, tmp_path):
    pixels = np.array([[-1000, -7, 0], [40, 1100, 3000], [1, 2, 3]], np.int16)
    facts = {"SOPInstanceUID": "1.2.3", "PatientID": "ID_1"}
    (tmp_path / "a.dcm").write_bytes(encode(pixels, scanner, facts, 0.5))
    np.testing.assert_array_equal(read_image(tmp_path / "a.dcm", MAX_PIXELS).values, pixels)


def test_scanner_with_an_offset_stores_air_as_3096(tmp_path):
    pixels = np.full((2, 2), -1000, np.int16)
    (tmp_path / "a.dcm").write_bytes(encode(pixels, SCANNERS[2], {"SOPInstanceUID": "1.2.3"}, 0.5))
    assert (dcmread(tmp_path / "a.dcm").pixel_array == 3096).all()


def test_files_come_from_three_scanners_some_with_two_windows(folder):
    datasets = [
        dcmread(path, stop_before_pixels=True)
        for path in (folder / "stage_2_train").glob("*.dcm")
        if path.stat().st_size
    ]
    kinds = {(each.BitsStored, each.PixelRepresentation, int(each.RescaleIntercept)) for each in datasets}
    assert kinds == {(16, 1, -1024), (12, 0, -1024), (12, 0, 0)}
    assert {each.file_meta.TransferSyntaxUID.is_implicit_VR for each in datasets} == {True, False}
    assert {each["WindowCenter"].VM for each in datasets} == {1, 2}


def test_missing_empty_truncated_and_constant_files_are_what_they_are_called(file_of):
    assert not file_of("missing").exists()
    assert file_of("empty").stat().st_size == 0
    for kind in ("constant", "truncated"):
        with pytest.raises(ImageProblem) as problem:
            read_image(file_of(kind), MAX_PIXELS)
        assert problem.value.reason == kind


@pytest.mark.parametrize(("kind", "same_labels"), [("identical", True), ("conflicting", False)])
def test_pair_of_two_patients_shares_its_pixels(kind, same_labels, file_of, drawn):
    first, second = (dcmread(file_of(kind, n)) for n in (0, 1))
    assert first.PixelData == second.PixelData
    assert first.PatientID != second.PatientID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    labels = drawn.labels[drawn.oddities[kind][:2]]
    assert (labels[0] == labels[1]).all() == same_labels


def test_oddities_take_no_positive_slice_and_one_of_a_patient(drawn):
    rows = np.concatenate(list(drawn.oddities.values()))
    assert drawn.labels[rows].any(axis=1).sum() == 1  # the one that conflicts
    assert drawn.images["patient"].iloc[rows].is_unique
