"""Leaks between training, validation and test set, found before anything is trained.

gate               the leaks that stop a run, and audit.json
identities         signs that one person has several ids, or several persons one
checks             each check: a question, its count, a verdict
near_duplicates    images of different sets that look alike
patient_pairs      patients who share several near-duplicates
perceptual_hash    packed images -> hashes that hardly change when an image is stored again
"""
