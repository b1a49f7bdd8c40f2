"""What people run beside the workflow.

verbs       one function per verb of the command line
doctor      what a data set needs before anything runs
show        one image: header, pixels, boxes
find        a row of the page -> its file, patient and study
predict     a trained model and a folder -> probabilities
submit      probabilities -> the submission file of a competition
init/       a table and a folder of images -> an entry of params.yaml
external/   predictions made elsewhere -> the numbers and the page
"""
