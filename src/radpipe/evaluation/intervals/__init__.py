"""Uncertainty of the test set: its patients are resampled with replacement, with all their images.

resampling    how often each patient is drawn, and sums over the drawn patients
levels        the ROC curves of resamples at the scores of the positives
ranking       AUROC, average precision and sensitivity at a false-positive rate of every resample
limits        values of all resamples -> the ends of an interval
delong        DeLong's variance, where every case is another patient
"""
