"""A synthetic twin of the RSNA 2024 lumbar set.

folder        the raw folder
population    studies and grades
plan          series and slices
anatomy       a spine in millimetres
drawing       the images
dicom         the DICOM files
tables        the tables
"""
