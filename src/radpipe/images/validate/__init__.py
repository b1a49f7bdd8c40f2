"""Every image of the index is accepted, or rejected with a reason.

validation    the files and headers of all images
paths         paths of a table -> files below the root, and nowhere else
rejections    rejected images counted by reason; too many stop the run
"""
