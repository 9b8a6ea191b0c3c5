"""Predict: how likely each kind of refusal is."""
