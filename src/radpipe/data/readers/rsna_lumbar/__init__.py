"""RSNA 2024 lumbar spine.

reading     the data sheet, and `read`: marks -> the rows of an index
tables      the three published tables, each checked as it is read
grades      the 25 grades of a study and their targets
matching    which grades, marks, series and files belong together
"""
