"""Engines: one bound book in, one verdict out, whatever evaluates it."""
