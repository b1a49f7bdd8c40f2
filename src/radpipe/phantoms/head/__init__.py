"""A synthetic twin of the RSNA haemorrhage set.

folder        the raw folder
population    patients, studies, bleedings
selection     which of the possible phantoms is published
anatomy       the head and how it lies in the scanner
tissue        a healthy slice
lesions       the bleedings
drawing       a slice in Hounsfield units
dicom         the DICOM files
tables        names and tables
oddities      what is wrong with a few files and rows
"""
