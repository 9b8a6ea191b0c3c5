"""A merchant's world with ground truth: every refusal has a known cause."""
