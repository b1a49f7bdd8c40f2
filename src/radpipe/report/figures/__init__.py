"""All figures of the page; the one place that imports matplotlib.

drawers         all figures, in order
canvas          the style of all figures, and their output as PNG and SVG
distribution    labels and class weights
training        epochs
performance     curves and differences
exploring       operating points, calibration, subgroups
grid            results by condition and level
"""
