"""The sections of the page: `describe_<anchor>` returns what the template section_<anchor>.html.j2 is given.

setup             data set, label files, parameters, runs; training; how to read the page
flow              the number of images at each step, and why images were taken out
audit             leaks: patients or images that are in two sets
findings          the frequency of each finding, alone and together with others
examples          example images
weights           the class weights and their counts
outcomes          the test set: summary, curves, and the differences between the arms
classification    rates per finding; sensitivity and specificity beside the published ones
grid              targets in rows and columns
operating         operating points
calibration       calibration, before and after correction
subgroups         subgroups
cases             test cases with Grad-CAM, and the pointing game
values            values that several sections need
"""
