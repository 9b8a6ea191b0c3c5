"""Checks a merchant's integration settings against a channel pack, before the first order."""
