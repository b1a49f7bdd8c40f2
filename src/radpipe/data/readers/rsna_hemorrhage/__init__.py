"""RSNA 2019 intracranial haemorrhage.

reading    the data sheet, and `read`
table      the long label table: millions of rows -> one row per image
"""
