"""Subgroups of the test set, each against the rest.

differences    the section subgroups of compare.json
groups         a column of the index -> groups of cases
measuring      the metrics of one group
"""
