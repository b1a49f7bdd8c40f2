"""Synthetic twins of published data sets, drawn from a seed.

registry       kind -> what differs in it
driver         how every phantom is made
chest/         NIH ChestX-ray14
head/          RSNA 2019 intracranial haemorrhage
lumbar/        RSNA 2024 lumbar spine
pneumonia/     RSNA 2018 pneumonia
radiograph/    the radiographs of both chest phantoms
shared/        what several phantoms do the same way
"""
