"""The end of the page: a data card, a model card and the reporting checklists, filled from the run.

gathering          the cards
data               what the run knows of its data
training           ... of its models
evaluation         ... of its test
characteristics    sex, age and view in each set
checklist          CLAIM 2024 and TRIPOD+AI
facts              how a card writes what it knows
"""
