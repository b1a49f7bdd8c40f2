"""Runs -> MLflow. Files are written first; a store that is down costs seconds, never a run.

recording    a training while it runs, a run, a comparison, a folder
contents     the files of a run -> parameters, metrics, tags
writing      what is written to the store
store        connect without a race, find a run or create it
model        model.keras -> a model of MLflow
address      where the store is, and how long to wait for it
"""
