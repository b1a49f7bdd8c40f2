import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from radpipe.evaluation.intervals.resampling import (
    divide_into_blocks,
    draw_multiplicities,
    encode_patients,
    sum_by_patient,
    sum_by_resample,
)


def test_each_resample_draws_as_many_patients_as_there_are():
    drawn = draw_multiplicities(50, 300, seed=1)
    assert drawn.shape == (300, 50)
    assert (drawn.sum(axis=1) == 50).all()


def test_a_patient_is_left_out_of_a_resample_with_the_chance_of_drawing_with_replacement():
    drawn = draw_multiplicities(40, 5000, seed=0)
    # (1 - 1/40)^40
    assert abs((drawn == 0).mean() - 0.3632) < 0.003
    assert abs(drawn.var() - (1 - 1 / 40)) < 0.02


def test_the_seed_alone_decides():
    first, again, other = (draw_multiplicities(30, 20, seed) for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()


def test_patients_are_numbered_in_order_of_first_appearance():
    assert encode_patients(pd.Series(["p", "a", "p", "z"])).tolist() == [0, 1, 0, 2]


def test_sums_go_over_the_cases_of_the_drawn_patients():
    sums = sum_by_patient(np.array([[1.0, 0], [2, 1], [4, 1]]), np.array([0, 1, 0]))
    assert sums.tolist() == [[5, 1], [2, 1]]
    drawn = np.array([[2, 0], [1, 1]], np.uint16)
    assert sum_by_resample(drawn, sums).tolist() == [[10, 2], [7, 2]]


def test_blocks_cover_all_rows_once():
    found = divide_into_blocks(10, 1_000_000)
    assert [k for part in found for k in range(part.start, part.stop)] == list(range(10))
    assert [part.stop - part.start for part in found] == [4, 4, 2]


def test_sums_of_resamples_have_the_same_digits_whatever_the_number_of_threads():
    drawn = draw_multiplicities(1700, 300, 0)
    sums = np.random.default_rng(0).random((1700, 12))
    with threadpool_limits(1):
        alone = sum_by_resample(drawn, sums)
    with threadpool_limits(2):
        assert (sum_by_resample(drawn, sums) == alone).all()
    assert alone == pytest.approx(drawn.astype(float) @ sums, rel=1e-12)
