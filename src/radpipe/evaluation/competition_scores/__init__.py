"""What the competitions count, as pure functions.

predicted   predictions -> one of the scores by name
hemorrhage  RSNA 2019
lumbar      RSNA 2024
boxes       RSNA 2018
classes     accuracy and macro F1
"""
