"""All results of one data set -> one page that opens offline, and its figures as PNG.

page         the page, section by section
sources      the files of a results folder -> results
results      the runs of every arm, their comparison, and the data set
data         the data set behind the results
arms         the arms, the names of the sets, and their colors
tables       typed tables, each also as CSV; numbers with their intervals
sections/    the content of each section
figures/     the figures; the one place that imports matplotlib
cards/       data card, model card, reporting checklists
templates/   the wording, as HTML templates
"""
