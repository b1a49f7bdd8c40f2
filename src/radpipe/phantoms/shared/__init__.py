"""What all phantoms do the same way.

population    what is drawn before the images
evidence      evidence of a finding, and the truth
selection     a population that can be split
oddities      damaged files and rows
painting      fields that images are made of
dicom         a data set -> bytes
folder        the folder, written whole, with its receipt
"""
