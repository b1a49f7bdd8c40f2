"""The sections of the page: what each says, computed from the results; its words are in templates/.

setup             what was run: data set, label files, parameters
flow              how many images each step left, and why
findings          how often each finding occurs
together          which findings occur together on one image
grid              targets in rows and columns
weights           the class weights and their counts
audit             whether anything is in two sets that should be in one
outcomes          the test set: per arm, and the differences
detection         sensitivity and specificity at 0.5, beside the published ones
classification    rates per finding
operating         operating points
calibration       calibration, before and after correction
subgroups         subgroups
cases             test cases worth a look
pointing          the pointing game
examples          example images
values            what several sections ask of the results
"""
