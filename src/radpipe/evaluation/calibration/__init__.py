"""Calibration of the test set.

variants    as predicted, class weights undone, Platt scaling
measures    Brier score, calibration error, slope and intercept
undoing     what class weights do to log odds, and its undoing
"""
