"""The schema of params.yaml: types, units, limits and cross-checks. Only params.yaml contains values.

parameters   the whole file, loaded and checked before the first job
text         the text of params.yaml, before anything else reads it
data         the sections on the data: phantoms, source, targets, validate, image, split, audit
readers      the readers by name, and what each lets the user choose: `options`
training     the section on training
evaluation   the sections on what is computed from predictions, and on what is shown
base         what all sections share
columns      the names of the columns age, sex and view
targets      the names of targets: classes of one grade, left and right
runs         the names of runs
metrics      what is known of each metric: key, words, unit, places
"""
