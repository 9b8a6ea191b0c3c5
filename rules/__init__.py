"""Decide: what we advise about an order, and why."""
