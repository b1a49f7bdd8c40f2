"""External predictions -> the same numbers and the same page as after a training.

analysis     evaluate one model, or compare two
reading      files of models and their labels -> predictions of the same cases
labels       a table of labels, and who its patients are
tables       a user's table, CSV or Parquet; one file of a model's outputs
alignment    cases and findings of two models in the same order
boxes        boxes in the two tables of the 2018 competition
"""
