"""Packed array, samples and seed -> batches.

sequence    batches in an order that seed and epoch alone decide
samples     which images, with which labels, and which repeats
pixels      the packed images, a batch at a time
augment     random changes of one image
"""
