"""What makes a rule run again; only workflow/rules/common.smk uses it.

code        step -> the source files that its result depends on
raw_data    raw folder -> one text that changes when anything in it changes
"""
