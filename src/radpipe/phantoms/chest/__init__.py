"""A synthetic twin of NIH ChestX-ray14.

phantom       what the driver makes it from; the images
population    patients, images, findings, oddities, and the official test list
tables        names and tables
"""
