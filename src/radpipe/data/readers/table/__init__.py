"""A user's own table.

reading    the format, and `read`
text       a delimited file of anybody's making -> a table of text
labels     columns of 0 and 1, or one column of words -> labels
"""
