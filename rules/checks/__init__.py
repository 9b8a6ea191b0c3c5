"""Facts about an order that only its channel's pack can tell; see `rules.pack_facts`."""
