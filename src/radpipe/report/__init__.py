"""All results of one data set -> one page that opens offline, and its figures as PNG.

page         the page, section by section
sources      the files of a results folder -> results
results      what the page is made of
data         the data set behind it
arms         the arms and their colours
tables       typed tables, each also as CSV
estimate     numbers that know their interval
sections/    what each section says
figures/     the figures; the one place that imports matplotlib
cards/       data card, model card, reporting checklists
templates/   the words
"""
