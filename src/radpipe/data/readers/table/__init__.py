"""A user's own table.

reading    the format, and `read`
labels     columns of 0 and 1, or one column of words -> labels
"""
