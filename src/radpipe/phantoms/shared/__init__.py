"""What several phantoms do the same way.

evidence      evidence of a finding, and the truth
population    what is drawn before the images, its oddities, and whether it can be used
painting      fields that images are made of
dicom         a data set -> bytes
"""
