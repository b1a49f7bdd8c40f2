"""A synthetic twin of the RSNA haemorrhage set.

phantom       what the driver makes it from
population    patients, studies, bleedings, oddities
anatomy       the head and how it lies in the scanner
tissue        a healthy slice
lesions       the bleedings
drawing       a slice in Hounsfield units
dicom         the DICOM files
tables        names and tables
"""
