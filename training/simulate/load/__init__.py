"""Plays a history against the service and a channel, and says what the advice was worth."""
