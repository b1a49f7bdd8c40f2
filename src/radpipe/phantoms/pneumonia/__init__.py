"""A synthetic twin of the RSNA pneumonia set.

phantom       what the driver makes it from
population    patients, images, classes, oddities
drawing       the radiographs
dicom         the DICOM files
tables        names and tables
"""
