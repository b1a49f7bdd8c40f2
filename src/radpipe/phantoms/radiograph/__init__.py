"""Chest radiographs, as two phantoms show them: the patients pictured, their bodies, signs and exposure."""
