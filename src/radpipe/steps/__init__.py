"""The pipeline in one folder: each step reads files, calls pure code and writes files.

A step is a rule of the workflow and a verb of the command line; its parameters are its options. In their
order: data.py (phantom, index, validate, pack), learning.py (split, audit, weigh, standardise, train) and
results.py (evaluate, compare, explain, report).
"""

from radpipe.steps.data import index, pack, phantom, validate
from radpipe.steps.learning import audit, split, standardise, train, weigh
from radpipe.steps.results import compare, evaluate, explain, report

STEPS = (
    phantom, index, validate, pack, split, audit, weigh, standardise, train,
    evaluate, compare, explain, report,
)  # fmt: skip
