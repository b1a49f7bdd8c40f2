"""A synthetic twin of the RSNA 2024 lumbar set.

phantom       what the driver makes it from
population    studies, grades, oddities
plan          series, slices and marks
anatomy       a spine in millimetres
drawing       the images
dicom         the DICOM files
tables        names and tables
"""
