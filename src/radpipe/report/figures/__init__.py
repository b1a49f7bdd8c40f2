"""All figures of the page; the one place that imports matplotlib.

drawers         figure by figure
canvas          how every figure looks, as PNG and SVG
distribution    labels
training        epochs
performance     curves and differences
exploring       operating points, calibration, subgroups
grid            results by condition and level
"""
