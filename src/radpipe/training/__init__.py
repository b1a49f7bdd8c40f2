"""Train networks: the same initial weights and batches for all arms, resumable, repeatable.

loop          train one arm with one seed, or the rounds of a cross-validation
inputs        one training: what it reads, and its name
losses        cross-entropy from log odds: plain, weighted, masked
batches/      packed array, samples and seed -> batches
models/       the networks
schedule      what happens in which epoch
callbacks     what happens around each epoch
validation    the validation set, predicted once per epoch; accuracy, precision and recall over known labels
record        model.keras, history.csv, predictions.parquet, training.json
archive       models as files that are byte-identical if the models are
resume        what an interrupted training resumes from
backend       the backend of Keras, checked before Keras is imported
runtime       the only place that knows the backends
"""
