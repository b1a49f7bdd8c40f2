"""From published tables to labelled cases with a split each.

readers/            one module per published format, and the one for a user's own table
delimited_text      a delimited file of anybody's making -> a table of text
delimited_layout    what separates the cells of a text, and where its header is
demographics        sex, age, view and other groups, understood in one way
words               words for nothing known; which differences of spelling do not count
cells               what the cells of a table say: a number, a label, or nothing
index               what every reader returns: facts about files and their labels
ids                 which spellings are a candidate for one person, and which name nobody
patients            who is a person: ids judged before anything is joined by them
header_ids          whom DICOM headers name, as numbers for the audit
cases               usable images with their labels and split
splits              patient -> training, validation or test set, or fold
stratification      groups -> sets or folds, with every finding in balance
audit/              leaks between the sets
class_weights       weights from the training labels
pixel_statistics    mean and standard deviation of the training pixels
"""
