"""Operating points: thresholds chosen on the validation set, applied to the test set.

points       the section operating_points of compare.json
rates        what an operating point means: sensitivity, PPV, flags per 1,000
resampled    thresholds chosen in every resample
"""
