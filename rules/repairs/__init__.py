"""Repairs: JSON Patches that put a merchant's mistake right; judged again before being offered."""
