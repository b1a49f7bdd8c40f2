"""All runs of a data set -> compare.json.

result              the sections of compare.json; start here
entries             each finding and metric: the arms' means, their paired difference, the intervals
values              every metric of one run, from all patients and from each resample
uncertainty         which findings have an interval, of how many patients; DeLong's intervals
verdict             the verdict on the prespecified endpoint
headline_metrics    compare.json -> metrics.json
"""
