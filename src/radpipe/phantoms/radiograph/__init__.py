"""Chest radiographs, as two phantoms show them.

patients    who is imaged how often, at which age and in which view
anatomy     bodies, and their position before the detector
signs       how each finding shows
drawing     body, vessels and signs -> one image
"""
