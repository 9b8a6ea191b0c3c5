"""A payment channel that behaves badly on purpose, over one neutral JSON protocol."""
