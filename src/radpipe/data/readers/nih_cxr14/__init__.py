"""NIH ChestX-ray14.

reading    the data sheet, and `read`
tables     the published tables and lists, each checked as it is read
"""
