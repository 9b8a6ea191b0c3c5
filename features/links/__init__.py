"""Counts of the entities that an order's own is linked with: `reach` and `near`.

`rescan` defines the values; `live` and `columnar` compute the same ones, fast.
"""
