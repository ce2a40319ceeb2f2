"""What every kind of job shares: claims, attempts, states and the events that tell them."""
