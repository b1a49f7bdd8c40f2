"""A synthetic twin of the RSNA pneumonia set.

folder        the raw folder
population    patients, images, classes
drawing       the radiographs
dicom         the DICOM files
tables        the tables
"""
