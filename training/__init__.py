"""Learn: how we get a better model, and how we know that it is better."""
