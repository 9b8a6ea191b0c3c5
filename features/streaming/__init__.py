"""Builds the features of a history that is larger than memory, by entity partitions on disk."""
