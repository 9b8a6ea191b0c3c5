"""Answer: how a caller gets the decision."""
