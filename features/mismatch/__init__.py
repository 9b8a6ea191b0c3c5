"""Mismatch: an order against its own arithmetic and against the merchant's record of it."""
