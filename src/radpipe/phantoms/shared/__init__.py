"""What all phantoms do alike: draw evidence and truth, choose a population, plant oddities, paint, write."""
