"""Uncertainty of the test part: its patients are drawn again, with all their images.

Images of one patient resemble each other. Drawing images would take each of them for a new person and
make every interval too narrow, so patients are drawn. All metrics and arms see the same draws: their
differences are paired.

References
----------
Field and Welsh, Journal of the Royal Statistical Society B 69, 2007 (resampling of clusters).
"""

from radpipe.intervals.delong import delong
from radpipe.intervals.limits import around, effective_patients, limits, widen
from radpipe.intervals.ranking import auroc_draws, ranking_draws
from radpipe.intervals.resampling import draw_multiplicities, encode, resample_sums, sum_by_patient

__all__ = [
    "around",
    "auroc_draws",
    "delong",
    "draw_multiplicities",
    "effective_patients",
    "encode",
    "limits",
    "ranking_draws",
    "resample_sums",
    "sum_by_patient",
    "widen",
]
