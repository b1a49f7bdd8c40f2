"""From predictions to numbers with intervals. Nothing here imports Keras.

arms                  the order of the arms, and their names in a sentence
metrics               AUROC, average precision, Brier score, rates at a threshold
thresholds            which point of an ROC curve is the operating point
single_run            one run -> metrics.json and curves
estimates             values of all runs -> arms, their difference, intervals
rounds                the AUROC of a cross-validation, round by round
intervals/            patients resampled with replacement; limits, DeLong
operating_points/     thresholds from the validation set, applied to the test set
calibration/          as predicted, weights undone, Platt scaling
subgroups/            groups of the test set against the rest
comparison/           all runs -> compare.json
competition_scores/   what the competitions count
"""
