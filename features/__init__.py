"""Know: what was known about an order at the moment it was to be sent."""
