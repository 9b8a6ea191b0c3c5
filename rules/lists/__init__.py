"""Block, allow and exempt lists by name: what they hold, how they are kept, how they are asked."""
