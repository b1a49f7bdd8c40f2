"""The end of the page: a data card, a model card and the reporting checklists, filled from the run.

layout             the cards, entry by entry, filled from the facts
data               facts of the data
training           facts of the models and their training
evaluation         facts of the evaluation
characteristics    sex, age and view in each set
checklist          CLAIM 2024 and TRIPOD+AI
facts              the form of a fact, and its wording
"""
