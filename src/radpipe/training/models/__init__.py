"""The networks: grey levels 0..255 -> logits.

registry         name -> network
small_cnn        the network of the chest tutorial
backbones        networks of keras.applications with a head
head             features -> logits
preprocessing    grey levels -> the input of each family of networks
problem          what a network is built for
ensemble         the networks of a cross-validation as one model
"""
