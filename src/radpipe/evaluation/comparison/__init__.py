"""All runs of a data set -> compare.json.

result         the sections of compare.json
runs           which runs there are, and that they can be compared
values         every metric of one run, from all patients and from each resample
by_round       the mean AUROC over the rounds of a cross-validation
scores         the score of the data set
tabulation     run -> finding -> metric -> values
entries        the means of the arms, their paired difference and the intervals
uncertainty    who carries the intervals; DeLong
verdict        the verdict on the prespecified endpoint
sentence       the comparison in words
origin         where predictions come from: training and images
flat           metrics.json
"""
