"""RSNA 2018 pneumonia.

reading    the data sheet, and `read`
tables     the published tables, each checked against its own format and against the others
"""
