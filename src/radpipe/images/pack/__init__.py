"""Many files -> one memory-mapped array of training pixels.

packing    each image decoded once
journal    what an interrupted `pack` resumes from
"""
