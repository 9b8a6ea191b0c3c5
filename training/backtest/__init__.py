"""Replays a history under two settings and says what would have changed, and for whom."""
