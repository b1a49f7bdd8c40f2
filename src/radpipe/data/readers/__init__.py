"""The published formats, one reader each: read(root, tables, options) -> Index.

registry           name -> reader
reader             what the package knows of one format
folders            published folders: find their tables and images
nih_cxr14/         NIH ChestX-ray14
rsna_hemorrhage/   RSNA 2019 intracranial haemorrhage
rsna_lumbar/       RSNA 2024 lumbar spine
rsna_pneumonia/    RSNA 2018 pneumonia
table/             a user's own table
"""
