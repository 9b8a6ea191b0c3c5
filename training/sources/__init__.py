"""Sources: a user's table becomes a canonical history through a mapping that is data."""
