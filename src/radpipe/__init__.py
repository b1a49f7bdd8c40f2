"""Reproducible training pipelines for radiology."""
