"""What makes a rule run again; only workflow/rules/common.smk uses it.

code        step -> the source files that its result depends on
contents    the contents of the files below a folder as hashes, each computed once
raw_data    raw folder -> one text that changes when anything in it changes
"""
