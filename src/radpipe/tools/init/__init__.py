"""A table and a folder of images -> an entry of params.yaml, as far as both can tell.

proposing  what is found out, said and written
files      where the images of the rows are: a column of paths, or a pattern
people     which column names the patient
labels     columns of 0 and 1, or the column of findings
columns    the split, sex, age, view and other metadata
entry      what was found -> the text of an entry, and its place in params.yaml
"""
