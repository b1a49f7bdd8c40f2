"""What the competitions count, as pure functions; by name, where predictions are enough to compute it."""
