"""Many files -> one memory-mapped array of training pixels.

packing    each image decoded once
tasks      the images to pack, and the marks that they are cropped around
journal    what an interrupted `pack` resumes from
"""
