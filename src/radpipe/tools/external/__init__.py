"""Anybody's predictions -> the same numbers and the same page as after a training.

analysis     evaluate one model, or compare two
reading      files of models and their labels -> predictions of the same cases
outputs      one file of a model's outputs
tables       a user's table, CSV or Parquet
alignment    different orders brought into one
"""
