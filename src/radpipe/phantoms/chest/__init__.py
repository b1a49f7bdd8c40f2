"""A synthetic twin of NIH ChestX-ray14.

folder        the raw folder
population    patients, images, findings
selection     which of the possible phantoms is published
drawing       the images
tables        the tables
oddities      what is wrong with a few files and rows
"""
