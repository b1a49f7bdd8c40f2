"""The pipeline in one folder: each step reads files, calls pure code and writes files.

A step is a rule of the workflow and a verb of the command line; its parameters are its options.

data        phantom, index, validate, pack
learning    split, audit, weigh, standardise, train
results     evaluate, compare, explain, report
"""
