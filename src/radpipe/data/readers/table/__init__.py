"""A user's own table.

reading    the format, and `read`
paths      a column of paths, or a pattern of columns -> files below root
labels     columns of 0 and 1, or one column of words -> labels
"""
